"""Numbers of things are said by ``amounts.counted``, which knows that one is one.

What a program can see without taking anything else for it: a number with thousands separated, or a ``len(…)``, in front
of a word in the plural. A constant in capital letters is never one.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise, takewhile
from pathlib import Path

import pytest

from tests.architecture.test_house import MODULES, REPOSITORY, SOURCES

TEMPLATES = sorted(file for source in SOURCES for file in source.rglob("*.j2"))

_BETWEEN = frozenset(
    ["a", "an", "and", "as", "at", "by", "does", "for", "from", "has", "in", "is", "of", "on", "or", "to", "was",
     "with"]
)  # fmt: skip
"""Words after which no noun of the number comes."""
_PLURAL = re.compile(r"[a-z]+[^sui\W]s")
_NOUN_AFTER = 3
"""Words that are looked at after a number: two adjectives and a noun."""
_COUNT_IN_TEMPLATE = re.compile(r"\{\{[^{}]*(?:\|\s*whole|\|\s*length|\bcount\b)[^{}|]*\}\}(?P<after>[^{}<]*)")


def begins_with_plural(text: str) -> bool:
    """Whether a text goes on behind a number with a noun in the plural."""
    if not text.startswith(" "):
        return False
    words = takewhile(lambda word: word.rstrip(".,:;") not in _BETWEEN, text.split()[:_NOUN_AFTER])
    return any(_PLURAL.fullmatch(word.rstrip(".,:;")) for word in words)


def hand_made(source: str) -> list[int]:
    """The lines of a module where a plural is made by hand."""
    texts = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr))
    pairs = (pair for text in texts for pair in pairwise(text.values))
    return sorted(number.lineno for number, after in pairs if _is_count(number) and begins_with_plural(_text(after)))


def _is_count(node: ast.expr) -> bool:
    if not isinstance(node, ast.FormattedValue):
        return False
    form = ast.unparse(node.format_spec) if node.format_spec else ""
    called = node.value.func if isinstance(node.value, ast.Call) else None
    named = ast.unparse(node.value).rpartition(".")[2]
    return (form == "f','" or (isinstance(called, ast.Name) and called.id == "len")) and not named.isupper()


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def hand_made_in_template(source: str) -> Iterator[int]:
    """The lines of a template where a plural is made by hand."""
    for number, line in enumerate(source.splitlines(), 1):
        if any(begins_with_plural(found["after"]) for found in _COUNT_IN_TEMPLATE.finditer(line)):
            yield number


def test_no_module_makes_a_plural_by_hand() -> None:
    found = {_name(file): hand_made(file.read_text(encoding="utf-8")) for file in MODULES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_template_makes_a_plural_by_hand() -> None:
    found = {_name(file): list(hand_made_in_template(file.read_text(encoding="utf-8"))) for file in TEMPLATES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def _name(file: Path) -> str:
    return str(file.relative_to(REPOSITORY))


def test_there_are_files_to_judge() -> None:
    assert len(MODULES) > 200
    assert TEMPLATES


@pytest.mark.parametrize(
    "text",
    [
        "f'{count:,} days'", "f'{len(rows)} rows were read'", "f'{report.events:,} new events; {seconds:.1f} s'",
        "f'{row[\"touches\"]:,} eligible touches share it'", "f'{a:,} new cost rows.'",
    ],
)  # fmt: skip
def test_a_plural_that_is_made_by_hand_is_seen(text: str) -> None:
    assert hand_made(f"x = 1\nsaid = {text}") == [2]


@pytest.mark.parametrize(
    "text",
    [
        "f'{counted(count, \"day\")} of rows'", "f'{MAX_BYTES:,} bytes'", "f'{store.MOST_ROWS:,} rows'",
        "f'{seconds:.1f} seconds'", "f'{name} lacks rows'", "f'{count:,} with costs'", "f'{part:,} of all things'",
        "f'{count:,} has its status'", "f'{count:,}s'", "f'{count:,} less'",
    ],
)  # fmt: skip
def test_what_is_none_is_let_pass(text: str) -> None:
    assert hand_made(f"said = {text}") == []


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("{{ rows | length }} rows", [1]), ("{{ found.count - 8 }} more findings", [1]), ("{{ a | whole }} people", []),
        ('{{ rows | length | counted("row") }} of rows', []), ("<td>{{ a | whole }}</td><td>rows</td>", []),
        ("{{ row.conversions | money }} costs", []),
    ],
)  # fmt: skip
def test_a_plural_in_a_template_is_seen(line: str, lines: list[int]) -> None:
    assert list(hand_made_in_template(line)) == lines

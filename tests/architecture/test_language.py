"""The language of the product is plain American English: phrases that no native engineer writes are refused.

Prose is what people read: pages, comments, docstrings, messages. Code in backticks and in blocks is left out.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_documentation import PAGES
from tests.architecture.test_house import REPOSITORY, SOURCES

INSTEAD = {
    r"anew": "again, from scratch",
    r"(?:comes?|came|coming) of": "comes from, results from, is derived from",
    r"by (?:itself|themselves)": "automatically, alone, separately",
    r"whoever": "anyone who, the caller, the user",
    r"that which": "what, the one that",
    r"(?:tells?|told) of": "reports, shows, describes",
    r"for good": "permanently",
    r"so many": "this many, N, the number of",
    r"beside": "next to, in addition to, with",
    r"mend(?:s|ed|ing)?": "fix, repair",
    r"noticed": "detected",
    r"(?:is|are|was|were) asked for": "is requested",
    r"who else was looked at": "alternatives considered",
}
"""What is refused, whatever its case, and what to write instead."""

_REFUSED = re.compile(
    r"\b(?:" + "|".join(f"(?P<p{number}>{phrase})" for number, phrase in enumerate(INSTEAD)) + r")\b", re.IGNORECASE
)
_CODE = re.compile(r"``[^`]*``|`[^`]*`|\{[^{}]*\}|:param \w+:")
_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_LINE_COMMENT = {".sql": "--", ".js": "//", ".toml": "#"}

_HISTORY = {"CHANGELOG.md"}
_NOT_YET = ("src/touchline/sessions",)
"""Not rewritten yet; nothing may be added here."""

TEXTS = sorted(
    file
    for file in {
        *PAGES,
        *(file for source in SOURCES for file in source.rglob("*") if file.suffix in {".py", ".j2", *_LINE_COMMENT}),
    }
    if file.name not in _HISTORY and not str(file.relative_to(REPOSITORY)).startswith(_NOT_YET)
)


def of_python(text: str) -> Iterator[tuple[int, str]]:
    """The comments and strings of a module, line by line; a string of one word is code."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and " " in token.string):
            yield from enumerate(token.string.splitlines(), token.start[0])


def prose(suffix: str, text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file that people read, with their numbers."""
    if suffix == ".py":
        yield from of_python(text)
    elif mark := _LINE_COMMENT.get(suffix):
        yield from ((number, line.partition(mark)[2]) for number, line in enumerate(text.splitlines(), 1))
    else:
        without_blocks = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
        yield from enumerate(without_blocks.splitlines(), 1)


def refused(suffix: str, text: str) -> list[str]:
    """Where a refused phrase occurs, and what to write instead."""
    advice = list(INSTEAD.values())
    return [
        f"{number}: {found[0]!r}: write {advice[int((found.lastgroup or 'p0')[1:])]}"
        for number, line in prose(suffix, text)
        for found in _REFUSED.finditer(_CODE.sub(" ", line))
    ]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_language_is_plain(file: Path) -> None:
    assert refused(file.suffix, file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("suffix", "text", "lines"),
    [
        (".md", "Made anew.\n```sh\nanew\n```\n`anew`\nWhoever", ["1", "6"]),
        (".py", 'x = "anew"\nanew = 1  # not anew\n"""One\nthat comes of it"""\nsay(f"{anew} rows")\n', ["2", "4"]),
        (".sql", "-- told of\nselect anew", ["1"]),
        (".js", "anew() // by itself", ["1"]),
        (".md", "Besides, a remnant recommends it; it tells a tale.", []),
    ],
)
def test_prose_is_told_from_code(suffix: str, text: str, lines: list[str]) -> None:
    assert [found.partition(":")[0] for found in refused(suffix, text)] == lines


def test_the_advice_is_the_phrase_s_own() -> None:
    assert refused(".md", "It comes of age.") == ["1: 'comes of': write comes from, results from, is derived from"]


def test_texts_of_every_kind_are_read() -> None:
    assert {file.suffix for file in TEXTS} >= {".md", ".py", ".sql", ".js", ".j2"}
    assert REPOSITORY / "README.md" in TEXTS

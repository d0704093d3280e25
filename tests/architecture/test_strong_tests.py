"""Tests that cannot fail are refused, where a program can see it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = sorted((*(REPOSITORY / "tests").rglob("test_*.py"), *(REPOSITORY / "packages").rglob("tests/**/test_*.py")))


def weaknesses(source: str) -> list[str]:
    r"""What is weak in a file of tests, by line.

    >>> weaknesses("def test_x():\n    assert f(1) == f(1)")
    ['2: both sides are the same expression']
    """
    tree = ast.parse(source)
    found = {*_of_assertions(tree), *_of_raises(tree), *_of_tests(tree), *_of_constants(tree), *_of_dropped_words(tree)}
    return [f"{line}: {why}" for line, why in sorted({*found, *_of_pauses(tree, source.splitlines())})]


def _of_assertions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assert):
            continue
        test = node.test
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq | ast.Is | ast.LtE | ast.GtE):
            sides = {ast.dump(side) for side in (test.left, *test.comparators)}
            if len(sides) == 1:
                yield node.lineno, "both sides are the same expression"
        is_membership = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In)
        if is_membership and ast.unparse(test).endswith((" in {True, False}", " in (True, False)")):
            yield node.lineno, "either answer will do"
        if isinstance(test, ast.Call) and ast.unparse(test.func) == "all":
            yield node.lineno, "all() of nothing holds: compare lists, or use tests.quantifiers.each"
        if isinstance(test, ast.Constant) and test.value:
            yield node.lineno, "a constant is true"


def _of_raises(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.raises" and node.args:
            is_any = ast.unparse(node.args[0]) in {"Exception", "BaseException"}
            if is_any and not any(word.arg == "match" for word in node.keywords):
                yield node.lineno, "any failure will do: name it, or match its words"


def _of_tests(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
            continue
        if not any(map(_is_judging, ast.walk(node))):
            yield node.lineno, "nothing is asserted"


def _of_constants(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Tests that are tried with each entry of a table of the product's, and look into the same table for the answer."""
    tables = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PRODUCT)
        for name in node.names
        if name.name.isupper()
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            tried = {name for decorator in node.decorator_list for name in _names_in(decorator)}
            judging = {name for statement in node.body for name in _names_in(statement)}
            for name in sorted(tables & tried & judging):
                yield node.lineno, f"{name} is tried and judges: write down what is expected"


def _names_in(tree: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _of_dropped_words(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith("refused("):
            yield node.lineno, "a command is refused in any words: look at them"


def _of_pauses(tree: ast.AST, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Pauses of a fixed length outside of a loop that looks again: too short on a slow machine, too long on others."""
    looking = {id(inner) for node in ast.walk(tree) if isinstance(node, _LOOPS) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {"time.sleep", "asyncio.sleep"}:
            continue
        seconds = node.args[0] if node.args else None
        is_fixed = isinstance(seconds, ast.Constant) and 0 < float(str(seconds.value)) < _FOREVER
        if is_fixed and id(node) not in looking and "# on purpose: " not in lines[node.lineno - 1]:
            yield node.lineno, "a fixed pause decides: wait until it is so"


def _is_judging(node: ast.AST) -> bool:
    """Whether it fails where something is wrong: an assertion, or a helper that is named for it."""
    if isinstance(node, ast.Assert) or (isinstance(node, ast.Raise) and "AssertionError" in ast.unparse(node)):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in {"raises", "fail"} or name.startswith(_JUDGES)


_PRODUCT = ("touchline", "attribution_campaign_context")
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_FOREVER = 60
"""Seconds: whoever pauses for so long stands for somebody who never comes, and is broken off."""
_JUDGES = ("follow", "is_refused", "live", "refused", "wait_until")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_a_file_of_tests_can_fail(file: Path) -> None:
    assert weaknesses(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "body",
    [
        "assert f(1) == f(1)", "assert x in {True, False}", "assert all(one for one in found)", "f()", "assert True",
        "with pytest.raises(BaseException):\n        f()",
    ],
)  # fmt: skip
def test_what_cannot_fail_is_seen(body: str) -> None:
    assert len(weaknesses(f"def test_it():\n    {body}\n")) >= 1


@pytest.mark.parametrize(
    ("source", "is_weak"),
    [
        (
            "from touchline.tables import ALL\n@pytest.mark.parametrize('x', ALL)\ndef test_it(x):\n    assert ALL[x]",
            True,
        ),
        (
            "from touchline.tables import ALL\n@pytest.mark.parametrize('x', ALL)\ndef test_it(x):\n    assert f(x)",
            False,
        ),
        ("def test_it():\n    refused(1, 'run')\n    assert x", True),
        ("def test_it():\n    assert 'run' in refused(1, 'run')", False),
        ("def test_it():\n    time.sleep(0.1)\n    assert x", True),
        ("def test_it():\n    while not x:\n        time.sleep(0.1)\n    assert x", False),
        ("async def test_it():\n    await asyncio.sleep(0.1)  # on purpose: both work at once\n    assert x", False),
        ("async def test_it():\n    await asyncio.sleep(0)\n    assert x", False),
    ],
)
def test_tables_words_and_pauses_are_seen(source: str, is_weak: bool) -> None:
    assert bool(weaknesses(source)) is is_weak


def test_there_are_files_to_judge() -> None:
    assert len(FILES) > 150

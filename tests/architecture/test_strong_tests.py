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
    return [f"{line}: {why}" for line, why in sorted({*_of_assertions(tree), *_of_raises(tree), *_of_tests(tree)})]


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


def _is_judging(node: ast.AST) -> bool:
    """Whether it fails where something is wrong: an assertion, or a helper that is named for it."""
    if isinstance(node, ast.Assert) or (isinstance(node, ast.Raise) and "AssertionError" in ast.unparse(node)):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in {"raises", "fail"} or name.startswith(_JUDGES)


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


def test_there_are_files_to_judge() -> None:
    assert len(FILES) > 150

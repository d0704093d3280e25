"""The table of what the capture library conforms to names tests that are there."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "reference" / "capture-conformance.md"
OWN = REPOSITORY / "packages" / "attribution-campaign-context" / "tests"
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split(" | "))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| requirement")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_requirement_is_answered_by_tests_that_are_there(row: tuple[str, ...]) -> None:
    _, status, how, named = row
    assert status in {"met", "partly", "out of scope"}
    assert how
    tests = re.findall(r"`([^`:]+)::(\w+)`", named)
    assert (status == "out of scope") == (named == "—")
    assert bool(tests) == (named != "—")
    for file, name in tests:
        path = (REPOSITORY if "/" in file else OWN) / file
        assert name in {
            node.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
        }


def test_table_is_whole() -> None:
    assert len(ROWS) > 30
    assert {row[1] for row in ROWS} == {"met", "partly", "out of scope"}


def test_what_is_met_by_a_page_is_on_it() -> None:
    policy = (REPOSITORY / "docs" / "howto" / "capture-policy.md").read_text(encoding="utf-8")
    assert "**Redirects and caches.**" in policy
    assert "**Single-page apps.**" in policy
    assert "uploads nothing to ad platforms" in PAGE.read_text(encoding="utf-8")

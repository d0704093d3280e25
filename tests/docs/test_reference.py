"""The reference is what the code says: every option, setting, column, command, path and schema, word for word."""

import sys

import pytest

from scripts.docs import PAGES, REFERENCE


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes here changes for those who read it, and for programs that are made from it."""
    monkeypatch.setattr(sys, "argv", ["docs.py"])  # the help of a command names the program
    assert PAGES[name]().rstrip() + "\n" == (REFERENCE / name).read_text(encoding="utf-8"), "run `make docs`"


def test_no_page_is_left_of_what_is_written_no_more() -> None:
    written_by_hand = {"capture-conformance.md"}
    assert {file.name for file in REFERENCE.iterdir()} - written_by_hand == PAGES.keys()

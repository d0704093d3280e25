"""Every error has an exit code of its own, and the code is documented."""

import inspect
import re
from pathlib import Path

import pytest

from tests.quantifiers import each
from touchline import errors
from touchline.errors import InputError, MappingError, TouchlineError

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, TouchlineError)]


def test_exit_codes_are_unique_and_neither_success_nor_a_shells_own() -> None:
    codes = [kind.exit_code for kind in ERRORS]
    assert len(set(codes)) == len(codes) >= 8
    assert each(0 < code < 64 for code in codes)
    assert each("exit_code" in vars(kind) for kind in ERRORS)


def test_exit_codes_are_documented_with_their_meaning(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.+) \|$", page, flags=re.MULTILINE)
    documented = {(int(code), name): meaning for code, name, meaning in rows}
    assert documented.keys() == {(kind.exit_code, kind.__name__) for kind in ERRORS}
    for kind in ERRORS:
        assert documented[kind.exit_code, kind.__name__] == (inspect.getdoc(kind) or "").replace("``", "`")


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = dict(re.findall(r"(\w+Error) +(\d+) ", inspect.getdoc(errors) or ""))
    assert {name: int(code) for name, code in drawn.items()} == {kind.__name__: kind.exit_code for kind in ERRORS}
    assert issubclass(MappingError, InputError)


@pytest.mark.parametrize(("hint", "text"), [("Do that.", "It broke. Do that."), ("", "It broke.")])
def test_an_error_says_what_is_wrong_and_then_what_to_do(hint: str, text: str) -> None:
    error = TouchlineError("It broke.", hint)
    assert (str(error), error.message, error.hint) == (text, "It broke.", hint)

"""The list of mutants that do the same goes stale loudly."""

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.mutation import equivalents
from tests.mutation.equivalents import Equivalent
from tests.mutation.mutant import Mutant
from tests.mutation.sampling import all_of

TEXT = "limit = 3\nis_late = day > limit\n"
REASON = "reason = ''"


@pytest.fixture
def mutant(tmp_path: Path) -> Mutant:
    (tmp_path / "late.py").write_text(TEXT, encoding="utf-8")
    return next(one for one in all_of(tmp_path, "late.py") if one.edit.operator == "comparison")


def listed(tmp_path: Path, text: str) -> list[Equivalent]:
    file = tmp_path / "list.toml"
    file.write_text(text, encoding="utf-8")
    return equivalents.read(file)


def test_no_entry_of_the_list_is_stale() -> None:
    found = equivalents.mutants_of(equivalents.read(), REPOSITORY)
    assert [one for one, mutant in found.items() if mutant is None] == []


def test_an_entry_finds_its_mutant_wherever_the_line_has_moved(mutant: Mutant, tmp_path: Path) -> None:
    [entry] = listed(tmp_path, equivalents.entry(mutant).replace(REASON, "reason = 'No day is a limit.'"))
    (tmp_path / "late.py").write_text("# One more line.\n" + TEXT, encoding="utf-8")
    found = equivalents.mutants_of([entry], tmp_path)[entry]
    assert found is not None
    assert (found.line, found.diff().splitlines()[-1]) == (3, "+is_late = day <= limit")


@pytest.mark.parametrize("text", ["limit = 3\nis_late = day > limit + 1\n", "limit = 3\n", None])
def test_an_entry_whose_line_is_gone_is_stale(mutant: Mutant, tmp_path: Path, text: str | None) -> None:
    [entry] = listed(tmp_path, equivalents.entry(mutant).replace(REASON, "reason = 'No day is a limit.'"))
    if text is None:
        (tmp_path / "late.py").unlink()
    else:
        (tmp_path / "late.py").write_text(text, encoding="utf-8")
    assert equivalents.mutants_of([entry], tmp_path) == {entry: None}


def test_an_entry_without_a_reason_is_refused(mutant: Mutant, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="gives no reason"):
        listed(tmp_path, equivalents.entry(mutant))

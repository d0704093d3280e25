"""Every file that could be wrong belongs to an area, and every row of the table judges something."""

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.mutation import areas
from tests.mutation.areas import Areas, Row

TABLE = areas.read()
FILES = areas.source_files()


def test_every_file_belongs_to_an_area_or_decides_nothing() -> None:
    homeless = []
    for file in FILES:
        try:
            TABLE.row_of(file)
        except LookupError:
            homeless.append(file)
    assert FILES
    assert homeless == []


def test_every_row_judges_a_file() -> None:
    used = {TABLE.row_of(file) for file in FILES}
    assert [row.pattern for row in TABLE.rows if row not in used] == []


def test_every_exception_matches_a_file() -> None:
    unused = [
        pattern
        for pattern in TABLE.without_judgement
        if all(Areas((pattern,), (Row("", "*", ()),), {}).row_of(file) is not None for file in FILES)
    ]
    assert unused == []


def test_every_test_that_judges_is_there() -> None:
    named = {test for row in TABLE.rows for test in row.tests} | {law for laws in TABLE.laws.values() for law in laws}
    assert sorted(name for name in named if not (REPOSITORY / name).exists()) == []
    assert [row.pattern for row in TABLE.rows if not row.tests] == []


def test_the_tests_that_bear_a_files_name_and_read_it_judge_it() -> None:
    """A test module is written for a file long after the table was: it judges from then on."""
    left_out = []
    for file in (Path(name) for name in FILES if name.endswith(".py")):
        row = TABLE.row_of(file.as_posix())
        for module in () if row is None else (REPOSITORY / "tests").rglob(f"test_{file.stem}.py"):
            name = module.relative_to(REPOSITORY)
            reads = f"{file.parent.name}.{file.stem} import" in module.read_text(encoding="utf-8")
            if row and reads and not {str(name), *map(str, name.parents)} & {*row.tests}:
                left_out.append(f"{file}: {name}")
    assert left_out == []


def test_the_areas_are_those_of_the_bars() -> None:
    assert sorted(TABLE.laws) == [
        "capture", "erasure", "health", "jobs", "ledger", "reports", "rules", "scope", "server", "stages", "tracker",
        "waste",
    ]  # fmt: skip


def test_a_file_of_no_area_is_refused() -> None:
    with pytest.raises(LookupError, match=r"src/touchline/later\.py belongs to no area"):
        TABLE.row_of("src/touchline/later.py")


def test_the_first_row_decides() -> None:
    row = TABLE.row_of("src/touchline/ingest/erased.py")
    assert row is not None
    assert row.area == "erasure"

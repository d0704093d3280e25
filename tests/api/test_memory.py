"""``touchline.attribute`` keeps to ``TOUCHLINE_MEMORY``: it spills, or says in a line what to do."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.api.tables import START, conversions, days, touches
from touchline import attribute
from touchline.api import given
from touchline.engines import DuckDB
from touchline.errors import MemoryLimitError, UsageError
from touchline.memory import LEAST_BYTES, VARIABLE, Memory, available_bytes

TINY = Memory(40_000_000)
PERSONS = 60_000


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder and the current one; both are empty in the end."""
    for name in ("temporary", "current"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "current")
    yield tmp_path
    assert [path for folder in tmp_path.iterdir() for path in folder.iterdir()] == []


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The limits of the engines that are opened."""
    found: list[Any] = []

    class Observed(DuckDB):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            found.extend(self.select("select current_setting('memory_limit') as most")["most"].to_pylist())

    monkeypatch.setattr(given, "DuckDB", Observed)
    return found


@pytest.mark.parametrize(
    ("setting", "total_bytes"), [("400MB", LEAST_BYTES), ("", available_bytes() // 2)], ids=["set", "half by default"]
)
def test_the_engine_has_the_share_of_the_setting(
    limits: list[str], monkeypatch: pytest.MonkeyPatch, setting: str, total_bytes: int
) -> None:
    monkeypatch.setenv(VARIABLE, setting)
    assert attribute(touches(*days(0, 1)), conversions(*days(3))).num_rows == 2 * 5
    assert limits == shown(total_bytes)


def shown(total_bytes: int) -> list[Any]:
    engine = DuckDB(memory=Memory(total_bytes))
    try:
        return list(engine.select("select current_setting('memory_limit') as most")["most"].to_pylist())
    finally:
        engine.close()


def test_no_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "plenty")
    with pytest.raises(UsageError, match="TOUCHLINE_MEMORY is 'plenty'"):
        attribute(touches(*days(0)), conversions(*days(1)))


def test_what_does_not_fit_is_refused_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "memory_from", lambda _text, _available: TINY)
    with pytest.raises(MemoryLimitError) as raised:
        attribute(*crowd())
    assert raised.value.message == "The engine ran out of the 40MB that TOUCHLINE_MEMORY allows."
    assert "TOUCHLINE_MEMORY" in raised.value.hint


def test_what_fits_is_the_same_at_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ordered(attribute(*crowd(4_000)))
    monkeypatch.setattr(given, "memory_from", lambda _text, _available: Memory(100_000_000))
    assert ordered(attribute(*crowd(4_000))) == expected


def test_it_works_where_no_folder_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(given, "TemporaryDirectory", refused)
    assert attribute(touches(*days(0, 1)), conversions(*days(3)), models=["LINEAR"]).num_rows == 2


def ordered(links: pa.Table) -> pa.Table:
    return links.sort_by([(name, "ascending") for name in ("conversion_id", "model", "position")])


def crowd(persons: int = PERSONS) -> tuple[pa.Table, pa.Table]:
    """Persons with twenty touches and an order each."""
    names = pa.array([f"person-{number}" for number in range(persons)], pa.string())
    repeated = pa.array(np.repeat(np.arange(persons), 20))
    at = np.datetime64(START, "us") + np.tile(np.arange(20), persons) * np.timedelta64(1, "h")
    ends = pa.array(np.full(persons, np.datetime64(START, "us") + np.timedelta64(2, "D")))
    channels = pa.array(np.tile(np.array(["Email", "Direct", "Paid Search", "Referral"]), 5 * persons))
    return (
        pa.table({"person_id": names.take(repeated), "occurred_at": pa.array(at), "channel": channels}),
        pa.table({"person_id": names, "conversion_id": names, "occurred_at": ends}),
    )

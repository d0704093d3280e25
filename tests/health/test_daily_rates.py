"""Which days are held against locked limits, and which against those of their own series."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from touchline.engines.duckdb import DuckDB
from touchline.sql import query
from touchline.tables import FIT_VALUES, FITS, HEALTH_MEASURES

FIT = {
    "fit_id": "f", "organization_id": "o", "kind": "PROCESS_LIMITS", "version": 1,
    "window_start": date(2026, 1, 1), "window_end": date(2026, 1, 31),
    "serves_from": date(2026, 2, 10), "serves_until": date(2026, 2, 20),
}  # fmt: skip
LIMITS = {"centre": 0.5, "lower_limit": 0.4, "upper_limit": 0.6}


def measured(
    day: int, *, organization: str = "o", site: str = "s", measure: str = "a_rate", channel: str = "", goal: str = ""
) -> dict[str, object]:
    """A day of February on which 5 of 10 were counted."""
    return {
        "organization_id": organization, "site_id": site, "channel": channel, "goal": goal, "platform": "",
        "period": date(2026, 2, day), "measure": measure, "numerator": 5, "denominator": 10,
    }  # fmt: skip


def rates_of(folder: Path, rows: Sequence[dict[str, object]], **fit: object) -> list[dict[str, Any]]:
    """The days' rates, of which a fit may serve some."""
    values = [
        {"fit_id": "f", "site_id": "s", "name": "a_rate", "statistic": name, "value": LIMITS[name]} for name in LIMITS
    ]
    engine = DuckDB(folder / "engine.duckdb")
    try:
        for table, given in ((HEALTH_MEASURES, rows), (FITS, [FIT | fit]), (FIT_VALUES, values)):
            engine.create(table)
            engine.append(table, pa.Table.from_pylist(list(given)))
        found = engine.select(query("touchline.health", "daily_rates").text).to_pylist()
    finally:
        engine.close()
    return list(found)


def fits_of(folder: Path, rows: Sequence[dict[str, object]], **fit: object) -> list[tuple[object, ...]]:
    """The fit and limits that each row is given."""
    found = rates_of(folder, rows, **fit)
    return [(row["fit_id"], row["centre"], row["lower_limit"], row["upper_limit"]) for row in found]


LOCKED, OWN = ("f", 0.5, 0.4, 0.6), ("", None, None, None)


@pytest.mark.parametrize(("day", "expected"), [(9, OWN), (10, LOCKED), (15, LOCKED), (20, LOCKED), (21, OWN)])
def test_a_fit_serves_its_days_and_no_others(tmp_path: Path, day: int, expected: object) -> None:
    assert fits_of(tmp_path, [measured(day)]) == [expected]


@pytest.mark.parametrize("other", [{"organization": "p"}, {"site": "t"}, {"measure": "b_rate"}], ids=str)
def test_a_fit_serves_its_own_series_alone(tmp_path: Path, other: dict[str, str]) -> None:
    assert fits_of(tmp_path, [measured(15, **other)]) == [OWN]


def test_a_fit_of_another_kind_locks_nothing(tmp_path: Path) -> None:
    assert fits_of(tmp_path, [measured(15)], kind="MARKOV") == [OWN]


def test_days_come_in_the_order_of_their_series(tmp_path: Path) -> None:
    rows = [measured(day, site=site) for day, site in ((12, "t"), (21, "s"), (11, "t"), (15, "s"), (9, "s"))]
    assert fits_of(tmp_path, rows) == [OWN, LOCKED, OWN, OWN, OWN]


def test_goals_and_channels_of_a_day_are_one_rate(tmp_path: Path) -> None:
    parts = [measured(15), measured(15, channel="Email"), measured(15, goal="lead"), measured(16, channel="Email")]
    found = rates_of(tmp_path, parts)
    assert [(row["channel"], row["period"].day, row["numerator"], row["denominator"]) for row in found] == [
        ("", 15, 15, 30), ("", 16, 5, 10),
    ]  # fmt: skip

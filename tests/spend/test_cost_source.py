"""Costs that a program gives: whatever Python libraries yield is read as rows, or refused by name."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import touchline as tl
from touchline.errors import InputError, UsageError
from touchline.jobs import setup
from touchline.jobs.importing import OverlapError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home
from touchline.spend import AdCost, CostFile, Reading, RejectedCost, cost_file_of, costs_from_rows, read_file
from touchline.spend.options import options_of

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def row(number: int) -> dict[str, object]:
    return {"date": date(2026, 3, number), "platform": "META", "campaign_id": str(number), "cost": float(number)}


class Resource:
    """Yields what an extracted resource of dlt yields: mappings, pages of them, and tables; it can be read once."""

    def __init__(self) -> None:
        table = pa.Table.from_pylist([row(4), row(5)])
        self._items = iter([row(1), [row(2), row(3)], table, table.slice(0, 0), pa.RecordBatch.from_pylist([row(6)])])

    def __iter__(self) -> Iterator[object]:
        return self._items


@pytest.mark.parametrize(
    "given",
    [
        pa.Table.from_pylist([row(1), row(2)]),
        duckdb.from_arrow(pa.Table.from_pylist([row(1), row(2)])),
        [row(1), row(2)], (one for one in (row(1), row(2))), [[[row(1)], []], row(2)],
    ],
    ids=["arrow", "duckdb", "list", "generator", "nested"],
)  # fmt: skip
def test_rows_in_any_shape_are_the_same_file(given: object) -> None:
    content = cost_file_of(costs_from_rows(given, name="ads")).content
    assert content == cost_file_of(costs_from_rows([row(1), row(2)], name="ads")).content
    assert content.count(b"\n") == 2


@pytest.mark.parametrize(("given", "said"), [(7, "int 7"), ([row(1), "x"], "str 'x'"), ([None], "NoneType None")])
def test_what_is_no_row_is_refused_by_its_name(given: object, said: str) -> None:
    with pytest.raises(InputError, match=f"ads: expected rows as mappings, or tables, not {said}"):
        list(costs_from_rows(given, name="ads").rows())


@pytest.mark.parametrize(
    ("written", "zone", "day"),
    [
        (datetime(2026, 3, 8), None, 8), (datetime(2026, 3, 8, tzinfo=UTC), None, 8),  # noqa: DTZ001 - as libraries give
        ("2026-03-08 00:00:00", None, 8), ("2026-03-08T23:30:00Z", "Europe/Berlin", 9),
        ("2026-03-08T00:00:00+00:00", "America/New_York", 7), ("2026-03-08T05:00:00", None, None),
        ("08.03.2026 00:00", None, None),
    ],
)  # fmt: skip
def test_a_moment_is_of_the_day_that_begins_then_or_that_the_zone_says(
    written: object, zone: str | None, day: int | None
) -> None:
    source = costs_from_rows([row(1) | {"date": written, "_dlt_id": "x", "_airbyte_meta": None}], name="ads")
    file = cost_file_of(source, options_of((), time_zone=zone))
    ((_, read),) = read_file(file, Reading("EUR", date(2026, 12, 31))).rows
    if day is None:
        assert isinstance(read, RejectedCost)
        assert (read.reason, read.field) == ("wrong_type", "date")
    else:
        assert isinstance(read, AdCost)
        assert read.cost_date == date(2026, 3, day)


def test_a_loaders_own_columns_do_not_matter_and_others_do() -> None:
    table = b"date,platform,cost,_dlt_load_id,_fivetran_synced%s\n2026-03-08,META,1.5,1,2%s\n"
    reading = Reading("EUR", date(2026, 12, 31))
    rows = read_file(CostFile(Path("ads.csv"), table % (b"", b"")), reading).rows
    assert [one.spend_micros for _, one in rows if isinstance(one, AdCost)] == [1_500_000]
    for unknown in (b"_cost_eur", b"tax"):
        with pytest.raises(InputError, match=f"unknown .*{unknown.decode()}"):
            read_file(CostFile(Path("ads.csv"), table % (b"," + unknown, b",3")), reading)


class Day(date):
    """As pendulum and other libraries derive their own."""


class Moment(datetime):
    """Likewise; so is ``pandas.Timestamp``."""


class NoTime(datetime):
    """As ``pandas.NaT`` prints."""

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return f"Na{sep}"[: len(timespec)]


class Nothing:
    """As ``pandas.NA`` prints."""

    def __repr__(self) -> str:
        return "<NA>"


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (Day(2026, 3, 8), "2026-03-08"), (Moment(2026, 3, 8, tzinfo=UTC), "2026-03-08T00:00:00+00:00"),
        (Moment(2026, 3, 8), "2026-03-08T00:00:00"), (np.datetime64("2026-03-08"), "2026-03-08"),
        (NoTime(1, 1, 1), None), (Nothing(), None), (np.datetime64("NaT"), None), (np.float64("nan"), None),
        (np.float64(1.5), 1.5), (np.int32(3), 3), (np.str_("x"), "x"), (Text("y"), "y"),
    ],
)  # fmt: skip
def test_values_of_other_libraries_are_those_of_python(given: object, written: object) -> None:
    content = cost_file_of(costs_from_rows([{"date": given}], name="ads")).content
    assert json.loads(content) == {"date": written}


def test_a_value_that_is_no_text_number_or_date_is_refused_by_its_column() -> None:
    with pytest.raises(InputError, match=r"ads: row 2 cannot be read: cost: .*object.* is of type object"):
        cost_file_of(costs_from_rows([row(1), {"platform": "META", "cost": object()}], name="ads"))


def test_a_program_brings_costs_into_a_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    setup.init(Home(home), name="Shop", domain="shop.example", currency="EUR", time_zone="UTC", now=0)
    with pytest.raises(UsageError, match=r"Costs have no option 'colour'\. Options are: date, spread, currency"):
        tl.import_costs([], source="ads", home=home, colour="red")
    report = tl.import_costs(Resource(), source="ads", home=home, account="act_9", now=NOW)
    assert (report.accepted, report.rejected) == (6, {})
    assert tl.import_costs([row(2)], source="ads", home=home, account="act_9", now=NOW).replaced_days == 1
    with pytest.raises(OverlapError, match="source ads"):
        tl.import_costs([row(2)], source="other", home=home, account="act_9", now=NOW)
    bare = {"campaign_id": "7", "cost": "1.5"}
    tl.import_costs([bare], source="ads", home=home, platform="pinterest", date=date(2026, 3, 7), now=NOW)
    with Workspace(Home(home)) as workspace:
        kept = workspace.ledger.rows(schema.AD_COST_ROWS)
    assert {(one["account_id"], one["platform"]) for one in kept} == {("act_9", "META"), ("", "PINTEREST")}
    assert len(kept) == 8

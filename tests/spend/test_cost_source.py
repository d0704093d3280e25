"""Costs that a program gives: whatever Python libraries yield is read as rows, or refused by name."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import touchline as tl
from touchline.errors import InputError, UsageError
from touchline.jobs import setup
from touchline.jobs.importing import OverlapError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home
from touchline.spend import cost_file_of, costs_from_rows

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

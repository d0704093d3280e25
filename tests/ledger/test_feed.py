"""What the engine is told: every committed row once, in the declared types, however much of it is NULL."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.ledger.events import COLUMNS, event
from touchline.ledger import Ledger, feed, schema
from touchline.tables import COST_ROWS, TRACKING_EVENTS

DECLARED = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_(), "TIMESTAMP": pa.timestamp("us"),
    "DATE": pa.date32(),
}  # fmt: skip
NULLS = 100_000
"""More rows than the driver looks at before it settles a column's type."""
FULL = {column.name: column.name for column in TRACKING_EVENTS.columns if column.is_nullable} | {
    "value_micros": 2**53 - 1,
    "clock_corrected_seconds": -600,
    "occurred_at": 1_700_000_000_123_456,
}
COST = {
    "cost_date": "2024-02-29", "platform": "META", "account_id": "a", "campaign_id": "c", "campaign_name": "C",
    "adset_id": "", "adset_name": "", "ad_id": "", "ad_name": "", "currency": "EUR", "impressions": 10, "clicks": 2,
    "spend_micros": -5, "country": None, "region": "Bayern", "platform_conversion_micros": 1_500_000,
    "platform_value_micros": None, "spread_days": 3, "exchange_rate": "0.92",
    "reporting_micros": -4, "reporting_value_micros": 7,
}  # fmt: skip


def tell(ledger: Ledger, *rows: tuple[Any, ...]) -> None:
    with ledger.transaction() as entry:
        entry.add_events(COLUMNS, rows)


def load(ledger: Ledger, organization_id: str, *rows: dict[str, Any]) -> int:
    with ledger.transaction() as entry:
        number = entry.add(
            schema.AD_COST_LOADS, organization_id=organization_id, source="csv", file_name="c.csv", file_hash="",
            loaded_at=0, accepted=len(rows), rejected=0,
        )  # fmt: skip
        columns = ("load_number", *COST)
        entry.add_many(schema.AD_COST_ROWS, columns, [(number, *({**COST, **row}).values()) for row in rows])
    return number


def test_an_empty_ledger_has_the_declared_columns_and_no_rows(ledger: Ledger) -> None:
    for table, reader in ((TRACKING_EVENTS, ledger.events_after(0)), (COST_ROWS, ledger.cost_rows_after(0))):
        rows = reader.read_all()
        assert rows.num_rows == 0
        assert rows.schema == pa.schema([(column.name, DECLARED[column.kind]) for column in table.columns])


def test_types_hold_where_a_hundred_thousand_rows_are_null(ledger: Ledger) -> None:
    tell(ledger, *(event(f"n{number}") for number in range(NULLS)), event("full", **FULL))
    rows = ledger.events_after(0).read_all()
    assert rows.schema == pa.schema([(column.name, DECLARED[column.kind]) for column in TRACKING_EVENTS.columns])
    assert rows.num_rows == NULLS + 1
    assert rows["utm_source"].null_count == rows["value_micros"].null_count == NULLS
    last = rows.filter(pc.equal(rows["event_id"], "full")).to_pylist()[0]
    assert {name: last[name] for name in FULL if name != "occurred_at"} == {
        name: value for name, value in FULL.items() if name != "occurred_at"
    }
    assert last["occurred_at"].isoformat() == "2023-11-14T22:13:20.123456"
    assert (last["organization_id"], last["is_test"], last["sequence"]) == ("north", False, NULLS + 1)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
def test_no_row_is_lost_or_doubled_between_chunks(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(feed, "CHUNK", chunk)
    tell(ledger, *(event(f"e{number}", value_micros=number or None) for number in range(7)))
    batches = list(ledger.events_after(0))
    assert max(batch.num_rows for batch in batches) <= chunk
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert sorted((row["sequence"], row["event_id"], row["value_micros"]) for row in rows) == [
        (number + 1, f"e{number}", number or None) for number in range(7)
    ]


@pytest.mark.parametrize(("sequence", "expected"), [(0, [1, 2, 3]), (1, [2, 3]), (2, [3]), (3, []), (99, [])])
def test_events_come_strictly_after_the_sequence(ledger: Ledger, sequence: int, expected: list[int]) -> None:
    tell(ledger, event("a"), event("b", site_id="south.example"), event("c"))
    assert sorted(ledger.events_after(sequence).read_all()["sequence"].to_pylist()) == expected


def test_a_number_that_was_given_is_not_given_again(ledger: Ledger) -> None:
    tell(ledger, event("a"), event("b"))
    with ledger.transaction() as entry:
        entry.remove(schema.TRACKING_EVENTS, event_id="b")
    tell(ledger, event("c"))
    assert ledger.events_after(1).read_all()["sequence"].to_pylist() == [3]


def test_an_event_belongs_to_the_organization_of_its_site(ledger: Ledger) -> None:
    tell(ledger, event("a"), event("b", site_id="south.example"))
    found = {row["event_id"]: row["organization_id"] for row in ledger.events_after(0).read_all().to_pylist()}
    assert found == {"a": "north", "b": "south"}


def test_text_comes_back_as_it_went_in(ledger: Ledger) -> None:
    odd = ["'; drop table sites; --", "日本語 🛒", "line\nbreak\ttab", "x" * 100_000, '"quoted"']
    tell(ledger, *(event(f"e{number}", title=text, utm_campaign=text) for number, text in enumerate(odd)))
    assert sorted(ledger.events_after(0).read_all()["utm_campaign"].to_pylist()) == sorted(odd)


def test_costs_come_with_their_load_strictly_after_it(ledger: Ledger) -> None:
    first = load(ledger, "north", {}, {"ad_id": "ad"})
    second = load(ledger, "south", {"spend_micros": 7})
    assert [
        {name: row[name] for name in ("organization_id", "source", "load_number", "spend_micros")}
        for row in ledger.cost_rows_after(first).read_all().to_pylist()
    ] == [{"organization_id": "south", "source": "csv", "load_number": second, "spend_micros": 7}]
    rows = ledger.cost_rows_after(0).read_all()
    assert rows.num_rows == 3
    assert {str(day) for day in rows["cost_date"].to_pylist()} == {"2024-02-29"}
    assert rows["spend_micros"].to_pylist().count(-5) == 2


def test_what_another_connection_has_not_committed_is_not_told(ledger: Ledger) -> None:
    tell(ledger, event("a"))
    with ledger.transaction() as entry:
        entry.add_events(COLUMNS, [event("b")])
        assert ledger.events_after(0).read_all()["event_id"].to_pylist() == ["a"]
    assert sorted(ledger.events_after(0).read_all()["event_id"].to_pylist()) == ["a", "b"]


HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("pragma locking_mode = exclusive")
connection.execute("update erasures set identifier = identifier")
print("held", flush=True)
time.sleep(0.5)
connection.close()
"""


def test_a_reader_waits_for_whoever_has_the_file_to_itself(sqlite: Ledger, file: Path) -> None:
    """As a process does that recovers the log of one that was killed."""
    tell(sqlite, event("a"))
    sqlite.close()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert sqlite.events_after(0).read_all()["event_id"].to_pylist() == ["a"]
    assert holder.returncode == 0

"""Acknowledged means committed to the disk, once; whatever fails leaves nothing behind."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.events import COLUMNS, event
from touchline.errors import BusyError
from touchline.ledger import Appended, ClashError, Ledger, schema, store
from touchline.ledger.entry import Entry
from touchline.ledger.sqlite import PAGE_BYTES

TARGET = {"organization_id": "north", "platform": "META", "campaign_id": ""}


def added(ledger: Ledger, *rows: tuple[object, ...]) -> Appended:
    with ledger.transaction() as entry:
        return entry.add_events(COLUMNS, rows)


def test_only_the_owner_may_read_a_new_ledger(sqlite: Ledger, file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_new_file_has_pages_that_hold_several_events(sqlite: Ledger, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma page_size").fetchone() == (PAGE_BYTES,)


@pytest.mark.parametrize(("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_every_connection_commits_to_the_disk(sqlite: Ledger, pragma: str, expected: object) -> None:
    with sqlite._store.engine.connect() as first, sqlite._store.engine.connect() as second:
        found = [each.exec_driver_sql(f"pragma {pragma}").scalar() for each in (first, second)]
    assert found == [expected, expected]  # synchronous 2 is FULL


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%20b", "a'b", "ü"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with closing(Ledger.create(folder / "ledger.db")) as ledger:
        assert ledger.events_after(0).read_all().num_rows == 0
        assert ledger.damage() == ""
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (folder / "ledger.db").stat().st_size > 0


def test_an_event_is_added_once_and_the_first_one_stands(ledger: Ledger) -> None:
    assert added(ledger, event("e1"), event("e2")) == Appended(2, 0, 0)
    assert added(ledger, event("e1"), event("e2"), event("e3")) == Appended(1, 2, 0)
    assert added(ledger, event("e1", payload_hash="2", url="https://other.example/")) == Appended(0, 1, 1)
    rows = ledger.rows(schema.TRACKING_EVENTS)
    assert [(row["event_id"], row["payload_hash"]) for row in rows] == [("e1", "1"), ("e2", "1"), ("e3", "1")]


def test_an_id_repeated_in_one_batch_is_a_duplicate_too(ledger: Ledger) -> None:
    assert added(ledger, event("e1"), event("e1"), event("e2")) == Appended(2, 1, 0)
    assert added(ledger, event("e4"), event("e4", payload_hash="2")) == Appended(1, 1, 1)


def test_two_sites_may_use_one_id(ledger: Ledger) -> None:
    assert added(ledger, event("e1"), event("e1", site_id="south.example", payload_hash="2")) == Appended(2, 0, 0)


def test_conflicts_are_counted_by_site_and_past_one_statement(ledger: Ledger) -> None:
    """The search runs in parts of 500, and looks for sites and ids apart: e1 of one site is not e1 of the other."""
    sites = ["north.example", "south.example"]
    stand = [event(f"e{n}", site_id=site, payload_hash=site) for n in range(600) for site in sites]
    added(ledger, *stand)
    again = [event(f"e{n}", site_id=s, payload_hash="new" if n % 2 else s) for n in range(600) for s in sites]
    assert added(ledger, *again) == Appended(0, 1200, 600)


def test_no_events_are_no_work(ledger: Ledger) -> None:
    assert added(ledger) == Appended(0, 0, 0)


def test_columns_and_rows_agree_whatever_their_order(ledger: Ledger) -> None:
    """Events are tuples in the order of ``TrackingEvent``; the table has its own."""
    distinct: dict[str, Any] = {
        name: name
        for name in COLUMNS
        if name not in {
            "is_email_verified", "is_test", "is_verified", "value_micros", "occurred_at", "clock_corrected_seconds",
        }
    }  # fmt: skip
    row = event(**{**distinct, "received_at": 7, "occurred_at": 8, "value_micros": 9, "clock_corrected_seconds": 6})
    order = list(range(len(COLUMNS)))
    random.Random(4).shuffle(order)
    with ledger.transaction() as entry:
        entry.add_events([COLUMNS[i] for i in order], [tuple(row[i] for i in order)])
    found = dict(ledger.rows(schema.TRACKING_EVENTS)[0])
    assert found.pop("sequence") == 1
    assert found == dict(zip(COLUMNS, row, strict=True))
    assert {column.name for column in schema.TRACKING_EVENTS.columns} == {*COLUMNS, "sequence"}


def _raise(_entry: Entry) -> None:
    raise KeyboardInterrupt


def _clash(entry: Entry) -> None:
    entry.add(schema.ORGANIZATIONS, organization_id="north", name="again", currency="EUR", created_at=0)


def _orphan(entry: Entry) -> None:
    entry.add(
        schema.SITES, site_id="x", organization_id="nobody", name="x", domain="x.example", time_zone="UTC", created_at=0
    )


@pytest.mark.parametrize(
    ("failure", "error"), [(_raise, KeyboardInterrupt), (_clash, ClashError), (_orphan, ClashError)]
)
def test_a_failure_leaves_nothing(ledger: Ledger, failure: Callable[[Entry], None], error: type[BaseException]) -> None:
    with pytest.raises(error), ledger.transaction() as entry:  # noqa: PT012 - what came before has to go, too
        entry.add_events(COLUMNS, [event("e1")])
        entry.put(schema.TARGETS, **TARGET, target_cpa_micros=1, target_roas=None)
        failure(entry)
    assert ledger.rows(schema.TRACKING_EVENTS) == []
    assert ledger.rows(schema.TARGETS) == []
    assert added(ledger, event("e1")) == Appended(1, 0, 0)


def test_a_row_is_put_changed_counted_and_removed(ledger: Ledger) -> None:
    with ledger.transaction() as entry:
        entry.put(schema.TARGETS, **TARGET, target_cpa_micros=1, target_roas=None)
        entry.put(schema.TARGETS, **TARGET, target_cpa_micros=None, target_roas=2.5)
    assert ledger.rows(schema.TARGETS) == [{**TARGET, "target_cpa_micros": None, "target_roas": 2.5}]
    with ledger.transaction() as entry:
        assert entry.change(schema.TARGETS, {"platform": "META"}, target_roas=3.0) == 1
        assert entry.change(schema.TARGETS, {"platform": "BING"}, target_roas=4.0) == 0
    assert ledger.rows(schema.TARGETS, target_roas=3.0) == ledger.rows(schema.TARGETS)
    with ledger.transaction() as entry:
        assert entry.remove(schema.TARGETS, platform="BING") == 0
        assert entry.remove(schema.TARGETS, platform="META") == 1
    assert ledger.rows(schema.TARGETS) == []


def test_rows_come_by_key_and_counts_by_value(ledger: Ledger) -> None:
    added(ledger, *(event(name, type=kind) for name, kind in (("b", "CUSTOM"), ("a", "CUSTOM"), ("c", "PAGE_VIEW"))))
    assert ledger.counts(schema.TRACKING_EVENTS, "type") == {"CUSTOM": 2, "PAGE_VIEW": 1}
    assert [row["event_id"] for row in ledger.rows(schema.TRACKING_EVENTS, limit=2)] == ["b", "a"]
    assert [row["site_id"] for row in ledger.rows(schema.SITES)] == ["north.example", "south.example"]


@pytest.mark.parametrize("name", ["\0", "a\0", "\ud800"])
def test_what_no_database_keeps_is_no_rows_value(ledger: Ledger, name: str) -> None:
    assert ledger.rows(schema.USERS, name=name) == []
    assert ledger.newest(schema.USERS, name=name) is None
    assert ledger.counts(schema.SITES, "site_id", organization_id=name) == {}
    everybody = ledger.rows(schema.ORGANIZATIONS)
    names = [row["organization_id"] for row in everybody]
    assert ledger.rows_with(schema.ORGANIZATIONS, "organization_id", [name, *names]) == everybody


def test_a_writer_that_waits_too_long_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.05)
    Ledger.create(file).close()
    with closing(Ledger(file)) as ledger, closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(BusyError, match=r"ledger\.db and did not finish in 0\.05 seconds"):
            added(ledger, event("e1"))
        other.execute("rollback")
        assert added(ledger, event("e1")) == Appended(1, 0, 0)

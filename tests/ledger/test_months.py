"""Events in PostgreSQL lie in the month in which they were received, under one key over all months."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.ledger.events import COLUMNS, event
from touchline.errors import BusyError
from touchline.ledger import Appended, Ledger, months, schema, store
from touchline.ledger.entry import Entry

DAY = 86_400_000_000
JANUARY, FEBRUARY = 1_767_225_600_000_000, 1_769_904_000_000_000
"""The first microseconds of 2026's."""


def added(ledger: Ledger, *rows: tuple[object, ...]) -> Appended:
    with ledger.transaction() as entry:
        return entry.add_events(COLUMNS, rows)


def by_month(ledger: Ledger) -> dict[str, int]:
    """How many events each partition has, empty ones included."""
    statement = """
        select c.relname, count(e.sequence)
        from pg_inherits as i
        join pg_class as c on c.oid = i.inhrelid
        left join tracking_events as e on e.tableoid = c.oid
        where i.inhparent = 'tracking_events'::regclass
        group by c.relname
    """
    with ledger._store.engine.connect() as connection:
        return {name.removeprefix("tracking_events_"): count for name, count in connection.execute(text(statement))}


def test_the_month_of_receipt_decides_to_the_microsecond(postgresql: Ledger) -> None:
    times = [JANUARY - 1, JANUARY, FEBRUARY - 1, FEBRUARY, FEBRUARY + 40 * DAY]
    rows = [event(f"e{number}", received_at=at, occurred_at=0) for number, at in enumerate(times)]
    assert by_month(postgresql) == {}
    assert added(postgresql, *rows) == Appended(5, 0, 0)
    assert by_month(postgresql) == {"2025_12": 1, "2026_01": 2, "2026_02": 1, "2026_03": 1}
    assert postgresql.events_after(0).read_all().num_rows == 5


def test_an_id_is_one_over_all_months(postgresql: Ledger) -> None:
    added(postgresql, event("e1", received_at=JANUARY), event("e2", received_at=JANUARY))
    again = [event("e1", received_at=FEBRUARY), event("e2", received_at=FEBRUARY, payload_hash="2")]
    assert added(postgresql, *again) == Appended(0, 2, 1)
    assert by_month(postgresql) == {"2026_01": 2}
    assert {row["received_at"] for row in postgresql.rows(schema.TRACKING_EVENTS)} == {JANUARY}


def test_an_event_that_is_removed_may_come_again(ledger: Ledger) -> None:
    added(ledger, event("e1"), event("e1", site_id="south.example"))
    with ledger.transaction() as entry:
        assert entry.remove(schema.TRACKING_EVENTS, site_id="north.example", event_id="e1") == 1
    assert ledger.damage() == ""
    assert added(ledger, event("e1"), event("e1", site_id="south.example")) == Appended(1, 1, 0)


def test_an_event_without_its_key_is_damage(postgresql: Ledger) -> None:
    added(postgresql, event("e1"))
    with postgresql._store.engine.begin() as connection:
        connection.execute(text("delete from event_keys"))
    assert postgresql.damage() == "1 event has 0 keys"


def test_many_begin_a_month_at_once(postgresql: Ledger, database_url: str) -> None:
    def write(writer: int) -> Appended:
        with closing(Ledger(database_url)) as own:
            return added(own, event("common", received_at=JANUARY), event(f"e{writer}", received_at=JANUARY + 31 * DAY))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(8)))
    assert sum(answer.accepted for answer in answers) == 9
    assert sum(answer.duplicate for answer in answers) == 7
    assert by_month(postgresql) == {"2026_01": 1, "2026_02": 8}


def test_a_new_month_is_begun_while_others_write_and_stands_when_its_first_writer_fails(postgresql: Ledger) -> None:
    with postgresql.transaction() as january:
        january.add_events(COLUMNS, [event("e1", received_at=JANUARY)])
        with pytest.raises(ZeroDivisionError), postgresql.transaction() as february:  # noqa: PT012 - what came before
            february.add_events(COLUMNS, [event("e2", received_at=FEBRUARY)])
            raise ZeroDivisionError
        assert added(postgresql, event("e3", received_at=FEBRUARY)) == Appended(1, 0, 0)
        assert by_month(postgresql) == {"2026_01": 0, "2026_02": 1}
    assert by_month(postgresql) == {"2026_01": 1, "2026_02": 1}


def test_who_waits_too_long_for_the_same_id_says_so(postgresql: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.05)
    with postgresql.transaction() as first:
        first.add_events(COLUMNS, [event("e1")])
        with pytest.raises(BusyError, match=r"did not finish in 0\.05 seconds.*Run the command again"):
            added(postgresql, event("e1"))
    assert added(postgresql, event("e1")) == Appended(0, 1, 0)


def test_two_that_wait_for_each_other_are_told(postgresql: Ledger) -> None:
    """The server ends one of them; the other goes on."""

    def cross(mine: Entry, name: str) -> str:
        try:
            with postgresql._store.explained():
                mine.add_events(COLUMNS, [event(name)])
        except BusyError as error:
            mine._connection.rollback()
            return error.message
        return ""

    with ThreadPoolExecutor(2) as pool, postgresql.transaction() as one, postgresql.transaction() as two:
        one.add_events(COLUMNS, [event("e1")])
        two.add_events(COLUMNS, [event("e2")])
        answers = [pool.submit(cross, one, "e2"), pool.submit(cross, two, "e1")]
        said = sorted(answer.result() for answer in answers)
        assert said[0] == ""
        assert "deadlock detected" in said[1]


@given(st.integers(0, 8_000_000_000_000_000))
def test_a_time_lies_in_its_month_and_months_meet(micros: int) -> None:
    start, end = months.bounds(months.name_of(micros))
    assert start <= micros < end
    assert months.bounds(months.name_of(end))[0] == end
    assert 28 * DAY <= end - start <= 31 * DAY

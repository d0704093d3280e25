"""A follower of PostgreSQL passes no number that is committed later: nothing is lost, and nothing comes twice."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.ledger.events import COLUMNS, event
from tests.ledger.servers import run
from touchline.errors import HomeError
from touchline.ledger import Ledger, numbers, schema
from touchline.ledger.entry import Entry

WRITERS = 6
TRANSACTIONS = 25


class Follower:
    """Reads again and again from where it stands, as the pipeline does."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.stands_at, self.seen = ledger, 0, Counter[str]()

    def follow(self) -> None:
        found = self.read()
        self.seen.update(event_id for event_id, _ in found)
        self.stands_at = max([self.stands_at, *(sequence for _, sequence in found)])

    def read(self) -> list[tuple[str, int]]:
        rows = self.ledger.events_after(self.stands_at).read_all()
        return list(zip(rows["event_id"].to_pylist(), rows["sequence"].to_pylist(), strict=True))


class NaiveFollower(Follower):
    """Takes whatever it sees behind the greatest number that it has seen."""

    def read(self) -> list[tuple[str, int]]:
        with self.ledger._store.engine.connect() as connection:
            rows = connection.execute(
                text("select event_id, sequence from tracking_events where sequence > :after"),
                {"after": self.stands_at},
            )
            return [(row.event_id, row.sequence) for row in rows]


class XminFollower(Follower):
    """Waits for older transactions, whose numbers need not be the lower ones."""

    def read(self) -> list[tuple[str, int]]:
        with self.ledger._store.engine.connect() as connection:
            rows = connection.execute(
                text("""
                    select event_id, sequence from tracking_events
                    where sequence > :after
                        and xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                """),
                {"after": self.stands_at},
            )
            return [(row.event_id, row.sequence) for row in rows]


def tell(entry: Entry, *names: str) -> None:
    entry.add_events(COLUMNS, [event(name) for name in names])


def test_the_one_that_commits_first_waits_for_the_one_with_the_lower_number(postgresql: Ledger) -> None:
    sound, naive = Follower(postgresql), NaiveFollower(postgresql)
    with postgresql.transaction() as slow:
        tell(slow, "slow")
        with postgresql.transaction() as quick:
            tell(quick, "quick")
        for each in (sound, naive):
            each.follow()
        assert (sound.seen, naive.seen) == ({}, {"quick": 1})
    for each in (sound, naive):
        each.follow()
    assert sound.seen == {"slow": 1, "quick": 1}
    assert naive.seen == {"quick": 1}  # it never sees the other


def test_waiting_for_older_transactions_is_not_enough(postgresql: Ledger) -> None:
    """Who began first need not number first."""
    sound, by_age = Follower(postgresql), XminFollower(postgresql)
    with postgresql.transaction() as old:
        old.put(schema.SETTINGS, organization_id="north", name="x", value="", changed_at=0)  # this makes it the older
        with postgresql.transaction() as young:
            tell(young, "lower")
            tell(old, "higher")
            old._connection.commit()
            for each in (sound, by_age):
                each.follow()
            assert (sound.seen, by_age.seen) == ({}, {"higher": 1})
    for each in (sound, by_age):
        each.follow()
    assert sound.seen == {"lower": 1, "higher": 1}
    assert by_age.seen == {"higher": 1}


def test_a_transaction_that_has_not_written_yet_keeps_nobody_back_from_what_came_before_it(postgresql: Ledger) -> None:
    with postgresql.transaction() as entry:
        tell(entry, "before")
    with postgresql.transaction():
        assert postgresql.events_after(0).read_all()["event_id"].to_pylist() == ["before"]


def test_many_writers_commit_in_any_order_and_the_follower_loses_nothing(postgresql: Ledger, database_url: str) -> None:
    """Each writer waits between numbering and committing; one of them until others have gone past it."""
    sound, naive = Follower(postgresql), NaiveFollower(postgresql)
    committed: set[str] = set()
    has_numbered, is_passed, are_done = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with closing(Ledger(database_url)) as own, own.transaction() as entry:
            tell(entry, "held")
            has_numbered.set()
            assert is_passed.wait(60)
        committed.add("held")

    def write(writer: int) -> None:
        chance = random.Random(writer)
        assert has_numbered.wait(60)
        with closing(Ledger(database_url)) as own:
            for number in range(TRANSACTIONS):
                names = [f"{writer}-{number}-{place}" for place in range(chance.randint(1, 5))]
                with suppress(ZeroDivisionError):
                    with own.transaction() as entry:
                        for name in names:
                            tell(entry, name, "common")
                            time.sleep(chance.random() * 0.004)
                        1 / chance.randint(0, 5)  # some are rolled back, and their numbers are never seen
                    committed.update([*names, "common"])

    def follow() -> None:
        while not are_done.is_set():
            sound.follow()
            naive.follow()
            if naive.stands_at:
                is_passed.set()

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        follower = pool.submit(follow)
        writers = [pool.submit(hold), *(pool.submit(write, number) for number in range(WRITERS))]
        try:
            for writer in writers:
                writer.result()
        finally:
            are_done.set()
        follower.result()
    for each in (sound, naive):
        each.follow()
    assert set(sound.seen) == committed
    assert set(sound.seen.values()) == {1}
    assert "held" in committed - set(naive.seen)  # the test would notice


def test_a_writer_that_dies_holds_nobody_back(postgresql: Ledger) -> None:
    follower = Follower(postgresql)
    with pytest.raises(HomeError), postgresql.transaction() as lost:  # noqa: PT012 - it is killed inside
        tell(lost, "lost")
        with postgresql.transaction() as quick:
            tell(quick, "quick")
        follower.follow()
        assert follower.seen == {}
        own = lost._connection.scalar(text("select pg_backend_pid()"))
        run(postgresql._store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
            f"select pg_terminate_backend({own}, 5000)")  # fmt: skip
        follower.follow()
        assert follower.seen == {"quick": 1}
        tell(lost, "too late")


def test_cost_loads_are_followed_likewise(postgresql: Ledger) -> None:
    def load(entry: Entry) -> int:
        number = entry.add(
            schema.AD_COST_LOADS, organization_id="north", source="csv", file_name="", file_hash="", loaded_at=0,
            accepted=1, rejected=0,
        )  # fmt: skip
        row = ("2026-01-01", *("x" for _ in range(9)), 1, 1, 1, "x", "x", 1, 1, 1, "x", 1, 1)
        columns = [column.name for column in schema.AD_COST_ROWS.columns if column.name != "row_number"]
        entry.add_many(schema.AD_COST_ROWS, columns, [(number, *row)])
        return number

    with postgresql.transaction() as slow:
        lower = load(slow)
        with postgresql.transaction() as quick:
            higher = load(quick)
        assert postgresql.cost_rows_after(0).read_all().num_rows == 0
    assert sorted(postgresql.cost_rows_after(0).read_all()["load_number"].to_pylist()) == [lower, higher]


def test_rates_are_followed_likewise(postgresql: Ledger) -> None:
    def rate(entry: Entry, currency: str) -> None:
        columns = ("organization_id", "currency", "rate_date", "rate", "rate_units", "rate_scale")
        entry.add_many(schema.REPORTING_RATES, columns, [("north", currency, "2026-01-01", "0.5", 5, 10)])

    with postgresql.transaction() as slow:
        rate(slow, "USD")
        with postgresql.transaction() as quick:
            rate(quick, "GBP")
        assert postgresql.rates_after(0).read_all().num_rows == 0
    assert postgresql.rates_after(0).read_all()["currency"].to_pylist() == ["USD", "GBP"]


def test_claims_and_their_withdrawals_are_followed_likewise(postgresql: Ledger) -> None:
    def claim(entry: Entry, user: str) -> None:
        said = {"identifier": "v:north.example:ada", "linked_identifier": user, "claimed_at": 0, "source": "crm"}
        assert entry.add_new(schema.IDENTITY_CLAIMS, [{"organization_id": "north", **said}]) == 1

    def withdraw(entry: Entry, user: str) -> None:
        assert entry.erasing("north", is_alone=False).withdraw([("v:north.example:ada", user)], "crm") == 1

    for act, follow in ((claim, postgresql.claims_after), (withdraw, postgresql.withdrawn_after)):
        with postgresql.transaction() as slow:
            act(slow, "u:lower")
            with postgresql.transaction() as quick:
                act(quick, "u:higher")
            assert follow(0).read_all().num_rows == 0
        found = follow(0).read_all()
        assert sorted(found["claim"].to_pylist()) == [1, 2]
        assert follow(1).read_all().num_rows == 1
    assert postgresql.claims_after(0).read_all().num_rows == 0


def test_two_who_withdraw_the_same_claims_take_each_once(postgresql: Ledger) -> None:
    pairs = [("v:north.example:ada", f"u:{number}") for number in range(40)]
    said = {"organization_id": "north", "claimed_at": 0, "source": "crm"}
    rows = [{**said, "identifier": one, "linked_identifier": other} for one, other in pairs]
    with postgresql.transaction() as entry:
        assert entry.add_new(schema.IDENTITY_CLAIMS, rows) == 40

    def withdraw(order: int) -> int:
        with postgresql.transaction() as entry:
            return entry.erasing("north", is_alone=False).withdraw(pairs[::order], "crm")

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(withdraw, [1, -1, 1, -1])) == 40
    assert len(postgresql.rows(schema.WITHDRAWN_CLAIMS)) == 40
    assert postgresql.rows(schema.IDENTITY_CLAIMS) == []


@given(st.integers(0, 2**40), st.integers(0, 2**20))
def test_what_is_announced_is_known_from_the_key_of_its_lock(number: int, ahead: int) -> None:
    key = number % 2**31
    assert numbers.below(number + ahead, key) == number
    assert numbers.below(max(number - ahead, 0), key) == max(number - ahead, 0)

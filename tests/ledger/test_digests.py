"""Ids in no order, in a SQLite file: each stands once, however digests collide and wherever they are kept."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from hypothesis import example, given
from hypothesis import strategies as st

from tests.ledger.conftest import made
from tests.ledger.events import COLUMNS, event
from tests.ledger.servers import database
from touchline.ledger import Appended, Ledger, digests, schema
from touchline.ledger.intake import Intake, Offered
from touchline.ledger.migrate import configured
from touchline.ledger.opening import intake_at
from touchline.ledger.rows import Key
from touchline.ledger.sqlite import connected
from touchline.ledger.sqlite_once import STANDING
from touchline.ledger.verdicts import Verdict
from touchline.server.collect.collector import COLUMNS as COLLECTED

Event = tuple[Any, ...]

IN_NO_ORDER = [str(UUID(int=number << 100 | number, version=4)) for number in range(12)]
MONTH = 2_678_400_000_000
NAMES = [*IN_NO_ORDER, "order-1", "0190b1f0-0000-7000-8000-000000000000", "", "12345678901234"]
events = st.builds(
    lambda event_id, site, words, month, is_verified: event(
        event_id, site_id=f"{site}.example", payload_hash=words, is_verified=is_verified, received_at=month * MONTH
    ),
    st.sampled_from(NAMES), st.sampled_from(["north", "south"]), st.sampled_from(["a", "b"]),
    st.sampled_from([600, 601]), st.booleans(),
)  # fmt: skip
steps = st.one_of(
    st.tuples(st.sampled_from(["sent", "imported"]), st.lists(events, max_size=12)),
    st.tuples(st.just("removed"), st.sampled_from(NAMES)),
)


def key_of(row: Event) -> Key:
    return row[COLUMNS.index("site_id")], row[COLUMNS.index("event_id")]


Report = tuple[bool, str]
"""Whether it is verified, and its words."""


class Known:
    """What stands, in a dictionary."""

    def __init__(self) -> None:
        self.stand: dict[Key, Report] = {}

    def take(self, rows: list[Event]) -> list[Verdict]:
        return [self._verdict(key_of(row), report_of(row)) for row in rows]

    def _verdict(self, key: Key, report: Report) -> Verdict:
        if key not in self.stand:
            self.stand[key] = report
            return Verdict.NEW
        if report[0] and not self.stand[key][0]:
            self.stand[key] = report
            return Verdict.SUPERSEDING
        return Verdict.REPEATED if self.stand[key][1] == report[1] else Verdict.CONFLICTING


def report_of(row: Event) -> Report:
    return row[COLUMNS.index("is_verified")], row[COLUMNS.index("payload_hash")]


@example(
    life=[
        ("sent", [event(IN_NO_ORDER[0])]),
        ("imported", [*map(event, IN_NO_ORDER[1:3])]),
        ("sent", [event(IN_NO_ORDER[3])]),
    ]
)
@given(life=st.lists(steps, max_size=10))
def test_the_first_verified_event_under_an_id_stands_whoever_brings_it(life: list[tuple[str, Any]]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(digests, "KEPT", 2)
        patched.setattr(digests, "digests_of", lambda keys: [int(key[1][-1], 16) % 4 for key in keys])
        with closing(made(Path(folder) / "ledger.db")) as ledger:
            known = asyncio.run(lived(ledger, Path(folder) / "ledger.db", life))
            check(ledger, known)
        assert counted(Path(folder) / "ledger.db")[1] <= 2


def check(ledger: Ledger, known: Known) -> None:
    """The ledger has what the dictionary has; what a follower has read and stands no more has a tombstone."""
    rows = ledger.rows(schema.TRACKING_EVENTS)
    stand = {(row["site_id"], row["event_id"]): (row["is_verified"], row["payload_hash"]) for row in rows}
    assert len(rows) == len(stand)
    assert stand == known.stand
    assert ledger.damage() == ""


@pytest.mark.slow
@given(life=st.lists(steps, max_size=6))
def test_nor_does_it_matter_in_postgresql(postgres: str, life: list[tuple[str, Any]]) -> None:
    with database(postgres) as url, closing(made(url)) as ledger:
        check(ledger, asyncio.run(lived(ledger, url, life)))


async def lived(ledger: Ledger, file: Path | str, life: list[tuple[str, Any]]) -> Known:
    """A server and an importer that take turns; each says of each event what the dictionary says."""
    intake, known, followed = intake_at(file, COLLECTED), Known(), set[int]()
    for what, said in life:
        if what == "removed":
            remove(ledger, said)
            followed = {row["sequence"] for row in ledger.rows(schema.TRACKING_EVENTS)}
            known.stand = {key: words for key, words in known.stand.items() if key[1] != said}
        elif what == "sent":
            assert await sent(intake, said) == known.take(said)
        else:
            with ledger.transaction() as entry:
                for chunk in (said[:5], said[5:]):
                    assert entry.add_events(COLUMNS, chunk) == counted_of(known.take(chunk))
        followed = follow(ledger, followed)
    await intake.close()
    return known


def counted_of(verdicts: list[Verdict]) -> Appended:
    count = Counter(verdicts)
    accepted = count[Verdict.NEW] + count[Verdict.SUPERSEDING]
    return Appended(accepted, len(verdicts) - accepted, count[Verdict.CONFLICTING], count[Verdict.SUPERSEDING])


def follow(ledger: Ledger, followed: set[int]) -> set[int]:
    """What a follower has after it has read new events, and then tombstones; it has to be what stands."""
    newest = max(followed, default=0)
    read = followed | {row["sequence"] for row in ledger.events_after(newest).read_all().to_pylist()}
    read -= {row["sequence"] for row in ledger.erased_after(0).read_all().to_pylist()}
    assert read == {row["sequence"] for row in ledger.rows(schema.TRACKING_EVENTS)}
    return read


async def sent(intake: Intake, rows: list[Event]) -> list[Verdict]:
    said = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    offered = Offered([tuple(row[name] for name in COLLECTED.events) for row in said], [], {})
    verdicts = await intake.take(lambda _erased: offered)
    return [Verdict.NEW] * len(rows) if verdicts is None else list(verdicts)


def remove(ledger: Ledger, event_id: str) -> None:
    with ledger.transaction() as entry:
        meant = [row["sequence"] for row in ledger.rows(schema.TRACKING_EVENTS, event_id=event_id)]
        assert sorted(ledger._store.remove_events(entry._connection, meant)) == meant


def counted(file: Path) -> tuple[int, int]:
    """Digests carried over, and those that stand apart."""
    with closing(sqlite3.connect(file)) as connection:
        query = "select (select count(*) from id_digests), (select count(*) from new_id_digests)"
        carried, apart = connection.execute(query).fetchone()
    return carried, apart


def test_digests_beyond_those_kept_apart_are_carried_over(
    sqlite: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "KEPT", 100)
    for start in range(0, 1_000, 250):
        with sqlite.transaction() as entry:
            rows = [event(str(UUID(int=number**5 << 64, version=4))) for number in range(start + 1, start + 251)]
            assert entry.add_events(COLUMNS, rows).accepted == 250
    carried, apart = counted(file)
    assert carried + apart == 1_000
    assert apart <= 100
    assert sqlite.damage() == ""


def test_an_upgraded_file_knows_its_ids(file: Path) -> None:
    engine = connected(file)
    with engine.begin() as connection:
        command.upgrade(configured(connection), "0007")
    with closing(sqlite3.connect(file)) as driver, driver:
        known = {row[1] for row in driver.execute("pragma table_info(tracking_events)")}
        places = [place for place, name in enumerate(COLUMNS) if name in known]  # later migrations add the others
        marks, names = ", ".join("?" * len(places)), ", ".join(COLUMNS[place] for place in places)
        stored = [event(name) for name in IN_NO_ORDER + NAMES[-1:]]
        rows = [[row[place] for place in places] for row in stored]
        driver.executemany(f"insert into tracking_events ({names}) values ({marks})", rows)
    with closing(Ledger(file)) as ledger, ledger.transaction() as entry:
        assert counted(file) == (len(IN_NO_ORDER), 0)
        assert entry.add_events(COLUMNS, [*stored, event("new")]).accepted == 1


def test_an_event_without_its_digest_is_damage(sqlite: Ledger, file: Path) -> None:
    with sqlite.transaction() as entry:
        entry.add_events(COLUMNS, [event(IN_NO_ORDER[0])])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("delete from new_id_digests")
    assert sqlite.damage() == "1 event whose id comes in no order has 0 digests"


@pytest.mark.parametrize("query", [STANDING, digests._EVENTS, digests._KNOWN, digests._CLEAR])
def test_no_look_at_what_stands_reads_every_row(sqlite: Ledger, file: Path, query: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        marks = [""] * (query.count("?") - query.count("?1") + ("?1" in query))
        plan = [row[3] for row in connection.execute(f"explain query plan {query}", marks)]
    assert [step for step in plan if step.startswith("SCAN") and "json_each" not in step] == []

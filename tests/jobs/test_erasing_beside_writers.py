"""Whoever takes events in does not wait for an erasure or a retention period, however many rows these take.

How long somebody waits depends on the machine; ``python -m tests.benchmarks.beside_serving`` measures it. What it rests
on does not: no transaction writes more rows than one slice may have, and between two of them the ledger is free.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Table, func, select
from sqlalchemy.event import listen, remove

from tests.jobs.conftest import NOW, Tell
from tests.server.whole import wait_until
from touchline.ingest import erased_among, happened
from touchline.jobs import claiming, deciding, erasing, erasure_work, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.intake import Erased, Offered
from touchline.ledger.opening import intake_at
from touchline.server.collect.collector import COLUMNS
from touchline.settings import Home
from touchline.tracking_event import TrackingEvent

IDS = 1_000 if settings().max_examples < 1_000 else 5_000
SLICE = IDS // 4
"""Rows that a slice may take, and names that are entered at once."""
SLICES = ("_FIRST", "_MOST", "ENTRIES_AT_ONCE")
WRITTEN = {"events": schema.ERASED_EVENTS, "entries": schema.ERASURES, "names": schema.ERASURE_NAMES}
"""Tables that erasures alone write to: a row for each event that goes, two for each name."""
WITHDRAWN = {"claims": schema.IDENTITY_CLAIMS, "withdrawn": schema.WITHDRAWN_CLAIMS}
"""Tables that withdrawals of claims write to."""
BEFORE = NOW - 86_400_000_000
Event = tuple[object, ...]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    return made if request.param == "sqlite" else replace(made, database_url=request.getfixturevalue("database_url"))


def event(event_id: str, visitor: str, occurred_at: int) -> Event:
    of = TrackingEvent(
        site_id="shop-example", event_id=event_id, type="PAGE_VIEW", occurred_at=occurred_at, received_at=NOW,
        visitor_id=visitor, identifier=f"v:shop-example:{visitor}", payload_hash="1",
    )  # fmt: skip
    return tuple(getattr(of, name) for name in COLUMNS.events)


async def write(home: Home, is_over: threading.Event, commits: list[int]) -> None:
    """Take in an event of somebody else and one of hers, every few milliseconds, as a server's worker does."""
    intake = intake_at(home.ledger, COLUMNS)
    while not is_over.is_set():
        number = len(commits)
        offered = [event(f"w{number}", "bob", NOW), event(f"h{number}", f"ada-{number % IDS}", BEFORE)]

        def prepare(erased: Erased, offered: list[Event] = offered) -> Offered:
            gone = erased_among(map(happened, offered), "shop", erased.get("shop", {}), intake.keyed)
            return Offered([row for place, row in enumerate(offered) if place not in gone], [], {})

        await intake.take(prepare)
        commits.append(number)
        await asyncio.sleep(0.005)
    await intake.close()


@contextmanager
def writer(home: Home) -> Iterator[list[int]]:
    """Somebody who writes meanwhile, and the commits of it so far."""
    is_over, commits = threading.Event(), list[int]()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: asyncio.run(write(home, is_over, commits)))
        try:
            wait_until(lambda: bool(commits) or writing.done(), 60)
            yield commits
        finally:
            is_over.set()
        writing.result(60)


@contextmanager
def written(workspace: Workspace, tables: Mapping[str, Table] = WRITTEN) -> Iterator[list[dict[str, int]]]:
    """By how many rows each transaction of the workspace changes these tables meanwhile."""
    sizes, changes, engine = dict[str, int](), list[dict[str, int]](), workspace.ledger._store.engine

    def note(connection: Connection) -> None:
        """Just before the transaction is committed."""
        now = {name: connection.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}
        changes.append({name: abs(size - sizes.get(name, 0)) for name, size in now.items()})
        sizes.update(now)

    listen(engine, "commit", note)
    try:
        yield changes
    finally:
        remove(engine, "commit", note)


def events_of(workspace: Workspace, begins: str) -> int:
    return sum(row["visitor_id"].startswith(begins) for row in workspace.ledger.rows(schema.TRACKING_EVENTS))


@pytest.mark.slow
@pytest.mark.parametrize("act", ["erase", "retain"])
def test_no_commit_waits_for_more_than_a_slice(
    home: Home, workspace: Workspace, tell: Tell, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((deciding, "ENTRIES_AT_ONCE"), *((erasure_work, name) for name in SLICES)):
        monkeypatch.setattr(module, name, SLICE)
    tell(*({"eventId": f"a{n}", "anonId": f"ada-{n}", "userId": "ada"} for n in range(IDS)))
    tell(*({"eventId": f"b{n}", "anonId": "bob", "occurredAt": "2026-03-06T10:00:00Z"} for n in range(IDS)))
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    slices: list[int] = []
    with writer(home) as commits, written(workspace) as changes:

        def after_slice() -> None:
            """The second commit from now on has begun after the slice."""
            before = len(commits)
            wait_until(lambda: len(commits) >= before + 2, 60)
            slices.append(len(commits))

        report: object = (
            erasing.erase(workspace, "shop", user="ada", now=NOW, after_slice=after_slice)
            if act == "erase"
            else erasing.retain(workspace, now=NOW, after_slice=after_slice)
        )
    went = {name: [change[name] for change in changes if change[name]] for name in WRITTEN}
    assert {name for name, rows in went.items() if rows} == ({*WRITTEN} if act == "erase" else {"events", "entries"})
    assert [rows for rows in went.values() if max(rows, default=0) > SLICE] == []
    assert len(slices) >= IDS // SLICE
    assert len(changes) <= len(slices) + 1  # nothing is written between slices but the decision
    assert events_of(workspace, "bob") == IDS + len(commits)
    assert workspace.ledger.damage() == ""
    if act == "erase":
        assert isinstance(report, erasing.ErasureReport)
        assert (len(report.identifiers), events_of(workspace, "ada")) == (IDS + 1, 0)
        assert report.events == sum(went["events"]) >= IDS
    else:
        assert isinstance(report, list)
        assert [one.events for one in report] == [sum(went["events"])]


@pytest.mark.slow
def test_no_commit_waits_for_more_than_a_part_of_the_claims_that_are_withdrawn(
    home: Home, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("_FIRST_ROWS", "_MOST_ROWS"):
        monkeypatch.setattr(claiming, name, SLICE)
    file = tmp_path / "claims.csv"
    file.write_text("user_id,linked_user_id\n" + "".join(f"u{n},v{n}\n" for n in range(IDS)), encoding="utf-8")
    asked: dict[str, Any] = {"organization_id": None, "site_id": None, "source": "crm"}
    claiming.import_claims(workspace, [file], now=NOW, **asked)
    with writer(home) as commits, written(workspace, WITHDRAWN) as changes:
        report = claiming.withdraw_claims(workspace, [file], **asked)
    went = [change["withdrawn"] for change in changes if change["withdrawn"]]
    assert report.withdrawn == sum(went) == IDS
    assert max(went) == SLICE
    assert len(went) >= IDS // SLICE  # a slow machine takes smaller parts
    assert events_of(workspace, "bob") == len(commits)
    assert workspace.ledger.damage() == ""

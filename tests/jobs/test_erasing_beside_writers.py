"""Whoever takes events in does not wait for an erasure or a retention period, however many rows these take."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.jobs.conftest import NOW, Tell
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
MOST_SECONDS = 0.25
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


async def write(home: Home, is_over: threading.Event, seconds: list[float]) -> None:
    """Take in an event of somebody else and one of hers, every few milliseconds, as a server's worker does."""
    intake = intake_at(home.ledger, COLUMNS)
    while not is_over.is_set():
        number = len(seconds)
        offered = [event(f"w{number}", "bob", NOW), event(f"h{number}", f"ada-{number % IDS}", BEFORE)]

        def prepare(erased: Erased, offered: list[Event] = offered) -> Offered:
            gone = erased_among(map(happened, offered), "shop", erased.get("shop", {}))
            return Offered([row for place, row in enumerate(offered) if place not in gone], [], {})

        started = time.monotonic()
        await intake.take(prepare)
        seconds.append(time.monotonic() - started)
        await asyncio.sleep(0.005)
    await intake.close()


@contextmanager
def writer(home: Home) -> Iterator[list[float]]:
    """Somebody who writes meanwhile, and how long each commit took."""
    is_over, seconds = threading.Event(), list[float]()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: asyncio.run(write(home, is_over, seconds)))
        try:
            while not seconds and not writing.done():
                time.sleep(0.01)
            yield seconds
        finally:
            is_over.set()
        writing.result(60)


def worst_of(seconds: list[float]) -> float:
    """The 99th percentile: a busy machine may let any one commit wait."""
    return sorted(seconds)[int(0.99 * len(seconds))]


def events_of(workspace: Workspace, begins: str) -> int:
    return sum(row["visitor_id"].startswith(begins) for row in workspace.ledger.rows(schema.TRACKING_EVENTS))


@pytest.mark.slow
@pytest.mark.parametrize("act", ["erase", "retain", "withdraw"])
def test_no_commit_waits(
    home: Home, workspace: Workspace, tell: Tell, act: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in (deciding, erasure_work):
        monkeypatch.setattr(module, "ENTRIES_AT_ONCE", IDS // 4)
    for size in ("_FIRST_ROWS", "_MOST_ROWS"):
        monkeypatch.setattr(claiming, size, 50)
    tell(*({"eventId": f"a{n}", "anonId": f"ada-{n}", "userId": "ada"} for n in range(IDS)))
    tell(*({"eventId": f"b{n}", "anonId": "bob", "occurredAt": "2026-03-06T10:00:00Z"} for n in range(IDS)))
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    file = tmp_path / "claims.csv"
    file.write_text("user_id,linked_user_id\n" + "".join(f"u{n},v{n}\n" for n in range(5 * IDS)), encoding="utf-8")
    asked: dict[str, Any] = {"organization_id": None, "site_id": None, "source": "crm"}
    if act == "withdraw":
        claiming.import_claims(workspace, [file], now=NOW, **asked)
    work: Mapping[str, Callable[[], object]] = {
        "erase": lambda: erasing.erase(workspace, "shop", user="ada", now=NOW),
        "retain": lambda: erasing.retain(workspace, now=NOW),
        "withdraw": lambda: claiming.withdraw_claims(workspace, [file], **asked),
    }
    with writer(home) as seconds:
        report = work[act]()
        written = len(seconds)
    assert written > 10
    assert worst_of(seconds) < MOST_SECONDS
    assert events_of(workspace, "bob") == IDS + len(seconds)
    assert workspace.ledger.damage() == ""
    if isinstance(report, claiming.ClaimsReport):
        assert (act, report.withdrawn) == ("withdraw", 5 * IDS)
    if act == "erase":
        assert isinstance(report, erasing.ErasureReport)
        assert (len(report.identifiers), events_of(workspace, "ada")) == (IDS + 1, 0)
        assert report.events >= IDS

"""An erasure that is killed at any point and begun again ends as one that was not: the same rows, nothing twice."""

import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.forking import FORKING
from tests.jobs.conftest import NOW
from tests.ledger.servers import database, sessions_end
from touchline.jobs import deciding, erasing, erasure_work, importing, setup
from touchline.jobs.erasing import ErasureReport, RetentionReport
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

KILLS = 3 if settings().max_examples < 1_000 else 50
DEVICES, ORDERS = 30, 12
MAIL = sha256(b"ada").hexdigest()
FOREIGN_TIME = "1999-01-01T00:00:00Z"
USUAL = {"type": "PAGE_VIEW", "occurredAt": "2026-03-02T10:00:00Z"}
Kept = Mapping[str, Any]
Act = Callable[[Workspace, Callable[[], None]], ErasureReport | list[RetentionReport]]


def act_erase(workspace: Workspace, after_slice: Callable[[], None]) -> ErasureReport:
    return erasing.erase(workspace, "shop", user="ada", now=NOW, after_slice=after_slice)


def act_retain(workspace: Workspace, after_slice: Callable[[], None]) -> list[RetentionReport]:
    return erasing.retain(workspace, now=NOW, after_slice=after_slice)


def world() -> list[dict[str, object]]:
    """Ada with many devices, orders and refusals, and somebody who is not Ada."""
    said: list[dict[str, object]] = []
    for number in range(DEVICES):
        who = {"anonId": f"ada-{number}", "userId": "ada"}
        said += [{"eventId": f"a{number}-{place}", **who} for place in range(3)]
        said.append({"eventId": f"b{number}", "anonId": f"bob-{number % 3}", "occurredAt": "2026-03-06T10:00:00Z"})
        said.append({"eventId": f"x{number}", "anonId": f"ada-{number}", "occurredAt": FOREIGN_TIME})
    for number in range(ORDERS):
        order = {"orderId": f"A-{number}"}
        said.append({"eventId": f"o{number}", "anonId": "ada-1", "type": "CONVERSION", "value": 9, **order})
        said.append({"eventId": f"r{number}", "type": "REFUND", **order})
        said.append({"eventId": f"y{number}", "type": "REFUND", "occurredAt": FOREIGN_TIME, **order})
    said.append({"eventId": "shared", "anonId": "bob-1", "type": "CONVERSION", "orderId": "A-0"})
    return said


def kept_in(workspace: Workspace) -> Kept:
    """What is kept, whatever numbers and times the requests had."""
    ledger = workspace.ledger
    whole = (schema.TRACKING_EVENTS, schema.REJECTED_EVENTS, schema.IDENTITY_CLAIMS)
    counters = ("events", "rejected", "claims")
    requests = ledger.rows(schema.ERASURE_REQUESTS)
    return {
        **{table.name: ledger.rows(table) for table in whole},
        "entries": sorted(row["identifier"] for row in ledger.rows(schema.ERASURES)),
        "erased": sorted(row["sequence"] for row in ledger.rows(schema.ERASED_EVENTS)),
        "withdrawn": sorted(row["claim"] for row in ledger.rows(schema.WITHDRAWN_CLAIMS)),
        "counted": {name: sum(row[name] for row in requests) for name in counters},
        "left": [ledger.rows(table) for table in (schema.ERASURE_NAMES, schema.ERASURE_ORDERS)],
        "open": {(row["phase"], row["named"]) for row in requests} - {("done", "")},
    }


def counts_of(report: ErasureReport | list[RetentionReport]) -> list[tuple[int, int]]:
    reports = report if isinstance(report, list) else [report]
    return [(one.events, one.rejected) for one in reports]


SMALL = ((erasure_work, "_FIRST", 7), (erasure_work, "_MOST", 7), (erasure_work, "ENTRIES_AT_ONCE", 5),
         (deciding, "ENTRIES_AT_ONCE", 5))  # fmt: skip
"""Slices so small that there are many points between them."""


def kill_itself(seconds: float) -> None:
    """From a thread, so that the work goes on until then."""
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()


def do(home: Home, act: Act, slices: int, seconds: float) -> None:
    """What the process does that is killed, so many seconds after a slice."""
    for module, name, value in SMALL:
        setattr(module, name, value)
    left = count(slices, -1)
    with Workspace(home) as workspace:
        if slices < 0:
            kill_itself(10 * seconds)
        act(workspace, lambda: kill_itself(seconds) if next(left) == 0 else None)


def killed(home: Home, act: Act, slices: int, seconds: float) -> None:
    """Begin it in a process of its own that is killed after so many slices; after -1: before it has decided."""
    process = FORKING.Process(target=do, args=(home, act, slices, seconds))
    with sessions_end(home.database_url):
        process.start()
        process.join()
    assert process.exitcode in {0, -signal.SIGKILL}


@contextmanager
def new_world(kind: str, folder: Path, postgres: str) -> Iterator[Workspace]:
    """A home of its own in which all of it was told."""
    with ExitStack() as stack:
        url = stack.enter_context(database(postgres)) if kind == "postgresql" else ""
        home = Home(folder / "home", database_url=url)
        setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
        workspace = stack.enter_context(Workspace(home))
        setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
        file = folder / "events.jsonl"
        file.write_text("".join(json.dumps({**USUAL, **said}) + "\n" for said in world()), encoding="utf-8")
        importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
        claim = {"identifier": "v:shop-example:ada-1", "linked_identifier": f"m:{MAIL}", "source": "crm"}
        with workspace.ledger.transaction() as entry:
            entry.add(schema.IDENTITY_CLAIMS, organization_id="shop", claimed_at=NOW, **claim)
        yield workspace


@pytest.mark.slow
@pytest.mark.parametrize("act", [act_erase, act_retain])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_killed_is_finished_as_if_it_had_not_been(
    kind: str, act: Act, tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed somewhere, begun again, killed while it goes on with that, and begun a last time."""
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)
    with new_world(kind, tmp_path, postgres) as workspace:
        slices: list[int] = []
        expected = act(workspace, lambda: slices.append(1))
        reference = kept_in(workspace)
    assert reference["counted"] == (
        {"events": 3 * DEVICES + 2 * ORDERS - 1, "rejected": DEVICES + ORDERS - 1, "claims": 1}
        if act is act_erase
        else {"events": 3 * DEVICES + 2 * ORDERS + 1, "rejected": 0, "claims": 0}
    )
    assert (reference["left"], reference["open"]) == ([[], []], set())
    points = Counter[str]()
    for number in range(KILLS):
        chance = random.Random(f"{kind} {number}")
        folder = tmp_path / str(number)
        folder.mkdir()
        with new_world(kind, folder, postgres) as workspace:
            for _ in range(2):
                killed(workspace.home, act, chance.randrange(-1, len(slices)), chance.uniform(0, 0.02))
            phases = [row["phase"] for row in workspace.ledger.rows(schema.ERASURE_REQUESTS)]
            points.update(phases)
            report = act(workspace, lambda: None)
            assert kept_in(workspace) == reference
            if "done" not in phases:
                assert counts_of(report) == counts_of(expected)
            if not {"closing", "done"}.intersection(phases):
                assert report == expected
            assert workspace.ledger.damage() == ""
    assert points.keys() - {"done"}  # otherwise none was killed in between

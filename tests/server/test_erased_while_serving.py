"""A person with many ids is erased while a server takes events in, and no byte of them is left in its files.

How long its visitors wait meanwhile is measured by ``python -m tests.benchmarks.beside_serving``.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.forking import in_process
from tests.server.collect.test_track import view
from tests.server.conftest import Place
from tests.server.serving import Server
from tests.server.whole import whole
from touchline.jobs import importing, running
from touchline.jobs.erasure_work import ENTRIES_AT_ONCE
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

pytestmark = pytest.mark.slow

IDS = 10_000 if settings().max_examples >= 1_000 else 2 * ENTRIES_AT_ONCE + 100
"""More than are entered at once, and deleted at once."""
USER, MARK, ORDER = "erased-user-5e1f", "erased-device-9c2b", "erased-order-77aa"


def device(number: int) -> str:
    """One of her devices; all names are as long, since in a file the bytes of the next value may be digits, too."""
    return f"{MARK}-{number:05d}"


def tell(place: Place, folder: Path) -> None:
    """Her devices, an order with its refund and its refusals, and somebody else."""
    usual = {"type": "PAGE_VIEW", "occurredAt": "2026-01-02T10:00:00Z"}
    lines: list[dict[str, object]] = [{"eventId": f"a{n}", "anonId": device(n), "userId": USER} for n in range(IDS)]
    lines += [
        {"eventId": "o", "anonId": device(1), "type": "CONVERSION", "orderId": ORDER, "value": 9},
        {"eventId": "r", "type": "REFUND", "orderId": ORDER},
        {"eventId": "x", "type": "REFUND", "orderId": ORDER, "occurredAt": "1999-01-01T00:00:00Z"},
        {"eventId": "y", "anonId": device(2), "occurredAt": "1999-01-01T00:00:00Z"},
        {"eventId": "b", "anonId": "somebody-else"},
    ]
    file = folder / "told.jsonl"
    file.write_text("".join(json.dumps({**usual, **line}) + "\n" for line in lines), encoding="utf-8")
    with Workspace(place.home) as workspace:
        importing.import_events(workspace, [file], site_id=None, mapping=None, now=time.time_ns() // 1000)
        running.run(workspace)
    file.unlink()


@contextmanager
def visitors(server: Server, place: Place) -> Iterator[list[int]]:
    """Somebody else's page views meanwhile, one after another: the statuses of the answers."""
    is_over, statuses = threading.Event(), list[int]()

    def send() -> None:
        while not is_over.wait(0.02):
            said = {"publicKey": place.publishable, "anonId": "somebody-else", **view(f"v{len(statuses)}")}
            statuses.append(server.send(said).status)

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send)
        try:
            yield statuses
        finally:
            is_over.set()
        sending.result(60)


def found_in(place: Place) -> list[str]:
    """What the files of the home, and the server's log next to them, have of her."""
    files = [*(file for file in place.home.path.rglob("*") if file.is_file()), place.home.path.parent / "log"]
    assert {"ledger.db", "engine.duckdb", "log"} <= {file.name for file in files}
    marks = (USER, MARK, ORDER)
    return [f"{file.name}: {mark}" for file in files for mark in marks if mark.encode() in file.read_bytes()]


def devices_in(text: bytes) -> set[bytes]:
    """Her devices that are named in it."""
    return set(re.findall(rb"erased-device-9c2b-\d{5}", text))


def files_of(place: Place) -> bytes:
    return b"\n".join(file.read_bytes() for file in place.home.path.rglob("*") if file.is_file())


def taken_during_erasure(workspace: Workspace) -> int:
    """Page views that came in after the erasure began and before its last slice; each was sent once the last stood."""
    (request,) = workspace.ledger.rows(schema.ERASURE_REQUESTS)
    views = workspace.ledger.rows(schema.TRACKING_EVENTS, visitor_id="somebody-else")
    return sum(request["requested_at"] < row["received_at"] < request["worked_at"] for row in views)


def test_nothing_is_left_of_a_person_with_many_ids(place: Place, tmp_path: Path) -> None:
    tell(place, tmp_path)
    exported = in_process("export", "person", "--user", USER, "--json", "--home", place.home.path)
    document = exported.document
    assert (len(document["events"]), len(document["rejected_events"])) == (IDS + 2, 2)
    assert devices_in(exported.out.encode()) == devices_in(files_of(place))
    assert len(devices_in(files_of(place))) == IDS
    with whole(place.home.path) as server:
        with visitors(server, place) as statuses:
            outcome = in_process("erase", "--user", USER, "--compact", "--json", "--home", place.home.path)
        report = json.loads(outcome.out)
        assert (outcome.exit_code, len(report["identifiers"])) == (0, IDS + 1)
        assert (report["events"], report["rejected"], report["run_failure"]) == (IDS + 2, 2, "")
        assert set(statuses) == {200}
        assert found_in(place) == []
        assert in_process("run", "--home", place.home.path).exit_code == 0  # the river goes on with the new file
    assert found_in(place) == []
    with Workspace(place.home) as workspace:
        assert taken_during_erasure(workspace) > 2
        kept = [row["visitor_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)]
        assert set(kept) == {"somebody-else"}
        assert len(kept) == 1 + len(statuses)
        copies = workspace.engine.select("select count(*) as events from tracking_events")
        assert copies["events"].to_pylist() == [len(kept)]

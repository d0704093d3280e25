"""Somebody is erased while others write and the engine follows: nothing of the person stays, or comes back."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.jobs.conftest import NOW, Tell
from tests.oracle.engine import changes, snapshot
from touchline.engines import DuckDB
from touchline.errors import BusyError
from touchline.jobs import deciding, erasing, importing, running, setup
from touchline.jobs.importing import ImportReport
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

WRITERS, FILES = 3, 6
MARKS = ("ada-laptop", "ada-phone", "ada.lovelace", "ada-tablet")


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Home:
    """A home with its ledger on a server, where several write at a time."""
    return replace(Home(tmp_path / "home"), database_url=database_url)


@pytest.fixture
def beside(home: Home, workspace: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """Another process's view of the same ledger; its engine is its own."""
    assert workspace.home == home
    with Workspace(replace(home, path=tmp_path / "beside")) as opened:
        yield opened


def send(workspace: Workspace, file: Path, *events: dict[str, object], now: int = NOW) -> ImportReport:
    lines = ({"type": "PAGE_VIEW", "occurredAt": "2026-03-02T10:00:00Z"} | event for event in events)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return importing.import_events(workspace, [file], site_id="shop-example", mapping=None, now=now)


def told(workspace: Workspace) -> list[str]:
    return [row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)]


def equals_a_rebuild(workspace: Workspace) -> bool:
    running.run(workspace)
    assert isinstance(workspace.engine, DuckDB)
    stood = snapshot(workspace.engine)
    running.run(workspace, is_rebuild=True)
    return changes(stood, snapshot(workspace.engine)) == ""


def something_of(marks: tuple[str, ...], workspace: Workspace) -> list[str]:
    tables = (schema.TRACKING_EVENTS, schema.REJECTED_EVENTS, schema.ERASURES)
    kept = repr([workspace.ledger.rows(table) for table in tables])
    kept += repr([workspace.engine.select(f"select * from {t}").to_pylist() for t in ("tracking_events", "identities")])
    return [mark for mark in marks if mark in kept]


def hers(chance: Random, place: str) -> dict[str, object]:
    """Something that Ada, or somebody who is not Ada, did."""
    who: tuple[dict[str, object], ...] = (
        {"anonId": "ada-laptop"}, {"anonId": "ada-phone"}, {"userId": "ada.lovelace"},
        {"anonId": "ada-phone", "userId": "ada.lovelace"}, {"anonId": "bob"}, {"anonId": "cleo", "userId": "u2"},
    )  # fmt: skip
    return {"eventId": place} | chance.choice(who)


def test_nothing_of_her_survives_writers_who_go_on(
    home: Home, workspace: Workspace, tell: Tell, tmp_path: Path
) -> None:
    """Each writer repeats some of the others' events, as a queue does that delivers twice.

    They write before, while and after she is erased.
    """
    tell(
        {"eventId": "a1", "anonId": "ada-laptop", "userId": "ada.lovelace"},
        {"eventId": "a2", "anonId": "ada-phone", "userId": "ada.lovelace"},
    )
    outcomes: Counter[str] = Counter()
    has_begun = threading.Barrier(WRITERS + 2, timeout=60)
    is_erased, are_done = threading.Event(), threading.Event()

    def write(writer: int) -> None:
        chance, left = Random(writer), FILES
        with Workspace(home) as own:
            has_begun.wait()
            for number in count():
                left -= is_erased.is_set()
                if not left:
                    return
                names = [f"{chance.randrange(WRITERS)}-{number}-{place}" for place in range(4)]
                events = [hers(Random(name), name) for name in names]
                report = send(own, tmp_path / f"{writer}-{number}.jsonl", *events)
                outcomes.update({"accepted": report.accepted, "erased": report.rejected["erased"]})

    def follow() -> None:
        with Workspace(replace(home, path=tmp_path / "follower")) as own:
            has_begun.wait()
            while not are_done.is_set():
                running.run(own)
            assert equals_a_rebuild(own)
            assert something_of(MARKS, own) == []

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        follower = pool.submit(follow)
        has_begun.wait()
        try:
            erasing.erase(workspace, "shop", visitor="ada-laptop", now=NOW)
            is_erased.set()
            for each in writers:
                each.result(120)
        finally:
            is_erased.set()
            are_done.set()
        follower.result(120)
    assert outcomes["accepted"]
    assert outcomes["erased"]  # otherwise nobody wrote at once
    assert equals_a_rebuild(workspace)
    assert something_of(MARKS, workspace) == []
    assert workspace.ledger.damage() == ""


def test_whoever_writes_when_she_is_erased_waits_and_is_refused(
    workspace: Workspace, beside: Workspace, tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell({"eventId": "a1", "anonId": "ada-laptop"})
    waits = threading.Thread(target=lambda: reports.append(send(beside, tmp_path / "x.jsonl", late)))
    late: dict[str, object] = {"eventId": "a2", "anonId": "ada-laptop"}
    reports: list[ImportReport] = []
    note = deciding._note

    def slowly(*given: object) -> None:
        waits.start()
        waits.join(0.5)
        assert waits.is_alive()
        note(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding, "_note", slowly)
    assert erasing.erase(workspace, "shop", visitor="ada-laptop", now=NOW).events == 1
    waits.join(30)
    assert reports[0].rejected == {"erased": 1}
    assert told(workspace) == []


def test_what_comes_between_the_run_and_the_erasure_is_hers_too(
    workspace: Workspace, beside: Workspace, tell: Tell, tmp_path: Path
) -> None:
    """A new device and a login that joins it, neither of which the river has seen; somebody else uses it, too."""
    tell(
        {"eventId": "a1", "anonId": "ada-laptop", "userId": "ada.lovelace"},
        {"eventId": "p1", "anonId": "ada-phone", "userId": "second"},
    )
    running.run(workspace)
    send(
        beside, tmp_path / "between.jsonl", {"eventId": "t1", "anonId": "ada-tablet"},
        {"eventId": "t2", "anonId": "ada-tablet", "userId": "ada.lovelace"},
        {"eventId": "t3", "anonId": "ada-tablet", "userId": "second"},
        {"eventId": "b1", "anonId": "bob", "userId": "null"},
        {"eventId": "t4", "anonId": "ada-tablet", "userId": "null"},
    )  # fmt: skip
    report = erasing.erase(workspace, "shop", visitor="ada-laptop", now=NOW)
    names = ("u:ada.lovelace", "v:shop-example:ada-laptop", "v:shop-example:ada-tablet")
    assert (report.identifiers, report.events) == (names, 5)
    assert told(workspace) == ["p1", "b1"]  # the other user's own phone stays
    assert send(beside, tmp_path / "again.jsonl", {"eventId": "t1", "anonId": "ada-tablet"}).rejected == {"erased": 1}
    assert equals_a_rebuild(workspace)


def test_one_erasure_waits_for_another_and_both_are_followed(
    home: Home, workspace: Workspace, beside: Workspace, tell: Tell
) -> None:
    tell(*({"eventId": name, "anonId": name} for name in ("ada-laptop", "bob", "cleo")))
    running.run(workspace)
    running.run(beside)
    with ThreadPoolExecutor(2) as pool:
        ada = pool.submit(erasing.erase, workspace, "shop", visitor="ada-laptop", now=NOW)
        bob = pool.submit(erasing.erase, beside, "shop", visitor="bob", now=NOW)
        assert (ada.result(60).events, bob.result(60).events) == (1, 1)
    for each in (workspace, beside):
        running.run(each)
        assert told(each) == ["cleo"]
        assert each.engine.select("select visitor_id from tracking_events")["visitor_id"].to_pylist() == ["cleo"]
        assert equals_a_rebuild(each)


def test_a_writer_that_does_not_end_keeps_the_eraser_out_and_nothing_is_half_erased(
    workspace: Workspace, beside: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchline.ledger.store.WAIT_SECONDS", 0.3)
    tell({"eventId": "a1", "anonId": "ada-laptop"})
    with beside.ledger.transaction() as entry:
        entry.erasing("shop", is_alone=False)
        with pytest.raises(BusyError, match="Others are writing"):
            erasing.erase(workspace, "shop", visitor="ada-laptop", now=NOW)
    assert (told(workspace), workspace.ledger.rows(schema.ERASURES)) == (["a1"], [])
    assert erasing.erase(workspace, "shop", visitor="ada-laptop", now=NOW).events == 1


def test_retention_goes_on_beside_writers(home: Home, workspace: Workspace, tmp_path: Path) -> None:
    """Old days are sent again and again while they are erased; only what is young enough stays."""
    setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
    old: list[dict[str, object]] = [
        {"eventId": f"d{n}", "anonId": f"v{n}", "occurredAt": f"2026-03-{n:02}T10:00:00Z"} for n in range(1, 8)
    ]
    has_begun = threading.Barrier(3, timeout=60)

    def write(writer: int) -> None:
        with Workspace(home) as own:
            has_begun.wait()
            for number in range(FILES):
                send(own, tmp_path / f"{writer}-{number}.jsonl", *old)

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write, number) for number in range(2)]
        has_begun.wait()
        for _ in range(4):
            erasing.retain(workspace, now=NOW)
            running.run(workspace)
        for each in writers:
            each.result(120)
    erasing.retain(workspace, now=NOW)
    assert sorted(told(workspace)) == ["d4", "d5", "d6", "d7"]
    assert equals_a_rebuild(workspace)
    assert sorted(workspace.engine.select("select event_id from tracking_events")["event_id"].to_pylist()) == [
        "d4", "d5", "d6", "d7",
    ]  # fmt: skip

"""Imports are stored slice by slice: others write in between, and what was interrupted is finished."""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.jobs.conftest import NOW
from touchline.errors import BusyError, InputError, StorageError
from touchline.jobs import claiming, erasing, importing, setup
from touchline.jobs.importing import ImportReport, costs, slices, workers
from touchline.jobs.pace import Pace
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.entry import Entry
from touchline.settings import Home

ROWS = 2_600


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home with its ledger in each of the databases."""
    made = Home(tmp_path / "home")
    return made if request.param == "sqlite" else replace(made, database_url=request.getfixturevalue("database_url"))


class InterruptionError(Exception):
    """Stands for whatever ends a process."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Page views, of which every seventh is refused; every fifth has a field that nothing reads."""
    return written(tmp_path / "events.jsonl", ROWS)


def written(file: Path, rows: int) -> Path:
    lines = (
        {
            "eventId": f"e{number}", "type": "NONE" if number % 7 == 3 else "PAGE_VIEW", "anonId": f"a{number % 50}",
            "occurredAt": "2026-03-02T10:00:00Z", **({"sku": "x"} if number % 5 == 0 else {}),
        }
        for number in range(rows)
    )  # fmt: skip
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file


def imported(workspace: Workspace, file: Path, now: int = NOW) -> ImportReport:
    return importing.import_events(workspace, [file], site_id=None, mapping=None, now=now)


def stored(ledger: Ledger) -> dict[str, list[Any]]:
    """What an import stores, without the numbers of rows."""
    refused = [{**row, "rejection": 0} for row in ledger.rows(schema.REJECTED_EVENTS)]
    return {
        "events": [{**row, "sequence": 0} for row in ledger.rows(schema.TRACKING_EVENTS)],
        "rejected": refused,
        "unread": ledger.rows(schema.UNREAD_FIELDS),
        "unfinished": ledger.rows(schema.UNFINISHED_IMPORTS),
    }


@pytest.fixture
def slices_of_250(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a slow disk."""
    monkeypatch.setattr(importing.events, "MOST_ROWS", 1)


def interrupt_after(transactions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the import when so many of its transactions are committed, in the middle of the next one."""
    keep, seen = slices.Slices._keep, 0

    def keep_or_end(self: slices.Slices, entry: Entry, *arguments: Any) -> None:
        nonlocal seen
        keep(self, entry, *arguments)
        seen += 1
        if seen > transactions:
            raise InterruptionError

    monkeypatch.setattr(slices.Slices, "_keep", keep_or_end)


@pytest.mark.usefixtures("slices_of_250")
@pytest.mark.parametrize("done", [0, 1, 4, 10])
def test_what_was_interrupted_is_finished_by_the_same_import(
    workspace: Workspace, file: Path, tmp_path: Path, done: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        interrupt_after(done, patch)
        with pytest.raises(InterruptionError):
            imported(workspace, file)
    half = stored(workspace.ledger)
    assert len(half["events"]) + len(half["rejected"]) == 250 * done
    assert [row["stored"] for row in half["unfinished"]] == ([250 * done] if done else [])
    report = imported(workspace, file)
    assert (report.read, report.resumed, report.duplicate) == (ROWS, 250 * done, 0)
    assert report.unread == {"sku": sum(n % 5 == 0 and n % 7 != 3 for n in range(ROWS))}
    once = stored(workspace.ledger)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing.events, "MOST_ROWS", ROWS)
        other = Home(tmp_path / "other")
        setup.init(other, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
        with Workspace(other) as whole:
            imported(whole, file)
            expected = stored(whole.ledger)
    assert once == expected
    assert once["unfinished"] == []


@pytest.mark.usefixtures("slices_of_250")
def test_another_file_is_not_taken_for_the_interrupted_one(
    workspace: Workspace, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_after(3, patch)
        with pytest.raises(InterruptionError):
            imported(workspace, file)
    report = imported(workspace, written(tmp_path / "events-2.jsonl", ROWS + 1))
    assert (report.resumed, report.duplicate) == (0, len([n for n in range(750) if n % 7 != 3]))
    assert imported(workspace, file).resumed == 750  # and the first one is finished all the same


@pytest.mark.usefixtures("slices_of_250")
def test_others_write_between_the_slices(workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server would: here a second connection writes after each transaction, and waits for none."""
    beside, committed = Ledger(workspace.home.ledger), []
    transaction = Pace.transaction

    def and_others(self: Pace) -> Any:
        with beside.transaction() as entry:
            committed.append(entry.add(schema.JOB_RUNS, job="x", started_at=1, status="done", detail=""))
        return transaction(self)

    monkeypatch.setattr(Pace, "transaction", and_others)
    try:
        report = imported(workspace, file)
    finally:
        beside.close()
    assert report.accepted + report.rejected.total() == ROWS
    assert len(committed) == ROWS // 250 + 1


@pytest.mark.usefixtures("slices_of_250")
def test_the_same_import_twice_at_once_is_refused(
    workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, beside = slices.Slices._keep, Workspace(workspace.home)

    def keep_after_another(self: slices.Slices, entry: Entry, *arguments: Any) -> None:
        monkeypatch.setattr(slices.Slices, "_keep", keep)
        keep(self, entry, *arguments)

    def advance_after_another(self: slices.Slices, entry: Entry, done: int, then: int) -> None:
        if done == 500:
            entry.change(schema.UNFINISHED_IMPORTS, {"stored": 500}, stored=750)  # as another process would
        advance(self, entry, done, then)

    advance = slices.Slices._advance
    monkeypatch.setattr(slices.Slices, "_keep", keep_after_another)
    monkeypatch.setattr(slices.Slices, "_advance", advance_after_another)
    with beside, pytest.raises(BusyError, match=r"Another process imports the same rows"):
        imported(workspace, file)


@pytest.mark.usefixtures("slices_of_250")
def test_somebody_erased_between_two_slices_stays_erased(
    workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_after(4, patch)
        with pytest.raises(InterruptionError):
            imported(workspace, file)
    organization = workspace.organization()["organization_id"]
    erasing.erase(workspace, organization, visitor="a1", now=NOW + 1)
    report = imported(workspace, file)
    assert report.rejected["erased"] > 0
    assert not workspace.ledger.rows(schema.TRACKING_EVENTS, visitor_id="a1")


def test_a_file_that_cannot_be_read_to_its_end_leaves_nothing(workspace: Workspace, file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(file.read_bytes())[:-20])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz is not a whole gzip file"):
        importing.import_events(workspace, [file, cut], site_id=None, mapping=None, now=NOW)
    assert stored(workspace.ledger) == {"events": [], "rejected": [], "unread": [], "unfinished": []}


def test_no_trace_of_the_checked_rows_stays_on_the_disk(
    workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name for path in workspace.home.path.iterdir()}
    seen: list[set[str]] = []
    store = slices.Slices.store

    def look(self: slices.Slices, *arguments: Any) -> None:
        seen.append({path.name for path in workspace.home.path.iterdir()})
        store(self, *arguments)

    monkeypatch.setattr(slices.Slices, "store", look)
    imported(workspace, file)
    assert seen == [before]


def test_pipes_and_folders_are_refused_for_what_they_are(workspace: Workspace, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    for name, said in (("pipe.jsonl", r"pipe\.jsonl is a pipe or a device"), (".", "is a folder, not a file")):
        with pytest.raises(InputError, match=said):
            imported(workspace, tmp_path / name)
        with pytest.raises(InputError, match=said):
            importing.import_costs(workspace, [tmp_path / name], organization_id=None, now=NOW)
        with pytest.raises(InputError, match=said):
            claiming.import_claims(
                workspace, [tmp_path / name], organization_id=None, site_id=None, source="crm", now=NOW
            )


class TestWorkers:
    """Long imports are checked by several processes."""

    @pytest.fixture
    def from_the_third_chunk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workers, "ALONE_CHUNKS", 2)
        monkeypatch.setattr(workers, "CHUNK_ROWS", 100)

    @pytest.mark.usefixtures("from_the_third_chunk")
    def test_they_check_as_the_import_itself_does(
        self, workspace: Workspace, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report = imported(workspace, file)
        found = stored(workspace.ledger)
        other = Home(tmp_path / "other")
        setup.init(other, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
        monkeypatch.setattr(workers, "ALONE_CHUNKS", ROWS)
        with Workspace(other) as alone:
            assert imported(alone, file) == report
            assert stored(alone.ledger) == found

    @pytest.mark.usefixtures("from_the_third_chunk")
    def test_one_that_is_killed_ends_the_import_with_a_reason(
        self, workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start = workers._started

        def started_and_killed(arrival: Any) -> Any:
            worker = start(arrival)
            worker.kill()
            return worker

        monkeypatch.setattr(workers, "_started", started_and_killed)
        with pytest.raises(StorageError, match=r"A process that checks the rows ended with exit code -9"):
            imported(workspace, file)
        assert stored(workspace.ledger)["events"] == []

    @pytest.mark.usefixtures("from_the_third_chunk")
    def test_they_are_started_once_for_all_files(
        self, workspace: Workspace, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start, started = workers._started, []

        def noted(arrival: Any) -> Any:
            started.append(start(arrival))
            return started[-1]

        monkeypatch.setattr(workers, "_started", noted)
        short = [written(tmp_path / f"{number}.jsonl", 100 + number) for number in range(2)]
        files = [*short, file, written(tmp_path / "last.jsonl", 300)]
        report = importing.import_events(workspace, files, site_id=None, mapping=None, now=NOW)
        assert report.read == ROWS + 501
        assert len(started) == len(os.sched_getaffinity(0))
        assert {worker.returncode for worker in started} == {0}

    def test_they_import_no_database_and_no_engine(self) -> None:
        look = "import touchline.jobs.checking.worker, sys; print({'sqlalchemy', 'pyarrow', 'duckdb'} & {*sys.modules})"
        said = subprocess.run([sys.executable, "-c", look], check=True, stdout=subprocess.PIPE, text=True).stdout
        assert said == "set()\n"


HEADER = "date,platform,account_id,campaign_id,ad_id,cost\n"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(days=st.lists(st.tuples(st.integers(1, 4), st.sampled_from("ab")), max_size=40), rows=st.integers(1, 9))
def test_a_file_in_several_loads_says_what_it_says_in_one(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[int, str]], rows: int
) -> None:
    """However small the loads are: a day of an account is in one of them."""
    folder = tmp_path_factory.mktemp("loads")
    lines = [f"2026-03-0{day},META,{account},c1,{n},1.50\n" for n, (day, account) in enumerate(days)]
    costs_file = folder / "costs.csv"
    costs_file.write_text(HEADER + "".join(lines), encoding="utf-8")
    home = Home(folder / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with pytest.MonkeyPatch.context() as patch, Workspace(home) as workspace:
        patch.setattr(costs, "LOAD_ROWS", rows)
        report = importing.import_costs(workspace, [costs_file], organization_id=None, now=NOW)
        kept = workspace.ledger.rows(schema.AD_COST_ROWS)
        loads = workspace.ledger.rows(schema.AD_COST_LOADS)
        again = importing.import_costs(workspace, [costs_file], organization_id=None, now=NOW)
    assert sorted(row["ad_id"] for row in kept) == sorted(str(number) for number in range(len(days)))
    load_of: dict[tuple[Any, ...], int] = {}
    for row in kept:
        day = row["cost_date"], row["account_id"]
        assert load_of.setdefault(day, row["load_number"]) == row["load_number"]
    assert [load["load_number"] for load in loads] == report.load_numbers
    assert sum(load["accepted"] for load in loads) == report.accepted == len(days)
    assert (report.replaced_days, again.replaced_days) == (0, len(set(days)))


def test_rows_that_repeat_another_are_named(workspace: Workspace, tmp_path: Path) -> None:
    row = "2026-03-02,META,a,c1,1,1.50\n"
    file = tmp_path / "costs.csv"
    file.write_text(f"{HEADER}{row}2026-03-02,META,a,c1,1,1.51\n{row}{row}", encoding="utf-8")
    report = importing.import_costs(workspace, [file], organization_id=None, now=NOW)
    assert report.accepted == 4
    assert report.repeated == [("costs.csv:4", "costs.csv:2"), ("costs.csv:5", "costs.csv:2")]


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_claims_go_in_and_out_in_parts(workspace: Workspace, tmp_path: Path, rows: int) -> None:
    file = tmp_path / "claims.csv"
    file.write_text("user_id,linked_user_id\n" + "".join(f"u{n},v{n // 2}\n" for n in range(10)), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claiming, "_FIRST_ROWS", rows)
        patch.setattr(claiming, "_MOST_ROWS", rows)
        asked: dict[str, Any] = {"organization_id": None, "site_id": None, "source": "crm"}
        report = claiming.import_claims(workspace, [file], now=NOW, **asked)
        assert (report.read, report.accepted) == (10, 10)
        assert claiming.withdraw_claims(workspace, [file], **asked).withdrawn == 10
    assert workspace.ledger.rows(schema.IDENTITY_CLAIMS) == []


@pytest.fixture
def pace(tmp_path: Path) -> Pace:
    return Pace(Home(tmp_path), first=1_000, most=5_000)


@pytest.mark.parametrize(("seconds", "rows"), [(0.001, 2_000), (0.05, 1_000), (0.1, 500), (100.0, 1)])
def test_a_slice_that_took_long_is_followed_by_a_smaller_one(
    pace: Pace, monkeypatch: pytest.MonkeyPatch, seconds: float, rows: int
) -> None:
    times = iter([10.0, 10.0 + seconds])
    monkeypatch.setattr("touchline.jobs.pace.time.perf_counter", lambda: next(times))
    with pace.transaction():
        pass
    assert pace.size == pytest.approx(rows, abs=1)


def test_no_slice_is_larger_than_the_most(pace: Pace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.jobs.pace.time.sleep", lambda _seconds: None)
    for _ in range(5):
        with pace.transaction():
            pass
    assert pace.size == 5_000


@pytest.mark.parametrize(
    ("served", "database_url", "paused"),
    [(True, "", [0.015]), (False, "", [0.004]), (True, "postgresql://localhost/x", [])],
)
def test_others_get_a_pause_where_one_writes_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: bool, database_url: str, paused: list[float]
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("touchline.jobs.pace.is_served", lambda _home: served)
    monkeypatch.setattr("touchline.jobs.pace.time.sleep", slept.append)
    with Pace(Home(tmp_path, database_url=database_url), first=1, most=1).transaction():
        pass
    assert slept == paused


@pytest.mark.parametrize(("seconds", "rows", "size"), [(0.001, 10, 20), (0.001, 9, 10), (0.001, None, 20), (9.0, 9, 3)])
def test_a_slice_that_is_not_full_makes_the_next_one_no_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, rows: int | None, size: int
) -> None:
    times = iter([10.0, 10.0 + seconds])
    monkeypatch.setattr("touchline.jobs.pace.time.perf_counter", lambda: next(times))
    monkeypatch.setattr("touchline.jobs.pace.time.sleep", lambda _seconds: None)
    pace = Pace(Home(tmp_path), first=10, most=50, fewest=3)
    with pace.transaction(rows):
        pass
    assert pace.size == size


@pytest.mark.parametrize("database_url", ["", "postgresql://localhost/x"])
def test_patient_work_leaves_others_half_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    slept: list[float] = []
    times = iter([10.0, 10.0 + 0.5])
    monkeypatch.setattr("touchline.jobs.pace.time.perf_counter", lambda: next(times))
    monkeypatch.setattr("touchline.jobs.pace.time.sleep", slept.append)
    with Pace(Home(tmp_path, database_url=database_url), first=1, most=1, is_patient=True).transaction():
        pass
    assert slept == [0.5]


def test_what_is_called_after_a_slice_can_leave_the_rest_for_later(tmp_path: Path) -> None:
    done = []

    def stop() -> None:
        raise InterruptionError

    with pytest.raises(InterruptionError), Pace(Home(tmp_path), first=1, most=1, after_slice=stop).transaction():
        done.append("this one")
    assert done == ["this one"]

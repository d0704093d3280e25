"""When the river runs, and what a job of the schedule does and tells, without a server."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import write_events
from tests.quantifiers import each
from tests.server.conftest import NOW, Place
from touchline import pipeline
from touchline.errors import BusyError, HomeError
from touchline.jobs import erasing, fitting, running
from touchline.jobs.importing import import_events
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.arrivals import COUNTS
from touchline.server.process import schedule, ticking
from touchline.server.process.engine_file import EngineReplacedError
from touchline.server.process.job_answers import Done
from touchline.server.process.ticking import River


@pytest.mark.parametrize(
    ("job", "counts"),
    [
        ("touchpoint-derivation", {"events": 3, "touchpoints": 1}),
        ("attribution-weights", {"events": 3, "conversionsProcessed": 1, "linksUpdated": 5}),
    ],
)
def test_a_job_counts_its_own_part_and_then_nothing(
    place: Place, tmp_path: Path, job: str, counts: dict[str, int]
) -> None:
    with Workspace(place.home, is_owner=True) as workspace:
        file = write_events(tmp_path / "a.jsonl", 3, occurredAt="2023-01-02T10:00:00Z")
        import_events(workspace, [file], site_id=None, mapping=None, now=NOW * 2)
        river = River(workspace)
        first, second = river.job(job), river.job(job)
        runs = workspace.ledger.rows(schema.JOB_RUNS, job=job)
    assert (first["job"], first["counts"]) == (job, counts)
    assert set(second["counts"].values()) == {0}
    assert [run["detail"] for run in runs] == [first["message"], second["message"]]


def test_a_job_that_is_being_done_is_not_done_twice_and_another_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_inside, may_end = threading.Event(), threading.Event()
    begun: list[str] = []

    def slowly(_river: River) -> Done:
        begun.append("slow")
        is_inside.set()
        assert may_end.wait(60)
        return Done("done", {})

    jobs = {**ticking.JOBS, "retention": slowly, "daily-rollups": lambda _river: Done("quick", {})}
    monkeypatch.setattr(ticking, "JOBS", jobs)
    with Workspace(place.home, is_owner=True) as workspace, ThreadPoolExecutor(1) as pool:
        river = River(workspace)
        first = pool.submit(river.job, "retention")
        try:
            assert is_inside.wait(60)
            second, other = river.job("retention"), river.job("daily-rollups")
        finally:
            may_end.set()
        assert (first.result(60)["skipped"], second["skipped"], other["skipped"]) == (False, True, False)
        assert begun == ["slow"]
        assert not river.job("retention")["skipped"]
        assert [row["job"] for row in workspace.ledger.rows(schema.JOB_RUNS)].count("retention") == 2


DAY, MINUTE = 86_400.0, 60.0


def at(text: str) -> float:
    """Seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("job", "last", "due"),
    [
        ("touchpoint-derivation", "2026-03-07T10:00:00", "2026-03-07T10:15:00"),
        ("touchpoint-derivation", "2026-03-07T10:14:59", "2026-03-07T10:15:00"),
        ("touchpoint-derivation", "2026-03-07T10:15:01", "2026-03-07T10:30:00"),
        ("attribution-weights", "2026-03-07T10:59:00", "2026-03-07T11:00:00"),
        ("daily-rollups", "2026-03-07T02:59:00", "2026-03-07T03:00:00"),
        ("daily-rollups", "2026-03-07T03:00:00", "2026-03-08T03:00:00"),
        ("daily-rollups", "2026-03-07T23:00:00", "2026-03-08T03:00:00"),
        ("retention", "2026-03-07T03:29:00", "2026-03-07T03:30:00"),
        ("retention", "2026-03-07T03:31:00", "2026-03-08T03:30:00"),
        ("retention", "2026-02-01T00:00:00", "2026-02-01T03:30:00"),
    ],
)
def test_a_job_is_due_from_the_next_slot_of_the_clock_on(job: str, last: str, due: str) -> None:
    slot = schedule.SLOTS[job]
    assert not schedule.is_due(slot, at(last), at(due) - 1)
    assert each(schedule.is_due(slot, at(last), at(due) + later) for later in (0, 1, 90 * DAY))
    assert schedule.is_due(slot, None, at(last))


def test_each_job_is_in_the_schedule() -> None:
    assert ticking.JOBS.keys() == schedule.SLOTS.keys()


@pytest.fixture
def river(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[River]:
    """A river whose runs do nothing."""
    monkeypatch.setattr(running, "run", lambda *_given, **_more: pipeline.RunReport())
    with Workspace(place.home, is_owner=True) as workspace:
        yield River(workspace)


def recorded(river: River, job: str, seconds: float, status: str = "done") -> None:
    with river.workspace.ledger.transaction() as entry:
        micros = round(seconds * 1e6)
        entry.add(schema.JOB_RUNS, job=job, started_at=micros, ended_at=micros, status=status, detail="")


def test_what_was_missed_is_done_once_and_what_another_server_did_is_not_done_again(
    river: River, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(River, "job", lambda _river, name: done.append(name))
    now = at("2026-03-07T10:20:00")
    monkeypatch.setattr(ticking, "time", SimpleNamespace(time=lambda: now))
    recorded(river, "touchpoint-derivation", now - 10 * MINUTE)  # before the slot at 10:15
    recorded(river, "attribution-weights", now - 10 * MINUTE)
    recorded(river, "daily-rollups", now - 10 * DAY)
    recorded(river, "daily-rollups", now - MINUTE)  # by another server
    ticking._do_what_is_due(river)
    assert sorted(done) == ["retention", "touchpoint-derivation"]


def test_due_fits_are_made_and_the_numbers_follow_those_that_were(
    river: River, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[None] = []
    monkeypatch.setattr(River, "job", lambda _river, _name: {})
    monkeypatch.setattr(River, "run", lambda _river: runs.append(None))
    made = SimpleNamespace(fit_id="MARKOV/o/2026-03-01/v1", refusal="", schedule=SimpleNamespace(kind="MARKOV"))
    refused = SimpleNamespace(fit_id="", refusal="too few", schedule=SimpleNamespace(kind="USUAL_CPA"))
    for due, outcomes, expected in (([], [made], 0), ([1], [refused], 0), ([1], [made, refused], 1)):
        monkeypatch.setattr(fitting, "due_schedules", lambda *_given, due=due: due)
        monkeypatch.setattr(fitting, "make_due_fits", lambda *_given, outcomes=outcomes, **_more: outcomes)
        ticking._do_what_is_due(river)
        assert len(runs) == expected


def test_records_of_good_runs_are_kept_for_a_day_and_all_others_for_ninety(
    river: River, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = at("2026-03-07T10:20:00")
    monkeypatch.setattr(ticking, "time", SimpleNamespace(time_ns=lambda: int(now * 1e9), time=lambda: now,
                                                         monotonic=lambda: 0.0))  # fmt: skip
    ages = {"run": (DAY - 1, DAY + 1), "daily-rollups": (90 * DAY - 1, 90 * DAY + 1)}
    for job, seconds in ages.items():
        for age in seconds:
            recorded(river, job, now - age)
    for age in ages["daily-rollups"]:
        recorded(river, "run", now - age, "failed")
    with river.workspace.ledger.transaction() as entry:
        for days in (89, 91):
            counted_at = round((now - days * DAY) * 1e6)
            entry.add(schema.ARRIVALS, site_id="shop", counted_at=counted_at, slot=0, **dict.fromkeys(COUNTS, days))
    river.retain()
    assert [row["accepted"] for row in river.workspace.ledger.rows(schema.ARRIVALS)] == [89]
    left = [(row["job"], now - row["started_at"] / 1e6) for row in river.workspace.ledger.rows(schema.JOB_RUNS)]
    assert sorted(left) == [("daily-rollups", 90 * DAY - 1), ("run", DAY - 1), ("run", 90 * DAY - 1)]


def test_numbers_follow_what_retention_took(river: River, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setattr(River, "run", lambda _river: ran.append(1))
    reports = [erasing.RetentionReport("shop", NOW, events, 0) for events in (2, 3)]
    for found in ([], reports):
        monkeypatch.setattr(erasing, "retain", lambda _workspace, found=found, **_when: found)
        done = river.retain()
    assert (done.counts, len(ran)) == ({"eventsErased": 5}, 1)


class _River:
    """A river that is looked at: what it is asked, on a clock that only a rest moves."""

    def __init__(self, answers: list[Exception | None], pulses: list[int]) -> None:
        self.answers, self.pulses = answers, pulses
        self.seconds = 1_000.0
        self.ran_at: list[float] = []
        self.rests: list[float] = []
        self.replaced = self.is_same = False
        self.workspace = SimpleNamespace(ledger=SimpleNamespace(pulse=self.pulse), let_go_of_server=lambda: None)

    def pulse(self) -> tuple[int, ...]:
        return (self.pulses[min(len(self.rests), len(self.pulses) - 1)],)

    def come_round(self) -> None:
        """Nothing."""

    def swap_compacted(self) -> None:
        """Nothing."""

    def is_as_it_was(self) -> bool:
        """Whether a run at a rest would find nothing."""
        return self.is_same

    def check_engine(self) -> None:
        if self.replaced:
            raise EngineReplacedError("Another file.", "")

    def run(self) -> None:
        self.ran_at.append(self.seconds - 1_000)
        answer = self.answers[len(self.ran_at) - 1] if len(self.ran_at) <= len(self.answers) else None
        if answer is not None:
            raise answer


def ticked(monkeypatch: pytest.MonkeyPatch, river: _River, rests: int) -> None:
    """Tick until there were so many rests."""
    is_over = threading.Event()

    def rest(_river: object, _is_over: object, seconds: float) -> None:
        river.rests.append(seconds)
        river.seconds += seconds
        if len(river.rests) == rests:
            is_over.set()

    monkeypatch.setattr(ticking, "_rest", rest)
    monkeypatch.setattr(ticking, "time", SimpleNamespace(monotonic=lambda: river.seconds))
    ticking.tick(river, is_over)  # type: ignore[arg-type] # as much of a river as is looked at


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When what is due was looked for."""
    found: list[float] = []

    def look(river: Any) -> None:
        found.append(river.seconds - 1_000)

    monkeypatch.setattr(ticking, "_do_what_is_due", look)
    return found


def test_the_river_follows_what_is_committed_and_goes_round_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, due: list[float]
) -> None:
    river = _River([], [1, 1, 2, 2])
    ticked(monkeypatch, river, 80)
    assert river.ran_at == [0, 1, 61.5]
    assert due == [0, 5.5, 11, 26.5, 42.5, 58.5]
    assert set(river.rests[:22]) == {0.5}  # and once nothing came for ten seconds, less often
    assert set(river.rests[23:]) == {1}
    same = _River([], [1])
    same.is_same = True
    ticked(monkeypatch, same, 80)
    assert same.ran_at == [0]  # goals and settings are known to be as they were


def test_a_failing_run_is_tried_again_later_and_later_and_another_servers_turn_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, due: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    failures = [HomeError("The ledger is away.", "") for _ in range(8)]
    river = _River([*failures, None], [1])
    ticked(monkeypatch, river, 10)
    assert river.rests == [1, 2, 4, 8, 16, 32, 60, 60, 0.5, 0.5]
    assert (len(river.ran_at), len(due)) == (9, 1)
    said = capsys.readouterr()
    assert (said.out + said.err).count("run_failed") == 1  # however long it is away
    busy = _River([BusyError("Another's.", "") for _ in range(2)], [1])
    ticked(monkeypatch, busy, 4)
    assert (busy.rests, len(busy.ran_at)) == ([0.5] * 4, 3)


def test_a_river_whose_file_was_replaced_does_not_go_on(monkeypatch: pytest.MonkeyPatch, due: list[float]) -> None:
    river = _River([], [1])
    river.replaced = True
    with pytest.raises(EngineReplacedError):
        ticked(monkeypatch, river, 2)
    assert (river.ran_at, due) == ([], [])


def test_a_rest_ends_as_soon_as_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over, rounds = threading.Event(), list[int]()
    is_over.set()
    river = SimpleNamespace(come_round=lambda: rounds.append(1))
    ticking._rest(river, is_over, 600)  # type: ignore[arg-type] # as much of a river as is looked at
    assert rounds == []

"""What a job of the schedule does and tells, without a server."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.conftest import write_events
from tests.server.conftest import NOW, Place
from touchline.jobs.importing import import_events
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server import ticking
from touchline.server.ticking import Done, River


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

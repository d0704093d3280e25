"""The alert rules and the board name only metrics that a scrape has, and each rule fires once its fault is there."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from litestar import Litestar
from litestar.testing import TestClient

from tests.cli.conftest import write_events
from tests.server.conftest import NOW, placed
from tests.server.watch.promql import Scrape, evaluated, scraped
from touchline.ingest import NOBODYS_FAULT
from touchline.jobs.backup_rotation import JOB
from touchline.jobs.importing import import_events
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api import operations, server_facts
from touchline.server.api.app import litestar
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.process.ticking import River
from touchline.server.watch import processes
from touchline.server.watch.keeper_record import Recorder, RiverState, record_of
from touchline.settings import Home

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
RULES_FILE = DEPLOY / "prometheus-rules.yml"
BOARD = json.loads((DEPLOY / "grafana-board.json").read_text(encoding="utf-8"))
RULES: dict[str, str] = dict(re.findall(r"- alert: (\w+)\n\s+expr: (.+)", RULES_FILE.read_text(encoding="utf-8")))
SHOWN = [one["expr"] for panel in BOARD["panels"] for one in panel["targets"]]
_WORDS = frozenset({
    "absent", "by", "changes", "histogram_quantile", "increase", "le", "path", "rate", "sum", "time", "outcome",
    "reason", "status", "severity", "model", "measure", "state", "job", "process",
})  # fmt: skip
"""Functions and labels."""


@dataclass
class Watched:
    """A server in this process that can be scraped, and what is to go wrong in it."""

    home: Home
    client: "TestClient[Litestar]"
    application: Application
    river: dict[str, Any]
    recorder: Recorder
    state: RiverState = field(default_factory=lambda: RiverState(state="ticking"))
    is_answering: bool = True

    def scrape(self, at: float) -> Scrape:
        self.recorder.write(self.state)
        if not self.is_answering:
            return scraped(at, "")
        answer = self.client.get("/metrics")
        assert answer.status_code == 200, answer.text
        return scraped(at, answer.text)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    place = placed(folder / "home")
    with Workspace(place.home, is_owner=True) as workspace:
        file = write_events(folder / "a.jsonl", 3, occurredAt="2023-01-02T10:00:00Z")
        import_events(workspace, [file], site_id=None, mapping=None, now=NOW * 2)
        river = River(workspace)
        for job in ("retention", "daily-rollups", "touchpoint-derivation", "attribution-weights"):
            river.job(job)
        noted(workspace, JOB, "done")
        status = {**msgspec.json.decode(msgspec.json.encode(river.status())), "processId": os.getpid()}
    application = Application(place.home, ServerOptions(metrics_are_open=True))
    application.collector._now = time.monotonic  # as a started one has its loop's
    socket_file = place.home.path / "none.sock"
    recorder = Recorder(record_of(socket_file))
    with (
        pytest.MonkeyPatch.context() as patch,
        TestClient(litestar(application, place.home, socket_file)) as client,
    ):
        patch.setattr(server_facts, "KNOWN_SECONDS", 0.0)
        patch.setattr("touchline.server.api.readiness._KNOWN_SECONDS", 0.0)
        patch.setattr(operations, "river_status", lambda _file: status)
        yield Watched(place.home, client, application, status, recorder)
    application.ledger.close()
    recorder.close()


def names_in(expression: str) -> set[str]:
    """The metrics that an expression names."""
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression)
    return {
        word for word in re.findall(r"\b[a-z_]{2,}\b", bare) if word not in _WORDS and word not in {"job", "process"}
    }


def test_rules_and_board_name_only_what_a_scrape_has(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ServerOptions(metrics_are_open=True, redis_url="redis://127.0.0.1:1")
    monkeypatch.setattr(watched.application, "options", options)
    watched.recorder.write(watched.state)
    text = watched.client.get("/metrics").text
    there = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        there |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    assert len(RULES) == len(re.findall("- alert:", RULES_FILE.read_text(encoding="utf-8"))) >= 15
    for expression in (*RULES.values(), *SHOWN):
        named = names_in(expression)
        assert named, expression
        assert named <= there, f"{expression}: {named - there}"
    assert {f"process_{name}" for name in (
        "cpu_seconds_total", "resident_memory_bytes", "virtual_memory_bytes", "start_time_seconds", "open_fds",
        "max_fds",
    )} <= there  # fmt: skip
    roles = set(re.findall(r'^process_resident_memory_bytes\{process="(\w+)"\} [1-9]', text, re.MULTILINE))
    assert roles == {"main", "worker", "river"}
    assert re.search(
        r'^touchline_build_info\{engine="duckdb",ledger="sqlite",python="[^"]+",version="[^"]+"\} 1', text, re.MULTILINE
    )


def ledger_gone(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
    watched.home.ledger_file.rename(watched.home.path / "gone.db")


def redis_gone(watched: Watched, patch: pytest.MonkeyPatch) -> None:
    async def no_answer() -> bool:
        return False

    patch.setattr(watched.application.limits, "reach", no_answer)


def river_gone(watched: Watched, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(operations, "river_status", lambda _file: {"status": "down"})


def many_events(watched: Watched, patch: pytest.MonkeyPatch) -> None:
    """Stored events go on while the river stands, and later is away."""
    pulse = watched.application.ledger.pulse()
    patch.setattr(watched.application.ledger, "pulse", lambda: (pulse[0] + 10_001, *pulse[1:]))
    river_gone(watched, patch)


def old_jobs(*names: str) -> Callable[[Watched, pytest.MonkeyPatch], None]:
    def cause(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
        """The newest success is of long ago, and since then there are only failures."""
        ago = time.time_ns() // 1000 - 40 * 3_600_000_000
        with Workspace(watched.home) as workspace, workspace.ledger.transaction() as entry:
            for name in names:
                entry.remove(schema.JOB_RUNS, job=name)
                for at, status in ((ago, "done"), (ago + 1, "failed")):
                    entry.add(schema.JOB_RUNS, job=name, started_at=at, ended_at=at, status=status, detail="")

    return cause


def noted(workspace: Workspace, job: str, status: str) -> None:
    """A job is recorded as begun and ended now."""
    now = time.time_ns() // 1000
    with workspace.ledger.transaction() as entry:
        entry.add(schema.JOB_RUNS, job=job, started_at=now, ended_at=now, status=status, detail="")


def no_backup(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
    with Workspace(watched.home) as workspace:
        noted(workspace, JOB, "failed")


def full_disk(_watched: Watched, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=1_000, used=950, free=50))


def many_files(_watched: Watched, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(processes, "_numbers_of", lambda _id: [("process_open_fds", 900.0), ("process_max_fds", 1_000.0)])


def says(**more: Any) -> Callable[[Watched, pytest.MonkeyPatch], None]:
    """The river says something else."""

    def cause(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
        watched.river.update(more)

    return cause


def failed_runs(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
    watched.river["tallies"] = {**watched.river["tallies"], "failures": 3}


def counted(**tallies: int) -> Callable[[Watched, pytest.MonkeyPatch], None]:
    def cause(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
        watched.application.collector.tallies.update(tallies)

    return cause


def errors(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
    for _ in range(11):
        watched.application.answers.note("/readyz", 503, 0.1)


def silence(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
    watched.is_answering = False


def no_keeper(watched: Watched, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(watched.recorder, "write", lambda _state: None)
    watched.state.at = 0.0
    Recorder(record_of(watched.home.path / "none.sock"))
    record_of(watched.home.path / "none.sock").write_bytes(msgspec.json.encode(watched.state))


def restarts(watched: Watched, _patch: pytest.MonkeyPatch) -> None:
    watched.state.restarts += 1


FAULTS: dict[str, Callable[[Watched, pytest.MonkeyPatch], None]] = {
    "TouchlineAbsent": silence, "TouchlineNotReady": ledger_gone, "TouchlineRedisDown": redis_gone,
    "TouchlineCommitsFail": counted(failures=1), "TouchlineServerErrors": errors,
    "TouchlineRejecting": counted(**{"rejected": 20, "reason:wrong_type": 20, "accepted": 10}),
    "TouchlineRiverDown": river_gone,
    "TouchlineKeeperDown": no_keeper, "TouchlineRiverRestarts": restarts, "TouchlineRunsFail": failed_runs,
    "TouchlineBacklog": many_events, "TouchlineNumbersOld": says(ranAt=time.time() - 1_000),
    "TouchlineJobLate": old_jobs("touchpoint-derivation"), "TouchlineDailyJobLate": old_jobs("retention"),
    "TouchlineBackupFails": no_backup, "TouchlineDiskLow": full_disk, "TouchlineFilesNearLimit": many_files,
    "TouchlineHealthAlarms": says(healthAlarms=[{"measure": "landings", "state": "new", "alarms": 1}]),
}  # fmt: skip
"""By rule, what goes wrong."""
GOES_ON = frozenset({"TouchlineRejecting", "TouchlineRiverRestarts", "TouchlineServerErrors"})
"""Faults that come again before each scrape."""
ALSO: dict[str, set[str]] = {
    "TouchlineBacklog": {"TouchlineRiverDown"}, "TouchlineRedisDown": {"TouchlineNotReady"},
}  # fmt: skip
"""Which others fire with it, since the fault is theirs, too."""


def mended(watched: Watched, river: dict[str, Any]) -> None:
    """Everything as before, but counts, which only rise."""
    watched.river.clear()
    watched.river.update(river)
    watched.state, watched.is_answering = RiverState(state="ticking"), True
    gone = watched.home.path / "gone.db"
    if gone.exists():
        gone.rename(watched.home.ledger_file)
    with Workspace(watched.home) as workspace:
        for name in ("retention", "touchpoint-derivation", JOB):
            noted(workspace, name, "done")


@pytest.mark.parametrize("name", FAULTS)
def test_a_rule_fires_for_its_fault_and_no_other_does(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    at, river = time.time(), dict(watched.river)
    if name == "TouchlineRedisDown":
        options = ServerOptions(metrics_are_open=True, redis_url="redis://127.0.0.1:1")
        monkeypatch.setattr(watched.application, "options", options)
    try:
        assert fired_by(watched, monkeypatch, name, at) == {name, *ALSO.get(name, ())}
    finally:
        monkeypatch.undo()
        mended(watched, river)


def test_robots_and_refusals_of_consent_are_no_fault(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected = counted(**{"rejected": 20, **{f"reason:{reason.value}": 20 for reason in NOBODYS_FAULT}})
    monkeypatch.setitem(FAULTS, "TouchlineRejecting", rejected)
    assert fired_by(watched, monkeypatch, "TouchlineRejecting", time.time()) == set()


def fired_by(watched: Watched, monkeypatch: pytest.MonkeyPatch, name: str, at: float) -> set[str]:
    """Which rules fire once the fault of one is there; none may before."""
    scrapes = [watched.scrape(at + 60 * number) for number in range(2)]
    assert {one for one, expression in RULES.items() if evaluated(expression, scrapes)} == set()
    for number in range(2, 5):
        if number == 2 or name in GOES_ON:
            FAULTS[name](watched, monkeypatch)
        scrapes.append(watched.scrape(at + 60 * number))
    return {one for one, expression in RULES.items() if evaluated(expression, scrapes)}


def test_each_rule_has_its_fault_and_promtool_reads_the_file() -> None:
    assert RULES.keys() == FAULTS.keys()
    if settings().max_examples >= 1_000:
        done = subprocess.run(["promtool", "check", "rules", RULES_FILE], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert f"{len(RULES)} rules found" in done.stdout

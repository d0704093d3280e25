"""Real processes, really killed: what was acknowledged stays, the rest is as if it had never begun."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import settings

from tests.cli.conftest import write_events
from tests.oracle.engine import changes, snapshot
from touchline.engines import DuckDB
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

KILLS = 2 if settings().max_examples < 1_000 else 20
NOW = 1_772_900_000_000_000
EVENTS = 3_000
REFUSED = 700


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    setup.init(made, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    return made


def killed(home: Home, chance: random.Random, *words: str) -> int:
    """Runs a command and kills it at some moment after it has begun; its exit code."""
    command = [sys.executable, "-m", "touchline", *words, "--home", str(home.path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        time.sleep(chance.uniform(0.3, 1.6))
        process.send_signal(signal.SIGKILL)
    return process.returncode


def count(workspace: Workspace) -> int:
    return len(workspace.ledger.rows(schema.TRACKING_EVENTS))


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_import_is_finished_by_the_same_command(home: Home, tmp_path: Path, seed: int) -> None:
    file = write_events(tmp_path / "events.jsonl", EVENTS)
    with file.open("a") as lines:
        lines.writelines(f'{{"eventId": "bad-{number}", "type": "NONE"}}\n' for number in range(REFUSED))
    exit_code = killed(home, random.Random(seed), "import", "events", str(file))
    assert exit_code in {0, -signal.SIGKILL}
    with Workspace(home) as workspace:
        assert workspace.ledger.damage() == ""
        stored = count(workspace) + len(workspace.ledger.rows(schema.REJECTED_EVENTS))
        is_whole = stored == EVENTS + REFUSED  # it may be killed between its last commit and its end
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
        assert is_whole or exit_code != 0
        assert (report.resumed, report.duplicate) == ((0, EVENTS) if is_whole else (stored, 0))
        assert report.read == EVENTS + REFUSED
        assert count(workspace) == EVENTS
        assert len(workspace.ledger.rows(schema.REJECTED_EVENTS)) == REFUSED * (2 if is_whole else 1)
        assert workspace.ledger.rows(schema.UNFINISHED_IMPORTS) == []


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_run_is_as_if_it_had_not_been(home: Home, tmp_path: Path, seed: int) -> None:
    with Workspace(home) as workspace:
        for number, events in enumerate((EVENTS, EVENTS + 900)):
            file = write_events(tmp_path / f"events-{number}.jsonl", events)
            importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
            if number == 0:
                running.run(workspace)
    assert killed(home, random.Random(seed), "run") in {0, -signal.SIGKILL}
    with Workspace(home) as workspace:
        running.run(workspace)
        assert isinstance(workspace.engine, DuckDB)
        stood = snapshot(workspace.engine)
        assert sum(row["event_count"] for row in stood["sessions"]) == EVENTS + 900
        running.run(workspace, is_rebuild=True)
        assert changes(stood, snapshot(workspace.engine)) == ""

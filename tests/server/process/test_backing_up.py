"""Backups on a schedule: once in each slot, over all servers of a ledger, and never in the way of what collects."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.server.conftest import Place
from tests.server.whole import wait_until
from touchline.errors import BusyError, UsageError
from touchline.jobs.backup_rotation import JOB
from touchline.ledger import Ledger, schema
from touchline.magnitudes import DAY_SECONDS, HOUR_SECONDS
from touchline.server.http.options import ServerOptions, shown
from touchline.server.process import backing_up
from touchline.server.process.backing_up import BackupPlan, Backups, backups_made, plan_from
from touchline.server.process.schedule import Slot

EVERY_NIGHT = Slot(DAY_SECONDS, 2 * HOUR_SECONDS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"backup_folder": "backups"}, "TOUCHLINE_BACKUP_FOLDER is the whole path of a folder, not 'backups'"),
        ({"backup_folder": "/b", "backup_hours": 0.0}, "TOUCHLINE_BACKUP_HOURS is from 0.25 to 744, not 0"),
        ({"backup_folder": "/b", "backup_hours": 745.0}, "TOUCHLINE_BACKUP_HOURS is from 0.25 to 744, not 745"),
        ({"backup_folder": "/b", "backup_keep": 0}, "TOUCHLINE_BACKUP_KEEP is at least 1, not 0"),
        ({"backup_folder": "/b", "backup_then": "take 'it"}, "TOUCHLINE_BACKUP_THEN cannot be read as words"),
        ({"backup_then": "take"}, "TOUCHLINE_BACKUP_THEN is set, and no backup is made"),
    ],
)
def test_options_that_make_no_sense_stop_the_start(options: Mapping[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_from(ServerOptions(**options))


def test_what_the_options_ask_for() -> None:
    asked = ServerOptions(backup_folder="/b", backup_hours=6.0, backup_keep=3, backup_then="take --to 'my place'")
    expected = BackupPlan(Path("/b"), Slot(6 * HOUR_SECONDS, 2 * HOUR_SECONDS), 3, ("take", "--to", "my place"))
    assert plan_from(asked) == expected
    assert plan_from(ServerOptions()) is None
    assert "my place" not in f"{asked}{shown(asked)}"  # there may be a password in it


def test_each_slot_has_one_backup_whichever_server_makes_it(any_place: Place, tmp_path: Path) -> None:
    plan = BackupPlan(tmp_path / "backups", EVERY_NIGHT, 2, ())
    one, other = Backups(any_place.home, plan), Backups(any_place.home, plan)
    now = time.time()
    with closing(Ledger(any_place.home.ledger)) as ledger:
        if any_place.home.database_url:
            with ledger.alone(JOB), pytest.raises(BusyError):
                one.make_if_due(now)
        with ledger.alone("what a run is"):  # nor does the river wait for a backup, or a backup for the river
            made = one.make_if_due(now)
    assert made is not None
    assert Path(made.file).parent == plan.folder
    assert [each.make_if_due(now + 1) for each in (one, other, one, Backups(any_place.home, plan))] == [None] * 4
    assert other.make_if_due(now + DAY_SECONDS) is not None
    assert len(list(plan.folder.iterdir())) == 2


@pytest.fixture
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(backing_up, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(backing_up, "_AWAY_SECONDS", 0.02)
    yield
    for thread in threading.enumerate():
        if thread.name == backing_up.THREAD:
            thread.join(10)


@pytest.mark.usefixtures("looks_at_once")
def test_backups_are_made_as_the_options_say(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where, how often, how many stay, and where they are taken; a failure is in the log, with what to do."""
    folder, clock = tmp_path / "backups", [1_767_225_600.0]  # midnight
    monkeypatch.setattr(time, "time", lambda: clock[0])
    monkeypatch.setattr(time, "time_ns", lambda: int(clock[0] * 1e9))
    taken = tmp_path / "taken"
    command = f"{sys.executable} -c \"import sys; open(sys.argv[1], 'a').write(sys.argv[2] + chr(10))\" {taken}"
    options = ServerOptions(backup_folder=str(folder), backup_hours=6.0, backup_keep=2, backup_then=command)
    with capture_logs() as log, backups_made(place.home, options):
        for number, hours in enumerate((0.5, 2.5, 7.5, 8.5, 14.5)):
            clock[0] = 1_767_225_600.0 + hours * HOUR_SECONDS
            expected = (1, 2, 2, 3, 4)[number]
            wait_until(lambda expected=expected: len(log) >= expected, 30)  # type: ignore[misc]
    assert [line["event"] for line in log] == ["backup_made"] * 4
    assert [line["removed"] for line in log] == [0, 0, 1, 1]
    assert taken.read_text().splitlines() == [line["file"] for line in log]
    assert sorted(map(str, folder.glob("*.backup"))) == [line["file"] for line in log[2:]]
    options = ServerOptions(backup_folder=str(folder), backup_then="/none/take")
    clock[0] += DAY_SECONDS
    with capture_logs() as log, backups_made(place.home, options):
        wait_until(lambda: bool(log), 30)
    line, plan = log[0], plan_from(options)
    assert plan is not None
    assert Backups(place.home, plan).make_if_due(clock[0]) is None  # it is not tried again before the next slot
    assert (line["event"], line["error"]) == ("backup_failed", "/none/take cannot be run: No such file or directory.")
    assert "The backup is made" in line["next_step"]
    with closing(Ledger(place.home.ledger)) as ledger:
        newest = ledger.newest(schema.JOB_RUNS, job=JOB)
    assert newest is not None
    assert newest["status"] == "failed"


@pytest.mark.usefixtures("looks_at_once")
def test_a_ledger_that_is_away_is_asked_again(place: Place, tmp_path: Path) -> None:
    file, gone = place.home.ledger_file, tmp_path / "gone"
    file.rename(gone)
    with capture_logs() as log, backups_made(place.home, ServerOptions(backup_folder=str(tmp_path / "b"))):
        wait_until(lambda: bool(log), 30)
        gone.rename(file)
        wait_until(lambda: log[-1]["event"] == "backup_made", 30)
    assert {line["event"] for line in log[:-1]} == {"backup_failed"}

"""The server says to systemd that it is well, while its loops turn and its keeper is at work, and stops saying so."""

import copy
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from touchline.server.process.watchdog import LEAST_STILL_SECONDS, watchdog_seconds, watched, what_stands_still
from touchline.server.watch import keeper_record, loop_turns
from touchline.server.watch.keeper_record import Recorder, RiverState, record_of
from touchline.server.watch.loop_turns import LoopTurns


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({"WATCHDOG_USEC": "-1"}, 0.0),
    ],
)
def test_how_long_systemd_waits(environment: dict[str, str], seconds: float) -> None:
    assert watchdog_seconds(environment) == seconds


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def drained(manager: socket.socket) -> list[bytes]:
    found = []
    while select.select([manager], [], [], 0)[0]:
        found.append(manager.recv(100))
    return found


class Parts:
    """The parts of a server; somebody may wait until they were looked at again."""

    def __init__(self) -> None:
        self.still = ""
        self.patience: set[float] = set()
        self._looked = threading.Semaphore(0)

    def __call__(self, seconds: float) -> str:
        self.patience.add(seconds)
        said = self.still
        self._looked.release()
        return said

    def wait_for_looks(self, count: int) -> None:
        while self._looked.acquire(blocking=False):
            pass
        for _ in range(count):
            assert self._looked.acquire(timeout=60)


def test_it_is_said_while_nothing_stands_still(manager: socket.socket, tmp_path: Path) -> None:
    parts, is_ready = Parts(), threading.Event()
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "40000"}
    with capture_logs() as logs, watched(environment, is_ready, parts):
        assert parts.patience == set()  # nothing is looked at before the server has started
        is_ready.set()
        assert [manager.recv(100) for _ in range(3)] == 3 * [b"WATCHDOG=1"]
        parts.still = "The worker stands still."
        parts.wait_for_looks(2)  # the first may have begun before
        drained(manager)
        parts.wait_for_looks(10)
        assert drained(manager) == []
        parts.still = ""
        assert manager.recv(100) == b"WATCHDOG=1"
    drained(manager)
    assert parts.patience == {LEAST_STILL_SECONDS}
    assert logs == [{"event": "watchdog_withheld", "log_level": "error", "reason": "The worker stands still."}]


def test_it_is_said_at_half_the_time_and_no_more_often(
    manager: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, is_ready = Parts(), threading.Event()
    is_ready.set()
    monkeypatch.setattr("touchline.server.process.watchdog._LOOK_SECONDS", 0.001)
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(7_200 * 1_000_000)}
    with watched(environment, is_ready, parts):
        parts.wait_for_looks(20)
    assert drained(manager) == [b"WATCHDOG=1"]  # the next one is due in an hour
    assert parts.patience == {3_600.0}


def test_nothing_runs_where_systemd_does_not_watch() -> None:
    before = threading.active_count()
    with watched({"NOTIFY_SOCKET": "/run/notify"}, threading.Event(), Parts()):
        assert threading.active_count() == before


def test_a_keeper_that_stands_still_and_a_river_that_does_not_end_are_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket_file = tmp_path / "serve.sock"
    assert "keeper" in what_stands_still(socket_file, None, 30)
    recorder = Recorder(record_of(socket_file))
    for state in ("starting", "ticking", "failing", "blocked", "late", "restarting"):
        recorder.write(RiverState(state))
        assert what_stands_still(socket_file, None, 30) == ""  # the keeper is at work on it
    assert what_stands_still(socket_file, LoopTurns(1), 30) == "No event loop has turned for more than 30 seconds."
    recorder.write(RiverState("stuck", "It has done nothing."))
    assert what_stands_still(socket_file, None, 30).endswith("does not end: It has done nothing.")
    recorder.write(RiverState("ticking"))
    later = time.monotonic() + keeper_record.SILENT_SECONDS
    monkeypatch.setattr(keeper_record, "time", SimpleNamespace(monotonic=lambda: later))
    assert "keeper" in what_stands_still(socket_file, None, 30)
    recorder.close()


def test_a_loop_that_turns_no_more_is_seen_and_a_worker_that_ended_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Any = SimpleNamespace(now=1_000.0, monotonic=lambda: clock.now)
    machine: Any = SimpleNamespace(living={1, 2, 3}, asking=1, getpid=lambda: machine.asking)

    def ask_whether_it_lives(process: int, _nothing: int) -> None:
        if process not in machine.living:
            raise ProcessLookupError

    machine.kill = ask_whether_it_lives
    monkeypatch.setattr(loop_turns, "time", clock)
    monkeypatch.setattr(loop_turns, "os", machine)
    turns = LoopTurns(2)
    first, second, third = (copy.copy(turns) for _ in range(3))  # as each process gets its own
    assert turns.standing_still(30) == "No event loop has turned for more than 30 seconds."
    for process, worker in ((1, first), (2, second), (3, third)):
        machine.asking = process
        worker.note()  # there is no place for the third
    clock.now += 30
    assert turns.standing_still(30) == ""
    machine.asking, clock.now = 1, clock.now + 1
    first.note()
    assert turns.standing_still(30) == "The event loop of worker 2 has stood still for 31 seconds."
    machine.living.remove(2)
    assert turns.standing_still(30) == ""  # Granian starts another one
    machine.asking = 3
    third.note()
    clock.now += 30
    third.note()
    clock.now += 1
    assert turns.standing_still(30) == "The event loop of worker 1 has stood still for 31 seconds."

"""How long the keeper waits for a river's process, which is what the server's options say."""

import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.server.whole import wait_until
from touchline.server.http.options import ServerOptions
from touchline.server.process import keeping
from touchline.server.process.keeping import Keeper, river_kept
from touchline.server.watch.heartbeat import Beat
from touchline.server.watch.keeper_record import read_record, record_of
from touchline.settings import Home

PATIENT: dict[str, Any] = {"river_silent_seconds": 600.0, "river_idle_seconds": 600.0, "river_step_seconds": 600.0}


def silent(_home: Home, _socket_file: Path, _keeper: Connection, _restarts: int) -> None:
    """A river that says nothing, and does nothing."""
    time.sleep(60)


def idle(_home: Home, _socket_file: Path, keeper: Connection, _restarts: int) -> None:
    """A river that beats, and does nothing."""
    while True:
        keeper.send_bytes(msgspec.json.encode(Beat("sessions", 1, "ticking", 1)))
        time.sleep(0.02)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeper that looks twenty times a second, and does not wait for processes that sleep."""
    monkeypatch.setattr(keeping, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "_TERM_SECONDS", 0.05)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("river", "option", "said"),
    [
        (silent, "river_silent_seconds", "no heartbeat for "),
        (idle, "river_idle_seconds", "done nothing for "),
        (idle, "river_step_seconds", "One step has taken "),
    ],
)  # fmt: skip
def test_a_river_is_ended_after_as_long_as_the_option_says(
    tmp_path: Path, river: keeping.RiverProcess, option: str, said: str
) -> None:
    with capture_logs() as logs:
        keeper = Keeper(Home(tmp_path), tmp_path / "s.sock", ServerOptions(**{**PATIENT, option: 0.3}), river)
        keeper.start()
        try:
            wait_until(lambda: any(line["event"] == "river_stuck" for line in logs), 30)
        finally:
            keeper.stop(0.1)
    assert said in next(line["reason"] for line in logs if line["event"] == "river_stuck")


@pytest.mark.usefixtures("quick")
def test_a_river_in_a_server_engine_is_never_idle(tmp_path: Path) -> None:
    options = ServerOptions(**{**PATIENT, "river_idle_seconds": 0.1, "river_step_seconds": 1.0})
    home = Home(tmp_path, engine_url="postgresql://nowhere")
    with capture_logs() as logs:
        keeper = Keeper(home, tmp_path / "s.sock", options, idle)
        keeper.start()
        try:
            wait_until(lambda: any(line["event"] == "river_stuck" for line in logs), 30)
        finally:
            keeper.stop(0.1)
    assert "One step" in next(line["reason"] for line in logs if line["event"] == "river_stuck")


@pytest.mark.usefixtures("quick")
def test_a_river_that_does_not_end_is_killed_after_as_long_as_a_stop_may_take(tmp_path: Path) -> None:
    with (
        capture_logs() as logs,
        river_kept(Home(tmp_path), tmp_path / "s.sock", ServerOptions(**PATIENT, stop_seconds=1), silent),
    ):
        pass
    assert [line["after_seconds"] for line in logs if line["event"] == "river_killed"] == [1]


LONG_REASON = "A lock on the engine's server is held by process 7 (dashboard). " + "Ü" * 600


def blocked(_home: Home, _socket_file: Path, keeper: Connection, _restarts: int) -> None:
    """A river that somebody blocks for a few beats, at length, and nobody any longer."""
    for number in range(10_000):
        said = ("blocked", LONG_REASON) if number < 20 else ("ticking", "")
        keeper.send_bytes(msgspec.json.encode(Beat("sessions", number, said[0], 1, said[1])))
        time.sleep(0.02)


@pytest.mark.usefixtures("quick")
def test_who_blocks_a_river_is_in_the_record_that_readiness_reads(tmp_path: Path) -> None:
    keeper = Keeper(Home(tmp_path), tmp_path / "s.sock", ServerOptions(**PATIENT), blocked)
    seen: list[tuple[str, str]] = []

    def look() -> bool:
        kept = read_record(record_of(tmp_path / "s.sock"))
        if kept is not None and (not seen or seen[-1] != (kept.state, kept.reason)):
            seen.append((kept.state, kept.reason))
        return seen[-1:] == [("ticking", "")]

    keeper.start()
    try:
        wait_until(look, 30)
    finally:
        keeper.stop(0.1)
    assert ("blocked", LONG_REASON[:512]) in seen

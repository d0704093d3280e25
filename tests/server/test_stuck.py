"""A river that is stopped or dies, and files that go away under a running server: noticed, reported, mended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.collect.test_track import view
from tests.server.conftest import WIDE, Place, placed
from tests.server.process.test_serving import has_links, owns_the_engine, sale
from tests.server.serving import Answer, Server, serving
from tests.server.whole import children, is_ready, wait_until, whole
from touchline.errors import BusyError
from touchline.jobs.owner import Owner
from touchline.jobs.ownership import listening

pytestmark = pytest.mark.slow

SILENT_SECONDS = 4
QUICK = {
    "TOUCHLINE_RIVER_SILENT_SECONDS": str(SILENT_SECONDS), "TOUCHLINE_REPORT_SECONDS": "2",
    "TOUCHLINE_CRON_SECONDS": "2", "CRON_SECRET": "a-secret-of-cron",
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return placed(tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture(scope="module")
def running(kept: Place) -> Iterator[Server]:
    with whole(kept.home.path, QUICK) as server:
        yield server


def river_of(server: Server, home: Path) -> int:
    """The river's process, once there is one: an earlier test may have ended the last one."""

    def owners() -> list[int]:
        return [pid for pid in children(server.process.pid) if owns_the_engine(pid, home)]

    wait_until(lambda: len(owners()) == 1, 60)
    return owners()[0]


def ready(server: Server) -> dict[str, object]:
    document: dict[str, object] = server.send(method="GET", path="/readyz").document
    return document


def get(server: Server, path: str, bearer: str) -> Answer:
    return server.send(method="GET", path=path, authorization=f"Bearer {bearer}")


def logged(server: Server, event: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def taken(server: Server, place: Place, name: str) -> bool:
    return server.send({"publicKey": place.publishable, "events": sale(place.publishable, name)}).status == 200


def reads_again(home: Path, name: str) -> bool:
    try:
        return has_links(home, name)
    except BusyError:
        return False


def test_a_frozen_river_is_reported_ended_and_replaced_while_events_are_taken(running: Server, kept: Place) -> None:
    frozen, restarts = river_of(running, kept.home.path), ready(running)["riverRestarts"]
    os.kill(frozen, signal.SIGSTOP)
    try:
        began = time.monotonic()
        for path, bearer in (("/api/waste", kept.secret), ("/api/cron/daily-rollups", "a-secret-of-cron")):
            answer = get(running, path, bearer)
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) >= 1
        assert taken(running, kept, "while-frozen")
        metrics = get(running, "/metrics", kept.secret)
        assert metrics.status == 200
        assert "touchline_keeper_up 1.0" in metrics.body.decode()
        wait_until(lambda: ready(running)["river"] in {"late", "stuck", "restarting"}, 12 * SILENT_SECONDS)
        assert time.monotonic() - began < 24 * SILENT_SECONDS
        assert ready(running)["status"] == "ready"
        wait_until(lambda: not Path(f"/proc/{frozen}").exists(), 60)
    finally:
        if Path(f"/proc/{frozen}").exists():
            os.kill(frozen, signal.SIGCONT)
    wait_until(lambda: is_ready(running) and ready(running)["riverRestarts"] > restarts, 120)  # type: ignore[operator]
    wait_until(lambda: reads_again(kept.home.path, "while-frozen"), 60)
    (stuck,) = [line for line in logged(running, "river_stuck") if line["process"] == frozen]
    assert "no heartbeat" in str(stuck["reason"])


def test_an_engine_file_that_is_deleted_is_noticed_and_built_again(running: Server, kept: Place) -> None:
    assert taken(running, kept, "before-it-goes")
    wait_until(lambda: reads_again(kept.home.path, "before-it-goes"), 60)
    (kept.home.engine_file).unlink()
    answer = get(running, "/api/waste", kept.secret)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    wait_until(lambda: bool(logged(running, "engine_file_lost")), 60)
    wait_until(lambda: is_ready(running) and kept.home.engine_file.exists(), 120)
    wait_until(lambda: reads_again(kept.home.path, "before-it-goes"), 60)


def test_listening_is_logged_once_it_is_true_and_not_before(running: Server) -> None:
    (line,) = logged(running, "Listening")
    assert line["url"] == f"http://127.0.0.1:{running.port}"
    everything = [json.loads(text)["event"] for text in running.log.read_text().splitlines() if text.startswith("{")]
    assert "serving" not in everything
    assert everything.index("starting") < everything.index("Listening")


@pytest.mark.parametrize("change", ["deleted", "replaced", "log deleted"])
def test_nothing_is_acknowledged_into_a_ledger_file_that_stands_nowhere(place: Place, change: str) -> None:
    file = place.home.ledger_file
    with serving(place.home.path, WIDE, application="served:whole") as server:
        assert server.send({"publicKey": place.publishable, **view(1)}).status == 200
        log, moved = Path(f"{file}-wal"), place.home.path / "moved"
        if change == "log deleted":
            log.unlink()
        else:
            file.rename(moved)
            if change == "replaced":
                file.write_bytes(moved.read_bytes())
        answers = [server.send({"publicKey": place.publishable, **view(number)}) for number in (2, 3)]
        assert answers[0].status == 503
        assert int(answers[0].headers["retry-after"]) >= 1
        if change != "log deleted":
            assert answers[1].status == 503
            wait_until(lambda: server.send(method="GET", path="/readyz").status == 503, 60)
            file.unlink(missing_ok=True)
            moved.rename(file)
            wait_until(lambda: server.send({"publicKey": place.publishable, **view(2)}).status == 200, 60)


def test_a_dead_redis_is_reported_and_the_login_says_so(place: Place) -> None:
    options = {"redis_url": "redis://127.0.0.1:1/0"}
    with serving(place.home.path, options, application="served:whole") as server:
        answer = server.send(method="GET", path="/readyz")
        assert (answer.status, answer.document["parts"]["limits"]["status"]) == (503, "failing")
        assert "Redis" in answer.document["parts"]["limits"]["reason"]
        login = server.send({"name": "ada", "password": "?"}, path="/api/login")
    assert (login.status, login.document["code"]) == (503, "limits_away")
    assert "Redis" in login.document["detail"]
    assert int(login.headers["retry-after"]) >= 1


@pytest.mark.parametrize("seconds", [None, 0.2])
def test_an_owner_that_accepts_and_never_answers_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    monkeypatch.setattr("touchline.jobs.owner.SILENCE_SECONDS", 0.2)
    with closing(listening(tmp_path / "serve.sock")), closing(Owner(tmp_path / "serve.sock", seconds=seconds)) as owner:
        with pytest.raises(BusyError, match="does not answer") as raised:
            owner.run()
        assert "/readyz" in raised.value.hint


def test_a_command_waits_for_the_river_that_replaces_a_frozen_one(running: Server, kept: Place) -> None:
    wait_until(lambda: is_ready(running), 60)
    frozen = river_of(running, kept.home.path)
    os.kill(frozen, signal.SIGSTOP)
    try:
        command = subprocess.run(
            [sys.executable, "-m", "touchline", "waste"], env={**os.environ, "TOUCHLINE_HOME": str(kept.home.path)},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    finally:
        if Path(f"/proc/{frozen}").exists():
            os.kill(frozen, signal.SIGCONT)
    is_told = command.returncode == 4 and command.stderr.startswith("error: ")
    assert command.returncode == 0 or is_told

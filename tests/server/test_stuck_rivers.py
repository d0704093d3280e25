"""A river whose file is spoiled, one that dies at once at every start, and a statement without end: each is mended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from tests.server.conftest import Place, placed
from tests.server.processes import cpu_seconds_of
from tests.server.serving import Server
from tests.server.test_stuck import QUICK, get, logged, reads_again, ready, river_of, taken
from tests.server.whole import children, is_ready, wait_until, whole
from touchline.errors import TouchlineError
from touchline.jobs.owner import Owner
from touchline.jobs.ownership import socket_of

pytestmark = pytest.mark.slow

ENDLESS = "select max(hash(i)) as most from range(100000000000000) as r(i)"

ASKER = """
import sys
from pathlib import Path
from touchline.jobs.owner import Owner
Owner(Path(sys.argv[1]) / "serve.sock").select(sys.argv[2])
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return placed(tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture(scope="module")
def running(kept: Place) -> Iterator[Server]:
    with whole(kept.home.path, QUICK) as server:
        yield server


def cut_in_half(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def emptied(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(0)


def overwritten(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(os.urandom(4_096))


def replaced_by_a_copy(file: Path) -> None:
    _replaced(file, file.read_bytes())


def replaced_by_another_kind(file: Path) -> None:
    _replaced(file, b"no database " * 5_000)


def _replaced(file: Path, content: bytes) -> None:
    copy = file.with_name("copy")
    copy.write_bytes(content)
    copy.replace(file)


SPOILERS = (emptied, replaced_by_a_copy, cut_in_half, overwritten, replaced_by_another_kind)
"""Two in CI: a file that is the same, and one that is another."""


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "spoil", SPOILERS if settings().max_examples >= 1_000 else SPOILERS[:2],
    ids=lambda spoil: str(spoil.__name__),
)  # fmt: skip
def test_a_spoiled_engine_file_is_noticed_and_built_again_from_the_ledger(
    running: Server, kept: Place, spoil: Callable[[Path], None]
) -> None:
    name, home = f"before-{spoil.__name__}", kept.home
    assert taken(running, kept, name)
    wait_until(lambda: is_ready(running) and reads_again(home.path, name), 120)
    lost, first = len(logged(running, "engine_file_lost")), river_of(running, home.path)
    spoil(home.engine_file)
    spoiled = home.engine_file.stat().st_ino
    # Nobody is shown what a spoiled file says: the numbers are those of the ledger, or none.
    answer = get(running, "/api/waste", kept.secret)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert taken(running, kept, f"while-{spoil.__name__}")
    wait_until(lambda: len(logged(running, "engine_file_lost")) > lost, 60)
    wait_until(lambda: is_ready(running) and home.engine_file.exists(), 180)
    wait_until(lambda: reads_again(home.path, name) and reads_again(home.path, f"while-{spoil.__name__}"), 60)
    assert river_of(running, home.path) != first
    assert home.engine_file.stat().st_ino != spoiled
    assert home.engine_file.with_name("engine.duckdb.aside").exists()


@pytest.mark.timeout(300)
def test_a_statement_without_end_is_ended_by_the_limit_of_who_asked(running: Server, kept: Place) -> None:
    wait_until(lambda: is_ready(running), 120)
    river, began = river_of(running, kept.home.path), time.monotonic()
    with closing(Owner(socket_of(kept.home), seconds=1)) as owner, pytest.raises(TouchlineError):
        owner.select(ENDLESS)
    assert time.monotonic() - began < 60
    assert taken(running, kept, "after-the-endless-statement")
    wait_until(Load(river).is_idle, 60)
    wait_until(lambda: reads_again(kept.home.path, "after-the-endless-statement"), 60)
    assert river_of(running, kept.home.path) == river
    assert not [line for line in logged(running, "river_stuck") if line["process"] == river]


@pytest.mark.timeout(300)
def test_a_statement_without_end_is_ended_where_its_asker_is_killed(running: Server, kept: Place) -> None:
    wait_until(lambda: is_ready(running), 120)
    river = river_of(running, kept.home.path)
    with subprocess.Popen([sys.executable, "-c", ASKER, str(kept.home.path), ENDLESS]) as asker:
        wait_until(Load(river).is_busy, 60)
        asker.kill()
    wait_until(Load(river).is_idle, 60)
    assert river_of(running, kept.home.path) == river


class Load:
    """What a process takes of a core, measured over a second at least."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen = (time.monotonic(), cpu_seconds_of(pid))

    def is_busy(self) -> bool:
        return (self._share() or 0.0) > 0.5

    def is_idle(self) -> bool:
        share = self._share()
        return share is not None and share < 0.5

    def _share(self) -> float | None:
        """Of the time since the last measurement; ``None``: it is too short."""
        elapsed = time.monotonic() - self._seen[0]
        if elapsed < 1:
            return None
        spent = cpu_seconds_of(self._pid) - self._seen[1]
        self._seen = (self._seen[0] + elapsed, self._seen[1] + spent)
        return spent / elapsed


@pytest.mark.timeout(300)
def test_a_river_that_dies_at_once_at_every_start_waits_longer_each_time_and_events_are_taken(place: Place) -> None:
    with whole(place.home.path, QUICK) as server:
        others = {*children(server.process.pid)} - {river_of(server, place.home.path)}

        def kill_rivers() -> bool:
            for pid in children(server.process.pid).keys() - others:
                os.kill(pid, signal.SIGKILL)
            return len(logged(server, "river_died")) >= 4

        wait_until(kill_rivers, 120)
        assert ready(server)["status"] == "ready"
        assert ready(server)["river"] in {"restarting", "starting"}
        assert taken(server, place, "while-it-dies")
        died = logged(server, "river_died")
        assert [line["next_in_seconds"] for line in died[:4]] == [0.5, 1.0, 2.0, 4.0]
        assert {line["exit_code"] for line in died[:4]} == {-signal.SIGKILL}
        assert ready(server)["riverRestarts"] == len(died)
        wait_until(lambda: is_ready(server) and reads_again(place.home.path, "while-it-dies"), 120)

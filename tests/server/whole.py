"""``touchline serve`` in a process of its own, as people start it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.server.serving import Server, free_port


@contextmanager
def whole(
    home: Path, environment: Mapping[str, str] | None = None, *words: str, shares_session: bool = False,
    ready_seconds: float = 120,
) -> Iterator[Server]:  # fmt: skip
    """A whole server over ``home``, ready, until the block ends; what it logs is in ``home/../log``.

    :param shares_session: run in the caller's session, where niceness counts against the caller's processes. Linux
        may divide processors between sessions first (``kernel.sched_autogroup_enabled``).
    :param ready_seconds: within which its first run has to be over.
    """
    port, file = free_port(), home.parent / "log"
    with file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "touchline", "serve", "--port", str(port), *words],
            env={**os.environ, **(environment or {}), "TOUCHLINE_HOME": str(home)},
            start_new_session=not shares_session,
            process_group=0 if shares_session else None, stdout=log, stderr=log,
        )  # fmt: skip
    server = Server(process, port, file)
    try:
        wait_until(lambda: is_ready(server), ready_seconds)
        yield server
    finally:
        server.stop()
        kill(server)


def is_ready(server: Server) -> bool:
    """Whether it takes events and its river has run."""
    assert server.process.poll() is None, "the server has ended"
    try:
        answer = server.send(method="GET", path="/readyz")
    except OSError:
        return False
    return answer.status == 200 and answer.document["river"] == "ticking"


def kill(server: Server) -> None:
    """Kill the main process alone, as ``kill -9`` does; what it started has to end by itself."""
    if server.process.poll() is None:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(30)


def wait_until(is_so: Callable[[], bool], seconds: float) -> float:
    """Waits; returns for how long."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"not within {seconds} seconds"
        time.sleep(0.05)
    return time.monotonic() - began


def children(pid: int) -> dict[int, str]:
    """The processes that a process has started, with their words."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has ended meanwhile
            continue
    return found

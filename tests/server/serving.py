"""A real server in a process of its own: Granian, the application, a ledger."""

import json
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol

from granian import Granian
from granian.constants import Interfaces

from tests.forking import FORKING
from touchline.server.process.connections import IDLE_SECONDS, granian_settings, raise_descriptors

REPOSITORY = Path(__file__).resolve().parents[2]
STOP_SECONDS = 60
"""How long the unit gives a server to end: it ends the run that is on, and makes a last one."""
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Process(Protocol):
    """What a test does with a server's process."""

    @property
    def pid(self) -> int:
        """Its number, and its group's."""

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""

    def wait(self, timeout: float) -> int:
        """Its exit code, when it ends."""


class Server:
    """A running server."""

    def __init__(self, process: Process, port: int, log: Path, *, is_traced: bool = False) -> None:
        self.is_traced = is_traced
        self.process = process
        self.port = port
        self.log = log

    def send(
        self, body: object = b"", *, method: str = "POST", path: str = "/api/track", timeout: float = 30, **fields: str
    ) -> Answer:
        """One request on a connection of its own; underscores of ``fields`` are hyphens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json", "user-agent": AGENT}
        headers |= {name.replace("_", "-"): value for name, value in fields.items()}
        try:
            with suppress(BrokenPipeError):  # the server may answer before it has read all
                connection.request(method, path, data, headers)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            # A tracer holds signals back from itself, not from what it traces.
            to_all = how == signal.SIGKILL or self.is_traced
            os.killpg(self.process.pid, how) if to_all else os.kill(self.process.pid, how)
        return self.process.wait(STOP_SECONDS)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(
    home: Path, options: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None, *,
    before: tuple[str, ...] = (), application: str = "served:application",
) -> Iterator[Server]:  # fmt: skip
    """A server over ``home`` until the block ends; what it prints is in ``home/../log``.

    :param before: words of a program that runs it; it is then started from nothing, which takes seconds.
    """
    port, log = free_port(), home.parent / "log"
    told = {**(environment or {}), "TOUCHLINE_HOME": str(home), "OPTIONS": json.dumps(options or {})}
    process = _executed(before, application, port, told, log) if before else _Forked(application, port, told, log)
    server = Server(process, port, log, is_traced="strace" in before)
    try:
        _wait_for(server)
        yield server
    finally:
        server.stop()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _executed(
    before: tuple[str, ...], application: str, port: int, told: Mapping[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as out:
        return subprocess.Popen(
            [
                *before, sys.executable, "-m", "granian", "--interface", "rsgi", "--port", str(port), "--no-ws",
                "--workers-kill-timeout", "10", application,
            ],
            cwd=Path(__file__).parent, start_new_session=True, env={**os.environ, **told}, stdout=out, stderr=out,
        )  # fmt: skip


class _Forked:
    """The same server, as a fork."""

    def __init__(self, application: str, port: int, told: Mapping[str, str], log: Path) -> None:
        self._process = FORKING.Process(target=_serve, args=(application, port, told, log))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"no end within {timeout} seconds")
        return self._process.exitcode


def _serve(application: str, port: int, told: Mapping[str, str], log: Path) -> None:
    """What a fork does: what ``python -m granian`` does, in a session of its own."""
    os.setsid()
    with log.open("ab") as out:
        for standard in (1, 2):
            os.dup2(out.fileno(), standard)
    os.environ.update(told)
    sys.path.insert(0, str(Path(__file__).parent))
    if "DESCRIPTORS" in told:
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(told["DESCRIPTORS"]),) * 2)
    multiprocessing.set_start_method("fork", force=True)  # of Granian's worker, too
    granian = Granian(
        application, port=port, interface=Interfaces.RSGI, websockets=False, workers_kill_timeout=10, process_name=None,
        **granian_settings(raise_descriptors(), idle_seconds=float(told.get("IDLE_SECONDS", IDLE_SECONDS))),
    )  # fmt: skip
    granian.serve()


def _wait_for(server: Server) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        except OSError:
            if time.monotonic() > until or server.process.poll() is not None:
                raise AssertionError(f"no server: {server.log.read_text()}") from None
            time.sleep(0.01)

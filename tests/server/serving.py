"""A real server in a process of its own: Granian, the application, a ledger."""

import json
import os
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
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
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


class Server:
    """A running server."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, *, is_traced: bool = False) -> None:
        self.is_traced = is_traced
        self.process = process
        self.port = port

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
            os.killpg(self.process.pid, how) if to_all else self.process.send_signal(how)
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(
    home: Path, options: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None, *,
    before: tuple[str, ...] = (), application: str = "served:application", folder: Path | None = None,
) -> Iterator[Server]:  # fmt: skip
    """A server over ``home`` until the block ends."""
    port = free_port()
    process = subprocess.Popen(
        [
            *before, sys.executable, "-m", "granian", "--interface", "rsgi", "--port", str(port), "--no-ws",
            "--workers-kill-timeout", "10", application,
        ],
        cwd=folder or Path(__file__).parent, start_new_session=True,
        env={**os.environ, **(environment or {}), "TOUCHLINE_HOME": str(home), "OPTIONS": json.dumps(options or {})},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    server = Server(process, port, is_traced="strace" in before)
    try:
        _wait_for(server)
        yield server
    finally:
        server.stop()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout is not None:
            process.stdout.close()


def _wait_for(server: Server) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        except OSError:
            if time.monotonic() > until or server.process.poll() is not None:
                out = server.process.stdout.read().decode() if server.process.poll() is not None else ""  # type: ignore[union-attr]
                raise AssertionError(f"no server: {out}") from None
            time.sleep(0.05)

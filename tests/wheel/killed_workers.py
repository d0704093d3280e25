"""Workers of a quick start that are killed at points of their work, from outside: the app's own code stays as it is.

The points are statements of SQLite, which every framework comes by. A module that Python reads at its start has each
connection report them, and kills the process at the one that a file names; of several workers one dies.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.capture.framework_laws import BROWSER

WAIT_SECONDS = 120.0
"""For what is to happen, on a machine that is slow and busy."""

READ_AT_THE_START = """
import os, signal, sqlite3, sqlite3.dbapi2

ARMED, connect_soundly = os.environ["DIES_AT"], sqlite3.dbapi2.connect


def reporting():
    seen = set()

    def report(statement):
        try:
            with open(ARMED) as file:
                when, _, words = file.read().partition(" ")
        except FileNotFoundError:
            return
        is_commit = statement.upper().startswith("COMMIT")
        if words in statement:
            seen.add(words)
        if (words in statement and when == "at") or (is_commit and words in seen and when == "committing"):
            try:
                os.rename(ARMED, ARMED + ".done")
            except FileNotFoundError:
                return
            os.kill(os.getpid(), signal.SIGKILL)
        if is_commit or statement.upper().startswith("ROLLBACK"):
            seen.clear()

    return report


def connect(*given, **named):
    connection = connect_soundly(*given, **named)
    connection.set_trace_callback(reporting())
    return connection


sqlite3.connect = sqlite3.dbapi2.connect = connect
"""


class Point(NamedTuple):
    """Where a worker dies: ``at`` a statement before it runs, or ``committing`` the transaction that had it."""

    when: str
    words: str


POINTS = (
    Point("at", "INSERT INTO attribution_touches"),
    Point("committing", "INSERT INTO attribution_touches"),
    Point("at", "INSERT INTO attribution_outbox"),
    Point("committing", "INSERT INTO attribution_outbox"),
    Point("at", "DELETE FROM attribution_outbox"),
    Point("at", "INSERT INTO attribution_subject_links"),
    Point("committing", "INSERT INTO attribution_subject_links"),
    Point("at", "UPDATE attribution_sendings"),
    Point("at", "DELETE FROM attribution_sendings"),
    Point("committing", "DELETE FROM attribution_sendings"),
)
"""In the order in which an order comes by them, from the visit to what Touchline has taken."""


class Shop:
    """A quick start that is being served, and its customers."""

    def __init__(self, folder: Path, path: Path, orders: str) -> None:
        self._armed = folder / "dies_at"
        self._transport = str(path)
        self._orders = orders

    def is_open(self) -> bool:
        """Whether a worker listens; from then on customers wait while workers start again."""
        with socket.socket(socket.AF_UNIX) as asking:
            try:
                asking.connect(self._transport)
            except OSError:
                return False
            return True

    def arm(self, point: Point) -> None:
        """Have the next worker that comes by the point die there."""
        draft = self._armed.with_suffix(".draft")
        draft.write_text(" ".join(point), encoding="utf-8")
        draft.rename(self._armed)

    def has_killed(self) -> bool:
        """Whether a worker has died there."""
        return not self._armed.exists()

    def sell(self, source: str) -> None:
        """Somebody comes from ``source`` and orders, and tries again where nobody answers."""
        with self._customer() as customer:
            until(lambda: _answer(customer, "GET", f"/?utm_source={source}"))
            until(lambda: _answer(customer, "POST", self._orders))

    def _customer(self) -> httpx.Client:
        transport = httpx.HTTPTransport(uds=self._transport)
        return httpx.Client(transport=transport, base_url="http://shop.example", headers=BROWSER, timeout=WAIT_SECONDS)


def _answer(customer: httpx.Client, method: str, path: str) -> httpx.Response | None:
    more = {"json": {"total": "49.90"}} if method == "POST" else {}
    try:
        answer = customer.request(method, path, **more)  # type: ignore[arg-type]
    except httpx.TransportError:
        return None
    return answer if answer.is_success else None


def until(is_so: Callable[[], object]) -> None:
    """Wait for something."""
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, "Expected it within two minutes, but it has not come."
        time.sleep(0.05)


@contextmanager
def served(python: Path, target: str, orders: str, folder: Path, workers: int, **variables: str) -> Iterator[Shop]:
    """A quick start under ``uvicorn``, between its start and its stop."""
    hooks, path = folder / "hooks", folder / "socket"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(READ_AT_THE_START, encoding="utf-8")
    shop = Shop(folder, path, orders)
    words = ["-m", "uvicorn", target, "--uds", path, "--workers", workers, "--log-level", "warning"]
    found = os.pathsep.join(filter(None, (str(hooks), variables.pop("PYTHONPATH", ""))))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(python), *map(str, words)], cwd=folder, stdout=log, stderr=log,
            env={**variables, "PYTHONPATH": found, "DIES_AT": str(folder / "dies_at")},
        )  # fmt: skip
        try:
            until(lambda: server.poll() is not None or shop.is_open())
            assert server.poll() is None, (folder / "log").read_text(encoding="utf-8")
            yield shop
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(WAIT_SECONDS)

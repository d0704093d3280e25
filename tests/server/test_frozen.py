"""A database that stands still for seconds, and clients that give up after one and send the same again."""

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from threading import Event, Thread
from typing import NamedTuple

import psycopg
import pytest
from hypothesis import settings

from tests.quantifiers import each
from tests.server.conftest import WIDE, Place
from tests.server.processes import memory_of
from tests.server.serving import serving
from tests.server.test_killed import sent, stored
from tests.server.whole import children, wait_until

FROZEN_SECONDS = 5.0 if settings().max_examples < 1_000 else 17.0
"""The longer one is beyond every patience that the server has: with a lock, a statement, and a request's answer."""
PATIENCE_SECONDS = 1.0
WAITING_ROWS = 200
GROWN_BYTES = 50 * 1024 * 1024


class Said(NamedTuple):
    """An answer."""

    asked_at: float
    at: float
    status: int
    accepted: int
    is_told: bool
    """Whether it says when to come again, as a problem does."""


class Client:
    """Sends batch after batch, each until it is acknowledged, and waits a second for an answer."""

    def __init__(self, place: Place, port: int, number: int) -> None:
        self.sent: list[str] = []
        self.said: list[Said] = []
        self.given_up = 0
        self._place, self._port, self._number = place, port, number
        self._stop = Event()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """After what it sends now is acknowledged."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "it is never acknowledged"

    def has_answers_after(self, moment: float) -> bool:
        return any(said.at > moment and said.status == 200 for said in self.said)

    def _run(self) -> None:
        chance, number = random.Random(self._number), 0
        while not self._stop.is_set():
            names = [f"{self._number}-{number}-{n}" for n in range(chance.choice([1, 20]))]
            number += 1
            self.sent += names
            while not self._is_taken(names):
                time.sleep(0.05)

    def _is_taken(self, names: list[str]) -> bool:
        asked_at = time.monotonic()
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)) as connection:
            try:
                answer = sent(connection, self._place, names)
            except (OSError, HTTPException):
                self.given_up += 1
                return False
        is_problem = answer.headers["content-type"] == "application/problem+json"
        is_told = is_problem and int(answer.headers.get("retry-after", 0)) >= 1
        self.said.append(Said(asked_at, time.monotonic(), answer.status, answer.document.get("accepted", 0), is_told))
        return answer.status == 200


@contextmanager
def frozen(place: Place) -> Iterator[None]:
    """The database does nothing until the block ends: its processes are stopped, or somebody holds its only lock."""
    with ExitStack() as thaw:
        if place.home.database_url:
            for pid in server_processes(place.home.database_url):
                with suppress(ProcessLookupError):  # one of a connection that has just ended
                    os.kill(pid, SIGSTOP)
                    thaw.callback(os.kill, pid, SIGCONT)
        else:
            other = thaw.enter_context(closing(sqlite3.connect(place.home.ledger_file, isolation_level=None)))
            other.execute("pragma busy_timeout = 10000")
            other.execute("begin immediate")
        yield


def server_processes(url: str) -> list[int]:
    """Those of the PostgreSQL server; the one that starts the others comes first."""
    with psycopg.connect(url) as connection:
        row = connection.execute("show data_directory").fetchone()
    assert row is not None
    first = int((Path(row[0]) / "postmaster.pid").read_text().split()[0])
    return [first, *children(first)]


@pytest.mark.slow
def test_a_frozen_database_and_clients_that_give_up(any_place: Place) -> None:
    options = {**WIDE, "waiting_rows": WAITING_ROWS}
    with serving(any_place.home.path, options, any_place.environment) as server:
        clients = [Client(any_place, server.port, number) for number in range(16)]
        (worker,) = children(server.process.pid)
        try:
            wait_until(lambda: all(client.said for client in clients), 60)
            with frozen(any_place):
                frozen_at, memory = time.monotonic(), memory_of(worker)
                time.sleep(FROZEN_SECONDS)
                thawed_at, grown = time.monotonic(), memory_of(worker) - memory
            wait_until(lambda: all(client.has_answers_after(thawed_at) for client in clients), 60)
        finally:
            for client in clients:
                client.stop()
    said = [one for client in clients for one in client.said]
    offered = [name for client in clients for name in client.sent]
    assert sorted(stored(any_place)) == sorted(offered)
    assert sum(one.accepted for one in said) <= len(offered)
    assert {one.status for one in said} == {200, 503}
    assert each(one.is_told for one in said if one.status == 503)
    assert not [one for one in said if one.status == 200 and frozen_at < one.asked_at < one.at < thawed_at]
    refused, given_up = sum(one.status == 503 for one in said), sum(client.given_up for client in clients)
    assert given_up
    assert grown < GROWN_BYTES
    print(  # noqa: T201
        f"\n{len(offered):,} events, each there once; {given_up} requests given up, {refused} told to come again,"
        f" memory grew by {grown / 2**20:.1f} MB"
    )

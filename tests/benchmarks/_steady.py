"""How long ``touchline serve`` takes to answer at a fixed rate, while its river ticks.

Requests fall due at even intervals, whether or not earlier ones are answered, and what is measured begins when a
request is due: a server that stops for a while has to answer for all that should have come meanwhile.
"""

import argparse
import asyncio
import json
import os
import re
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from tests.benchmarks._collecting import NO_LIMITS, Load, measured, ours
from tests.server.conftest import Place, placed
from tests.server.serving import AGENT
from tests.server.whole import whole
from touchline.server.http.options import name_of

BAR_MS = 50.0
_TICK_SECONDS = 0.0005
_SILENCE_SECONDS = 60
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def steady(options: argparse.Namespace) -> None:
    """Print the times of the answers at half of what one core takes, or at the rate that is asked for."""
    rate = options.rate or _half_of_a_run(options)
    with TemporaryDirectory(dir=options.folder) as folder:
        place = placed(Path(folder) / "home")
        limits = {name_of(name): str(value) for name, value in NO_LIMITS.items()}
        os.sched_setaffinity(0, _cores(options.core))  # what is started from here on stays there
        with whole(place.home.path, limits) as server:
            os.sched_setaffinity(0, _cores(options.other_core))
            asyncio.run(Sender(server.port, place, options.connections).send(rate, 2))
            began = time.time_ns() // 1000
            sender = Sender(server.port, place, options.connections)
            asyncio.run(sender.send(rate, options.seconds))
            _tell(sender, rate, _runs_since(began, place), options)


def _cores(said: str) -> set[int]:
    return {int(core) for core in said.split(",")}


def _half_of_a_run(options: argparse.Namespace) -> float:
    with TemporaryDirectory(dir=options.folder) as folder, ours(Path(folder), options.core) as running:
        found = measured(running, Load(1, options.seconds, options.connections, options.core)).events_per_second
    print(f"  one core, wrk included, takes {found:,.0f} events/s with one event a request")
    return found / 2


def _runs_since(began: int, place: Place) -> int:
    with closing(sqlite3.connect(place.home.ledger_file)) as connection:
        query = "select count(*) from job_runs where job = 'run' and status = 'done' and started_at >= ?"
        return int(connection.execute(query, (began,)).fetchone()[0])


def _tell(sender: "Sender", rate: float, runs: int, options: argparse.Namespace) -> None:
    times = sorted(sender.milliseconds)
    p50, p99 = (times[int(len(times) * share)] for share in (0.5, 0.99))
    print(f"  touchline serve (all its processes) on core {options.core}, its client on core {options.other_core},"
          f" {options.connections} connections, {options.seconds} s")  # fmt: skip
    print(f"  {rate:,.0f} events/s due, {len(times):,} answered, {sender.refused} of them not with 200;"
          f" the river ran {runs} times")  # fmt: skip
    print(
        f"  from due to answered: p50 {p50:.1f} ms, p99 {p99:.1f} ms (bar: {BAR_MS:.0f} ms), longest {times[-1]:.1f} ms"
    )


class Sender:
    """One event a request over connections that stay; one is used by one request at a time."""

    def __init__(self, port: int, place: Place, connections: int) -> None:
        self._port = port
        self._key = place.publishable
        self._connections = connections
        self.idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        """When those that wait for a connection were due."""
        self.milliseconds: list[float] = []
        self.refused = 0

    async def send(self, rate: float, seconds: float) -> None:
        """Send for so long, and wait for all the answers."""
        until = time.perf_counter() + seconds
        await self.send_while(lambda: time.perf_counter() < until, rate)

    async def send_while(self, goes_on: Callable[[], bool], rate: float) -> None:
        """Send as long as something goes on, and wait for all the answers."""
        loop = asyncio.get_running_loop()
        for _ in range(self._connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._port)
        start = heard = time.perf_counter()
        sent = answered = 0
        while (is_on := goes_on()) or answered < sent:
            now = time.perf_counter()
            while is_on and start + sent / rate <= now:
                self._due.append(start + sent / rate)
                sent += 1
            self._dispatch()
            if len(self.milliseconds) > answered:
                answered, heard = len(self.milliseconds), now
            assert now < heard + _SILENCE_SECONDS, "the server does not answer"
            await asyncio.sleep(_TICK_SECONDS)
        for connection in self.idle:
            connection.transport.close()

    def _dispatch(self) -> None:
        while self._due and self.idle:
            self.idle.popleft().ask(self._due.popleft(), self._request())

    def _request(self) -> bytes:
        number = len(self.milliseconds)
        event_id = UUID(int=time.time_ns() // 1_000_000 << 80 | 7 << 76 | 2 << 62 | uuid4().int & (1 << 62) - 1)
        body = json.dumps(
            {
                "publicKey": self._key, "eventId": str(event_id), "type": "PAGE_VIEW",
                "anonId": f"visitor-{number % 5000}", "sessionId": f"s_{number % 5000}", "referrer": "https://www.google.com/",
                "url": f"https://shop.example.com/product/{number % 500}?utm_source=google&utm_medium=cpc",
            }
        ).encode()  # fmt: skip
        head = (
            f"POST /api/track HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nuser-agent: {AGENT}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def answered(self, connection: "Connection", *, is_good: bool) -> None:
        """Note how long it took, and give the connection to the next."""
        self.milliseconds.append((time.perf_counter() - connection.due) * 1000)
        self.refused += not is_good
        self.idle.append(connection)
        self._dispatch()


class Connection(asyncio.Protocol):
    """One connection; it reads as much of an answer as it needs to find its end."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._came = b""
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._sender.idle.append(self)

    def ask(self, due: float, request: bytes) -> None:
        """Send what was due at a time."""
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._came += data
        head, separator, body = self._came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if separator else None
        if length is not None and len(body) >= int(length[1]):
            self._came = b""
            self._sender.answered(self, is_good=head.startswith(b"HTTP/1.1 200"))

"""``touchline serve`` under attack: honest traffic at an even rate, and strangers with half of one core beside it."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from tests.adversary.hostile import Stranger
from tests.adversary.shop import Request, requests
from tests.forking import FORKING
from tests.server.conftest import Place
from tests.server.serving import Server
from tests.server.whole import wait_until

RATE = 60
"""Honest requests a second."""
OPTIONS = {
    "TOUCHLINE_TRUSTED_PROXIES": "1",
    "TOUCHLINE_EVENTS_PER_MINUTE_OF_SITE": "1000000",
    "TOUCHLINE_EVENTS_PER_MINUTE_OF_KEY": "1000000",
}
"""The test's own connections are the trusted proxy's; many strangers together may use up neither site nor key."""
SHARE_OF_A_CORE = 0.5
_CONNECTIONS = 256


@dataclass
class Honest:
    """What became of the honest requests."""

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    """From the moment at which a request was due to its answer."""
    acknowledged: set[str] = field(default_factory=set)

    @property
    def share_answered(self) -> float:
        """Of all requests, those that were answered with 200."""
        return self.statuses[200] / sum(self.statuses.values())

    def percentile(self, share: float) -> float:
        """Milliseconds within which so many were answered."""
        return sorted(self.milliseconds)[int(len(self.milliseconds) * share)]


def send_honest(server: Server, place: Place, seed: int, first: int, count: int, into: Honest) -> None:
    """Send ``count`` requests of the shop, each when it is due, whether or not earlier ones are answered."""
    asyncio.run(_send_all(server.port, list(requests(place, seed, first, count)), into))


async def _send_all(port: int, waiting: list[Request], into: Honest) -> None:
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(waiting):
            due = began + number / RATE
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            tasks.create_task(_send(port, request, due, into))


async def _send(port: int, request: Request, due: float, into: Honest) -> None:
    status = await _status_of(port, request)
    into.milliseconds.append((asyncio.get_running_loop().time() - due) * 1000)
    into.statuses[status] += 1
    if status == 200:
        into.acknowledged.update(request.event_ids)


async def _status_of(port: int, request: Request) -> int:
    """The status of the answer; 0 where there is none."""
    fields = {**request.head, "host": "shop", "content-type": "application/json", "connection": "close",
              "content-length": str(len(request.body))}  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"POST /api/track HTTP/1.1\r\n{head}\r\n".encode() + request.body)
            line = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return 0
    return int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else 0


class Strangers:
    """The process of those who attack; they are replaced by others between two seeds."""

    def __init__(self, server: Server, place: Place, seed: int, guessed_orders: int, niceness: int) -> None:
        self._seed, self._sent, self._is_over = FORKING.Value("q", seed), FORKING.Value("q", 0), FORKING.Event()
        self._share = FORKING.Value("d", 0.0)
        arguments = (
            server.port,
            place.publishable,
            guessed_orders,
            self._seed,
            self._sent,
            self._share,
            self._is_over,
        )
        self._process = FORKING.Process(target=_attack, args=arguments, daemon=True)
        self._process.start()
        assert self._process.pid is not None  # 0 would be this process
        os.setpriority(os.PRIO_PROCESS, self._process.pid, niceness)
        self._wait_for_more()

    @property
    def sent(self) -> int:
        """Requests so far."""
        return int(self._sent.value)

    @property
    def share_of_a_core(self) -> float:
        """How much of a core they have had; they stop at half of one, and a busy machine leaves them less."""
        return float(self._share.value)

    def replace(self, seed: int) -> None:
        """Let others attack from now on, and return when the attack goes on."""
        self._seed.value = seed
        self._wait_for_more()

    def _wait_for_more(self) -> None:
        """Wait for the next request, which takes a while where other tests keep the machine busy."""
        sent = self.sent
        wait_until(lambda: self.sent > sent, 60)

    def stop(self) -> None:
        """Call them off."""
        self._is_over.set()
        self._process.join(30)
        assert self._process.exitcode == 0, "the strangers gave up"


@contextmanager
def attacked(
    server: Server, place: Place, seed: int, guessed_orders: int, *, niceness: int = 0
) -> Iterator[Strangers]:  # fmt: skip
    """Strangers attack from before the block begins until it ends; a high ``niceness`` leaves processors to others."""
    strangers = Strangers(server, place, seed, guessed_orders, niceness)
    try:
        yield strangers
    finally:
        strangers.stop()


def _attack(port: int, key: str, guessed_orders: int, seed: Any, sent: Any, share: Any, is_over: Event) -> None:
    asyncio.run(_attack_all(port, lambda: Stranger(key, seed.value, guessed_orders), seed, sent, share, is_over))


async def _attack_all(
    port: int, arrive: Callable[[], Stranger], seed: Any, sent: Any, share: Any, is_over: Event
) -> None:  # fmt: skip
    began, spent = time.monotonic(), time.process_time()  # starting this process is no part of the attack
    slots, stranger, arrived = asyncio.Semaphore(_CONNECTIONS), arrive(), seed.value
    pending: set[asyncio.Task[None]] = set()
    while not is_over.is_set():
        if seed.value != arrived:
            stranger, arrived = arrive(), seed.value
        await slots.acquire()
        task = asyncio.create_task(_throw(port, stranger.request(), slots))
        pending.add(task)
        task.add_done_callback(pending.discard)
        sent.value += 1
        used, passed = time.process_time() - spent, time.monotonic() - began
        share.value = used / passed
        await asyncio.sleep(max(0.0, used / SHARE_OF_A_CORE - passed))
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


async def _throw(port: int, data: bytes, slots: asyncio.Semaphore) -> None:
    """Send it on a connection of its own, and wait a while for an answer that nobody reads to its end."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(data)
                await reader.read(1_024)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return
    finally:
        slots.release()

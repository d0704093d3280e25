"""How many events a minute are taken from a site, with a key, from a part of the network: sliding, whole batches.

In memory these are two counts for each name: of this minute and of the one before, which counts by the share of it that
is still within sixty seconds. In Redis, which several processes share, ``limits`` keeps the same two counts.
"""

import time
from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple, Protocol

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError

from touchline.errors import UsageError
from touchline.server.http.options import ServerOptions

WINDOW_SECONDS = 60
SITE, KEY, CLIENT = "s:", "k:", "c:"
"""How the names of sites, keys and clients begin."""
MOST_NAMES = 200_000
"""Names that are counted in a minute; clients of a flood from more places than that share one count."""
_ROUNDING = 1e-6


class Limit(NamedTuple):
    """``name`` may send ``per_minute`` events in any sixty seconds."""

    name: str
    per_minute: int


class Ruling(NamedTuple):
    """Whether this many events may be accepted."""

    is_within: bool
    limit: int
    """Of the limit that is nearest to its end, or beyond it."""
    remaining: int
    retry_seconds: int
    """Seconds until this many events are accepted again, unless others come first; 0 if they are accepted now."""
    name: str = ""
    """Of that limit."""


class RateLimits(Protocol):
    """All limits of a request take it, or none counts it."""

    async def take(self, limits: Sequence[Limit], events: int) -> Ruling:
        """Count ``events`` (1 to 100) where every limit has room for them all."""

    async def reach(self) -> bool:
        """Whether what keeps the counts answers."""

    async def close(self) -> None:
        """Let go of what keeps the counts."""


class InMemory:
    """Counts of this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._window = 0
        self._current: dict[str, int] = {}
        self._previous: dict[str, int] = {}

    async def take(self, limits: Sequence[Limit], events: int) -> Ruling:
        """Count them, or not."""
        return self.taken(limits, events)

    def taken(self, limits: Sequence[Limit], events: int) -> Ruling:
        """As :meth:`take`, at once.

        >>> counts = InMemory(clock=lambda: 90.0)
        >>> counts.taken([Limit("shop", 100)], 60), counts.taken([Limit("shop", 100)], 60)
        (Ruling(is_within=True, limit=100, remaining=40, retry_seconds=0, name='shop'),
         Ruling(is_within=False, limit=100, remaining=40, retry_seconds=51, name='shop'))
        """
        now = self._clock()
        share_left = self._turned(now)
        nearest: Limit | None = None
        least = 0
        names = [self._counted_as(limit.name) for limit in limits]
        for name, limit in zip(names, limits, strict=True):
            room = limit.per_minute - self._count(name, share_left)
            if nearest is None or room < least:
                nearest, least = limit, room
        if nearest is None:
            return Ruling(True, 0, 0, 0)
        if least < events:
            return Ruling(False, nearest.per_minute, max(0, least), self._wait(nearest, events, now), nearest.name)
        for name in names:
            self._add(name, events)
        return Ruling(True, nearest.per_minute, least - events, 0, nearest.name)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is counted, neither of this minute nor of the one before."""
        return not self._current and not self._previous

    async def reach(self) -> bool:
        """Always: it is memory."""
        return True

    def seconds_until_room(self, limit: Limit) -> int:
        """After how many seconds one more is taken; 0: now. Nothing is counted."""
        now = self._clock()
        if limit.per_minute - self._count(self._counted_as(limit.name), self._turned(now)) >= 1:
            return 0
        return self._wait(limit, 1, now)

    def add(self, name: str, count: int) -> None:
        """Count what was there already, whether or not a limit has room for it."""
        self._turned(self._clock())
        self._add(self._counted_as(name), count)

    def _add(self, name: str, count: int) -> None:
        self._current[name] = self._current.get(name, 0) + count

    async def close(self) -> None:
        """Nothing."""

    def _turned(self, now: float) -> float:
        """The share of the minute before that still counts, once the counts are those of this minute."""
        window, passed = divmod(now, WINDOW_SECONDS)
        if window != self._window:
            self._previous = self._current if window == self._window + 1 else {}
            self._current, self._window = {}, int(window)
        return 1 - passed / WINDOW_SECONDS

    def _counted_as(self, name: str) -> str:
        """The name itself; of clients beyond all measure, who can make up names, one name for all."""
        current = self._current
        if name in current or len(current) < MOST_NAMES or not name.startswith(CLIENT):
            return name
        return CLIENT

    def _count(self, name: str, share_left: float) -> int:
        return self._current.get(name, 0) + int(self._previous.get(name, 0) * share_left)

    def _wait(self, limit: Limit, events: int, now: float) -> int:
        """Seconds until the counts leave room for ``events``, as they decay."""
        if events > limit.per_minute:
            return WINDOW_SECONDS
        passed = now % WINDOW_SECONDS
        name = self._counted_as(limit.name)
        current, previous = self._current.get(name, 0), self._previous.get(name, 0)
        room = limit.per_minute - events
        if current <= room and previous:
            return max(1, ceil(WINDOW_SECONDS * (1 - (room - current) / previous) - passed + _ROUNDING))
        fades = WINDOW_SECONDS * (1 - room / current) if current else 0.0
        return max(1, ceil(WINDOW_SECONDS - passed + fades + _ROUNDING))


class InRedis:
    """Counts that several processes share.

    :param is_open_on_failure: whether to accept events without rate limits while Redis is unavailable.
    :raises UsageError: if ``url`` is none of a Redis, or ``redis`` is not installed. That it is away is no error.
    """

    def __init__(self, url: str, *, is_open_on_failure: bool) -> None:
        try:
            from redis.asyncio import ConnectionPool  # noqa: PLC0415 — an extra
        except ImportError:
            raise UsageError("Limits that processes share need redis.", "Install touchline[redis].") from None
        try:
            self._pool = ConnectionPool.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
            storage = RedisStorage(
                f"async+{url}", wrap_exceptions=True, implementation="redispy",
                connection_pool=self._pool,  # type: ignore[arg-type]
            )  # fmt: skip
        except (ConfigurationError, ValueError):  # what came is not repeated: a password may stand in it
            raise UsageError(
                "REDIS_URL is not a Redis URL.", "Expected host and port, such as redis://localhost:6379/0."
            ) from None
        self._storage = storage
        self._strategy = SlidingWindowCounterRateLimiter(storage)
        self._is_open_on_failure = is_open_on_failure

    async def take(self, limits: Sequence[Limit], events: int) -> Ruling:
        """Look at all, then count in all: between the two another process may pass a limit by a batch."""
        try:
            return await self._taken(limits, events)
        except StorageError:
            return Ruling(self._is_open_on_failure, 0, 0, 0 if self._is_open_on_failure else 5)

    async def reach(self) -> bool:
        """Whether Redis answers."""
        return await self._storage.check()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.disconnect()

    async def _taken(self, limits: Sequence[Limit], events: int) -> Ruling:
        least: tuple[int, Limit, int] | None = None
        for limit in limits:
            item = RateLimitItemPerMinute(limit.per_minute)
            stats = await self._strategy.get_window_stats(item, limit.name)
            if least is None or stats.remaining < least[0]:
                least = (stats.remaining, limit, max(1, round(stats.reset_time - time.time())))
        if least is None:
            return Ruling(True, 0, 0, 0)
        if least[0] < events:
            return Ruling(False, least[1].per_minute, least[0], least[2], least[1].name)
        for limit in limits:
            await self._strategy.hit(RateLimitItemPerMinute(limit.per_minute), limit.name, cost=events)
        return Ruling(True, least[1].per_minute, least[0] - events, 0, least[1].name)


def limits_of(options: ServerOptions) -> RateLimits:
    """The limits of one process of a server; nothing is connected to before the first request.

    :raises UsageError: if Redis is to keep them and cannot be spoken to.
    """
    if options.redis_url:
        return InRedis(options.redis_url, is_open_on_failure=options.is_open_without_redis)
    return InMemory()

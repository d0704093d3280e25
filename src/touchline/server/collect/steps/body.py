"""The body: read, and inflated; a large one waits for its turn, and makes room for others on the way."""

import asyncio
import time
from collections.abc import Awaitable

from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.bodies import body_of, inflated, is_gzipped

LARGE_BYTES = 65_536
"""Beyond, and where it is gzipped, a body waits for its turn. A hundred page views have 34 KB and take less than a
millisecond; in turns, nearly each of them would have a commit of its own, for 3 µs an event."""


async def whole(parts: Parts, tracked: Tracked) -> None:
    """All of it, as it comes."""
    came = await body_of(tracked.headers, tracked.exchange, parts.patience)
    tracked.body, tracked.size_bytes = came, len(came)
    tracked.is_gzip = is_gzipped(tracked.headers.get("content-encoding"))


def turn(parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """The turn of a large body."""
    if tracked.is_gzip or tracked.size_bytes > LARGE_BYTES:
        return _turn_taken(parts, tracked)
    return None


async def _turn_taken(parts: Parts, tracked: Tracked) -> None:
    await parts.turn.acquire()
    tracked.has_turn = True


def inflation(_parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """What a gzipped body says; after a large one, others are served."""
    if tracked.is_gzip:
        tracked.body = inflated(tracked.body)
        tracked.size_bytes = len(tracked.body)
    return asyncio.sleep(0) if tracked.size_bytes > LARGE_BYTES else None


def arrival(_parts: Parts, tracked: Tracked) -> None:
    """The time at which it counts as received."""
    tracked.received_at = time.time_ns() // 1000


def turn_over(parts: Parts, tracked: Tracked) -> None:
    """The next large body is worked on while this request waits for its commit."""
    if tracked.has_turn:
        tracked.has_turn = False
        parts.turn.release()

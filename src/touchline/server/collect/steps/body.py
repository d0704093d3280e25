"""The body: read and decompressed. Large bodies take turns, and let other requests run in between."""

import asyncio
import time
from collections.abc import Awaitable

from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.bodies import body_of, inflated, is_gzipped

LARGE_BYTES = 65_536
"""Bytes above which a body takes turns; compressed ones always do. A hundred page views have 34 KB and take less than a
millisecond. If they took turns, nearly each would have its own commit, which costs 3 µs an event."""


async def whole(parts: Parts, tracked: Tracked) -> None:
    """Read the whole body."""
    came = await body_of(tracked.headers, tracked.exchange, parts.patience)
    tracked.body, tracked.size_bytes = came, len(came)
    tracked.is_gzip = is_gzipped(tracked.headers.get("content-encoding"))


def turn(parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """Wait for the turn of a large body."""
    if tracked.is_gzip or tracked.size_bytes > LARGE_BYTES:
        return _turn_taken(parts, tracked)
    return None


async def _turn_taken(parts: Parts, tracked: Tracked) -> None:
    await parts.turn.acquire()
    tracked.has_turn = True


def inflation(_parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """Decompress the body; after a large one, let other requests run."""
    if tracked.is_gzip:
        tracked.body = inflated(tracked.body)
        tracked.size_bytes = len(tracked.body)
    return asyncio.sleep(0) if tracked.size_bytes > LARGE_BYTES else None


def arrival(_parts: Parts, tracked: Tracked) -> None:
    """Record the time at which the request counts as received."""
    tracked.received_at = time.time_ns() // 1000


def turn_over(parts: Parts, tracked: Tracked) -> None:
    """End the turn, so that the next large body is processed while this request waits for its commit."""
    if tracked.has_turn:
        tracked.has_turn = False
        parts.turn.release()

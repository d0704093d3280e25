"""A request's body, within bounds of size, of inflation and of time, before anybody looks at what it says."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Coroutine
from typing import Protocol

from granian._granian import RSGIProtocolClosed as ProtocolClosed

from touchline.server.http.problems import Problem
from touchline.server.http.request_context import Headers

MAX_BODY = 1_000_000
"""Bytes as they come."""
MAX_INFLATED = 2_500_000
"""Bytes once they are inflated: they are decoded in one piece, and nobody else is served meanwhile."""
MAX_RATIO = 100
"""How many times its size a body may inflate to, beyond the first 64 KiB."""
TYPES = ("application/json", "text/plain")
"""``text/plain`` is what ``sendBeacon`` sends without asking first."""


class Body(Protocol):
    """What a server gives to read a body from: whole, or piece by piece."""

    async def __call__(self) -> bytes:
        """All of it."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its pieces, as they come."""


class Patience:
    """How long clients may take to send their bodies: one watch for all, as a timer for each costs more than its body.

    :param seconds: at least so long, and up to a second more.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._reading: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()

    async def of(self, reading: Coroutine[object, object, bytes]) -> bytes:
        """What ``reading`` reads.

        :raises Problem: 408 if it takes too long.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - Granian runs each request in a task of asyncio's
        self._reading[task] = time.monotonic()
        try:
            return await reading
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise Problem(
                408, "too_slow", f"The body did not arrive within {self._seconds:g} seconds.", "Send it again."
            ) from None
        finally:
            del self._reading[task]
            self._late.discard(task)

    async def watch(self) -> None:
        """Give up what takes too long; run it concurrently with the requests."""
        while True:
            await asyncio.sleep(1.0)
            before = time.monotonic() - self._seconds
            for task in [task for task, since in self._reading.items() if since < before]:
                self._late.add(task)
                task.cancel()


async def body_of(headers: Headers, body: Body, patience: Patience) -> bytes:
    """The body as it comes, once the head says that it can be one of ours.

    :raises Problem: 400, 408, 413 or 415.
    """
    _check_type(headers.get("content-type"))
    is_gzipped(headers.get("content-encoding"))
    return await patience.of(_read(headers.get("content-length"), body))


def is_gzipped(encoding: str | None) -> bool:
    """Whether a body is to be inflated, by its ``Content-Encoding``.

    :raises Problem: 415 if nobody can tell how.
    """
    if encoding not in {None, "", "identity", "gzip"}:
        raise Problem(
            415, "unknown_encoding", "Expected no Content-Encoding, or gzip.", "Send it uncompressed or gzipped."
        )
    return encoding == "gzip"


def _check_type(content_type: str | None) -> None:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise Problem(
            415, "unknown_type", "Expected Content-Type application/json, or text/plain (as sendBeacon sends it).",
            "Send JSON with Content-Type: application/json.",
        )  # fmt: skip


async def _read(content_length: str | None, body: Body) -> bytes:
    if content_length is not None:
        digits = content_length.lstrip("0")  # any number of which may stand in front
        if not (content_length.isascii() and content_length.isdigit()) or int(digits[:12] or 0) > MAX_BODY:
            raise _too_large()
        return await _whole(body)
    pieces: list[bytes] = []
    size = 0
    async for piece in body:
        size += len(piece)
        if size > MAX_BODY:
            raise _too_large()
        pieces.append(bytes(piece))
    return b"".join(pieces)


async def _whole(body: Body) -> bytes:
    """A body of known length; a client that leaves before its end is no fault of the server's, and fills no log."""
    try:
        return await body()
    except ProtocolClosed:
        raise Problem(
            400, "cut_off", "The connection closed before the whole body arrived; expected the bytes in"
                " Content-Length.",
            "Send it again.",
        ) from None  # fmt: skip


def most_inflated(size: int) -> int:
    """The most bytes to which a body of ``size`` bytes may inflate.

    >>> most_inflated(10), most_inflated(1_000), most_inflated(1_000_000)
    (65536, 100000, 2500000)
    """
    return min(MAX_INFLATED, max(65_536, MAX_RATIO * size))


def inflated(came: bytes) -> bytes:
    """What a gzipped body says, given up at the first byte beyond the bounds.

    :raises Problem: 400 if it is not gzip, 413 if it grows beyond all measure.

    >>> import gzip
    >>> inflated(gzip.compress(b"{}"))
    b'{}'
    """
    most = most_inflated(len(came))
    stream = zlib.decompressobj(wbits=31)
    try:
        text = stream.decompress(came, most + 1)
    except zlib.error:
        text = None
    if text is not None and len(text) > most:
        raise _too_large()
    if text is None or not stream.eof or stream.unused_data:
        raise Problem(400, "not_gzip", "Expected one whole gzip stream, as Content-Encoding says.", "Send it again.")
    return text


def _too_large() -> Problem:
    return Problem(
        413, "too_large",
        f"Expected at most {MAX_BODY:,} bytes, that inflate to at most {MAX_INFLATED:,}, and not to {MAX_RATIO} times"
        " their size.",
        "Send less data per request.",
    )  # fmt: skip

"""Bodies at the edges of their bounds, and those that are none."""

import asyncio
import gzip
import random
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from granian._granian import RSGIProtocolClosed as ProtocolClosed

from touchline.server.http import bodies
from touchline.server.http.bodies import Patience, body_of, inflated, is_gzipped
from touchline.server.http.problems import Problem


class _Body:
    """Gives pieces; whole where it is asked for so."""

    def __init__(self, *pieces: bytes, is_cut: bool = False) -> None:
        self.pieces = pieces
        self.is_cut = is_cut

    async def __call__(self) -> bytes:
        if self.is_cut:
            raise ProtocolClosed
        return b"".join(self.pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._given()

    async def _given(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def read(body: _Body, **headers: str) -> bytes | tuple[int, str]:
    """What is read, or the status and code of why not."""
    fields: Any = {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
    try:
        return asyncio.run(body_of(fields, body, Patience(5.0)))
    except Problem as problem:
        return problem.status, problem.code


TOO_LARGE = (413, "too_large")


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("0", b"{}"), ("1000000", b"{}"), ("0001000000", b"{}"), ("1000001", TOO_LARGE), ("0" * 50 + "2", b"{}"),
        ("9" * 5_000, TOO_LARGE), ("999999999999999999999", TOO_LARGE), ("", TOO_LARGE), ("-1", TOO_LARGE),
        ("1e3", TOO_LARGE), ("\u0661\u0660", TOO_LARGE), ("²", TOO_LARGE), ("100000000000000", TOO_LARGE),
    ],
)  # fmt: skip
def test_a_length_that_is_said_is_believed_within_bounds(length: str, expected: object) -> None:
    assert read(_Body(b"{}"), content_length=length) == expected


@pytest.mark.parametrize("pieces", [1, 2, 7])
@pytest.mark.parametrize(("size", "is_taken"), [(0, True), (1_000_000, True), (1_000_001, False)])
def test_a_body_of_unknown_length_is_given_up_beyond_the_bound(pieces: int, size: int, is_taken: bool) -> None:
    body = b"a" * size
    parts = [body[n * size // pieces : (n + 1) * size // pieces] for n in range(pieces)]
    assert read(_Body(*parts)) == (body if is_taken else TOO_LARGE)


def test_a_body_that_ends_early_is_no_fault_of_the_server() -> None:
    assert read(_Body(is_cut=True), content_length="2") == (400, "cut_off")


@pytest.mark.parametrize(
    ("content_type", "is_taken"),
    [
        ("application/json", True), ("Application/JSON ; charset=utf-8", True), ("text/plain;charset=UTF-8", True),
        ("text/html", False), ("application/jsonx", False), ("", False),
    ],
)  # fmt: skip
def test_types(content_type: str, is_taken: bool) -> None:
    assert read(_Body(b"{}"), content_type=content_type) == (b"{}" if is_taken else (415, "unknown_type"))


@pytest.mark.parametrize(("encoding", "is_inflated"), [(None, False), ("", False), ("identity", False), ("gzip", True)])
def test_encodings(encoding: str | None, is_inflated: bool) -> None:
    assert is_gzipped(encoding) is is_inflated


@pytest.mark.parametrize("encoding", ["br", "GZIP", "gzip, gzip"])
def test_an_encoding_that_nobody_reads_is_refused_by_the_head(encoding: str) -> None:
    assert read(_Body(b"{}"), content_encoding=encoding) == (415, "unknown_encoding")


def status_of(came: bytes) -> object:
    try:
        return len(inflated(came))
    except Problem as problem:
        return problem.status, problem.code


@pytest.mark.parametrize("size", [0, 65_535, 65_536])
def test_what_is_small_may_inflate_as_far_as_it_likes(size: int) -> None:
    assert status_of(gzip.compress(b"a" * size, mtime=0)) == size


def test_what_is_large_may_inflate_to_so_many_times_its_size() -> None:
    assert status_of(gzip.compress(b"a" * 65_537, mtime=0)) == TOO_LARGE
    came = gzip.compress(b"a" * 500_000 + random.Random(1).randbytes(5_000))
    allowed = 100 * len(came)
    assert status_of(came) == 505_000 < allowed
    bomb = gzip.compress(b"a" * 2_400_000 + random.Random(1).randbytes(5_000))
    assert 100 * len(bomb) < 2_405_000
    assert status_of(bomb) == TOO_LARGE


def test_nothing_inflates_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_INFLATED", 70_000)
    noise = random.Random(2).randbytes(70_001)
    assert status_of(gzip.compress(noise[:70_000], mtime=0)) == 70_000
    assert status_of(gzip.compress(noise, mtime=0)) == TOO_LARGE


WHOLE = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize("came", [b"", b"{}", WHOLE[:-1], WHOLE[:-9], WHOLE + b"x", WHOLE + WHOLE, b"x" + WHOLE])
def test_what_is_not_one_whole_stream_is_none(came: bytes) -> None:
    assert status_of(came) == (400, "not_gzip")


def test_who_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of the test's, which goes on by five seconds between two looks: after ten it may still come."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(bodies, "time", SimpleNamespace(monotonic=lambda: clock.now))
    real_sleep = asyncio.sleep

    async def nap(seconds: float) -> None:
        assert seconds == 1.0
        for _ in range(5):
            await real_sleep(0)
        clock.now += 5.0

    async def slow() -> bytes:
        await asyncio.Event().wait()
        return b""

    async def scene() -> tuple[object, ...]:
        patience = Patience(10.0)
        watch = asyncio.create_task(patience.watch())
        with pytest.raises(Problem) as refused:
            await asyncio.wait_for(patience.of(slow()), 30)
        watch.cancel()
        assert (patience._reading, patience._late) == ({}, set())
        return refused.value.status, refused.value.code, refused.value.detail, clock.now

    monkeypatch.setattr(asyncio, "sleep", nap)
    assert asyncio.run(scene()) == (408, "too_slow", "The body did not arrive within 10 seconds.", 115.0)


def test_who_leaves_is_not_said_to_be_slow() -> None:
    async def scene() -> None:
        patience = Patience(10.0)
        task = asyncio.create_task(patience.of(asyncio.sleep(3_600)))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())

"""The queue of a server's requests before the ledger: what waits, for how long, and what there is no room for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from touchline.ledger.verdicts import Verdict
from touchline.server.collect.collector import Collector, FullError, Offer, UnavailableError
from touchline.server.http.options import ServerOptions


class _Intake:
    """A ledger that says how many events each commit had, and answers when it is let."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.revoked: Mapping[str, int] = {}
        self.commits: list[int] = []
        self.may_answer = asyncio.Event()
        if is_open:
            self.may_answer.set()

    def keyed(self, text: str) -> str:
        return text

    async def take(self, prepare: Callable[[Any], Any]) -> Sequence[Verdict] | None:
        self.commits.append(len(prepare({}).events))
        await self.may_answer.wait()
        return None

    async def close(self) -> None:
        pass


def offer(rows: int = 1, size_bytes: int = 100) -> Offer:
    return Offer("shop", True, [("row",)] * rows, [], size_bytes, None)  # type: ignore[arg-type]


@asynccontextmanager
async def collecting(intake: _Intake, **options: Any) -> AsyncIterator[Collector]:
    collector = Collector(intake, ServerOptions(**options))
    collector.start()
    try:
        yield collector
    finally:
        intake.may_answer.set()
        await collector.drain()


def ran(scene: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(scene(), 60)

    asyncio.run(whole())


async def begun(_collector: Collector) -> None:
    """The writer has seen what waits."""
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("options", "commits"),
    [
        ({"commit_wait_seconds": 60.0}, [2]), ({"commit_wait_seconds": 0.0}, [1, 1]),
        ({"commit_wait_seconds": 60.0, "commit_rows": 1}, [1, 1]),
    ],
)  # fmt: skip
def test_a_commit_waits_for_more_as_it_is_told(options: dict[str, Any], commits: list[int]) -> None:
    """A second request comes when the writer has seen the first, and before it has looked again."""

    async def scene() -> None:
        intake = _Intake()
        async with collecting(intake, **options) as collector:
            first = collector.take(offer())
            await begun(collector)
            second = collector.take(offer())
            await asyncio.gather(first, second)
        assert intake.commits == commits

    ran(scene)


@pytest.mark.parametrize(
    ("options", "rows", "size_bytes", "has_room"),
    [
        ({"waiting_rows": 10}, 5, 1, True), ({"waiting_rows": 10}, 6, 1, False),
        ({"waiting_bytes": 1_000}, 1, 500, True), ({"waiting_bytes": 1_000}, 1, 501, False),
    ],
)  # fmt: skip
def test_what_there_is_no_room_for_is_refused_until_there_is(
    options: dict[str, Any], rows: int, size_bytes: int, has_room: bool
) -> None:
    async def scene() -> None:
        intake = _Intake(is_open=False)
        async with collecting(intake, **options) as collector:
            first = collector.take(offer(5, 500))
            if not has_room:
                with pytest.raises(FullError):
                    collector.take(offer(rows, size_bytes))
                intake.may_answer.set()
                assert (await first).accepted == 5
            second = collector.take(offer(rows, size_bytes))
            intake.may_answer.set()
            assert (await second).accepted == rows

    ran(scene)


def test_a_request_larger_than_all_room_is_taken_where_nothing_waits() -> None:
    async def scene() -> None:
        async with collecting(_Intake(), waiting_rows=10, waiting_bytes=10) as collector:
            assert (await collector.take(offer(50, 5_000))).accepted == 50

    ran(scene)


def test_whoever_waits_longer_than_an_answer_may_take_is_told() -> None:
    async def scene() -> None:
        intake = _Intake(is_open=False)
        async with collecting(intake, answer_seconds=0.1) as collector:
            with pytest.raises(UnavailableError, match="did not answer in time"):
                await asyncio.wait_for(asyncio.shield(collector.take(offer())), 10)

    ran(scene)


def test_nothing_is_taken_once_it_ends() -> None:
    async def scene() -> None:
        async with collecting(_Intake()) as collector:
            waiting = collector.take(offer())
            await collector.drain()
            assert (await waiting).accepted == 1
            with pytest.raises(FullError):
                collector.take(offer())

    ran(scene)

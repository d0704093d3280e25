"""The way of a tracked request, where what one step does matters to another request."""

import asyncio
import gzip
import json
import time

import pytest

from tests.server.conftest import Place
from tests.server.in_process import answered, collecting
from tests.server.refusals import Request
from touchline.jobs import access_keys
from touchline.jobs.workspace import Workspace


def view(key: str, number: int) -> bytes:
    return json.dumps({"publicKey": key, "eventId": f"e{number}", "type": "PAGE_VIEW", "anonId": "a"}).encode()


def test_a_body_that_is_refused_in_its_turn_leaves_it_to_the_next(place: Place) -> None:
    """A gzipped body is inflated in its turn, and one that is none is refused there."""

    async def sent() -> list[int]:
        bodies = [
            b"no gzip",
            gzip.compress(view(place.publishable, 1)),
            b"no gzip",
            gzip.compress(view(place.publishable, 2)),
        ]
        async with collecting(place) as application:
            requests = [Request(body, {"content-encoding": "gzip"}) for body in bodies]
            every = asyncio.gather(*(answered(application, request) for request in requests))
            return [answer.status for answer in await asyncio.wait_for(every, 30)]

    assert asyncio.run(sent()) == [400, 200, 400, 200]


def test_a_turn_ends_before_the_commit(place: Place) -> None:
    """Many large bodies are in one commit: each of them waits for it after its turn."""

    async def sent() -> tuple[list[int], int]:
        bodies = [gzip.compress(view(place.publishable, number)) for number in range(20)]
        async with collecting(place, commit_wait_seconds=0.2) as application:
            requests = [Request(body, {"content-encoding": "gzip"}) for body in bodies]
            answers = await asyncio.gather(*(answered(application, request) for request in requests))
            return [answer.status for answer in answers], application.collector.tallies["commits"]

    statuses, commits = asyncio.run(sent())
    assert statuses == [200] * 20
    assert commits < 20


HOUR = 3_600_000_000


@pytest.mark.parametrize(("overlap_hours", "ago", "status"), [(1.0, 0, 200), (1.0, HOUR + 1_000_000, 401)])
@pytest.mark.parametrize("is_in_memory", [True, False])
def test_an_old_key_opens_until_its_end_by_the_clock(
    place: Place, overlap_hours: float, ago: int, status: int, is_in_memory: bool
) -> None:
    """Whether the server knows it or has to look for it in the ledger, and the second time as the first."""

    def made() -> str:
        with Workspace(place.home) as workspace:
            begun = time.time_ns() // 1000 - ago
            old = access_keys.create_key(workspace, "shop-example", "secret", now=begun)
            access_keys.rotate_key(workspace, old.key_id, overlap_hours=overlap_hours, now=begun)
        return old.key

    async def sent() -> list[int]:
        early = made() if is_in_memory else ""
        async with collecting(place) as application:
            key = early or made()
            bodies = [json.dumps({"eventId": f"e{n}", "type": "PAGE_VIEW", "anonId": "a"}).encode() for n in range(2)]
            requests = [Request(body, {"authorization": f"Bearer {key}"}) for body in bodies]
            return [(await answered(application, request)).status for request in requests]

    assert asyncio.run(sent()) == [status, status]

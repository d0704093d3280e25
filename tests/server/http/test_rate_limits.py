"""Sliding limits, in memory against a slow exact judge, and in a real Redis."""

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quantifiers import each
from tests.server.serving import free_port
from tests.server.whole import wait_until
from touchline.errors import UsageError
from touchline.server.http.options import ServerOptions
from touchline.server.http.rate_limits import MOST_NAMES, InMemory, InRedis, Limit, limits_of


class Clock:
    now = 600.0

    def __call__(self) -> float:
        return self.now


def test_a_refused_batch_consumes_nothing_of_any_limit() -> None:
    limits = InMemory(Clock())
    site, key = Limit("site", 100), Limit("key", 10)
    assert limits.taken([site, key], 8).remaining == 2
    refused = limits.taken([site, key], 3)
    assert (refused.is_within, refused.limit, refused.remaining) == (False, 10, 2)
    assert limits.taken([site], 92).is_within
    assert not limits.taken([site], 1).is_within


def test_it_slides() -> None:
    clock = Clock()
    limits = InMemory(clock)
    assert limits.taken([Limit("site", 100)], 100).is_within
    clock.now += 59
    assert not limits.taken([Limit("site", 100)], 1).is_within
    clock.now += 16  # a quarter into the next minute: three quarters of the hundred still count
    assert limits.taken([Limit("site", 100)], 25).is_within
    assert not limits.taken([Limit("site", 100)], 1).is_within
    clock.now += 120
    assert limits.taken([Limit("site", 100)], 100).is_within


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 100)), max_size=60))
def test_whoever_waits_as_long_as_told_is_taken(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    limits = InMemory(clock)
    for passed, events in steps:
        clock.now += passed
        ruling = limits.taken([Limit("site", 150)], events)
        if not ruling.is_within:
            clock.now += ruling.retry_seconds
            assert limits.taken([Limit("site", 150)], events).is_within


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 100)), min_size=1, max_size=60))
def test_no_minute_of_the_clock_takes_more(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    limits, taken = InMemory(clock), dict[int, int]()
    for passed, events in steps:
        clock.now += passed
        if limits.taken([Limit("site", 150)], events).is_within:
            minute = int(clock.now // 60)
            taken[minute] = taken.get(minute, 0) + events
    assert each(count <= 150 for count in taken.values())


def test_a_flood_of_names_takes_no_memory_and_passes_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.server.http.rate_limits.MOST_NAMES", 100)
    limits = InMemory(Clock())
    rulings = [limits.taken([Limit(f"c:{n}", 50)], 1) for n in range(1_000)]
    assert len(limits._current) <= 101
    assert sum(ruling.is_within for ruling in rulings) == 150
    assert MOST_NAMES > 100


def test_a_flood_of_clients_takes_no_room_of_sites_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a count of its own, however many clients there are; only clients can make up names."""
    monkeypatch.setattr("touchline.server.http.rate_limits.MOST_NAMES", 3)
    limits = InMemory(Clock())
    for number in range(50):
        limits.taken([Limit(f"c:{number}", 1_000)], 1)
    assert [limits.taken([Limit(name, 50)], 50).is_within for name in ("s:one", "s:two", "k:one")] == [True] * 3
    assert not limits.taken([Limit("s:one", 50)], 1).is_within


def is_redis(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
    except OSError:
        return False


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server")
    process, port = start_redis()
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


def start_redis() -> tuple["subprocess.Popen[bytes]", int]:
    """A Redis that listens, and its port; where somebody took the free port first, it ends, and another is tried."""
    for _ in range(5):
        port = free_port()
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
        )
        wait_until(lambda: process.poll() is not None or is_redis(port), 60)  # noqa: B023 - it is called here
        if process.poll() is None:
            return process, port
    raise AssertionError("redis-server ended five times: run it by hand to see why")


def test_two_processes_share_one_count(redis: str) -> None:
    async def run() -> None:
        one, other = (InRedis(redis, is_open_on_failure=False) for _ in range(2))
        limits = [Limit("site", 100), Limit("key", 60)]
        assert (await one.take(limits, 50)).remaining == 10
        refused = await other.take(limits, 20)
        assert (refused.is_within, refused.limit, refused.remaining) == (False, 60, 10)
        assert (await other.take(limits, 10)).is_within
        assert (await one.take([Limit("site", 100)], 40)).is_within
        await one.close()
        await other.close()

    asyncio.run(run())


@pytest.mark.parametrize("is_open", [True, False])
def test_a_redis_that_is_away_is_as_configured(is_open: bool) -> None:
    async def run() -> None:
        limits = InRedis(f"redis://127.0.0.1:{free_port()}/0", is_open_on_failure=is_open)
        ruling = await limits.take([Limit("site", 100)], 50)
        assert (ruling.is_within, ruling.limit) == (is_open, 0)
        assert (ruling.retry_seconds > 0) is not is_open
        await limits.close()

    asyncio.run(run())


def test_a_redis_that_hangs_is_given_up_after_a_second() -> None:
    limits = limits_of(ServerOptions(redis_url="redis://127.0.0.1:6379/0"))
    assert isinstance(limits, InRedis)
    waits = {name: limits._pool.connection_kwargs[name] for name in ("socket_timeout", "socket_connect_timeout")}
    assert waits == {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}


def test_a_server_without_redis_counts_in_memory() -> None:
    assert isinstance(limits_of(ServerOptions()), InMemory)
    assert isinstance(limits_of(ServerOptions(redis_url="redis://127.0.0.1:6379/0")), InRedis)


def test_a_redis_that_is_not_installed_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(UsageError, match=r"touchline\[redis\]"):
        limits_of(ServerOptions(redis_url="redis://127.0.0.1:6379/0"))


@pytest.mark.parametrize(
    "url", ["hush", "http://:hush@127.0.0.1:6379", "redis://:hush@127.0.0.1:many/0", "redis://[hush"]
)
def test_what_is_no_url_of_a_redis_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError, match="redis://localhost:6379/0") as refused:
        limits_of(ServerOptions(redis_url=url))
    assert "hush" not in str(refused.value)


def test_counts_are_empty_once_what_was_counted_is_older_than_the_minute_before() -> None:
    clock = Clock()
    counts = InMemory(clock)
    found = [counts.is_empty]
    counts.add("shop", 1)
    for passed in (59.0, 1.0, 60.0):
        clock.now += passed
        counts.seconds_until_room(Limit("other", 1))
        found.append(counts.is_empty)
    assert found == [True, False, False, True]

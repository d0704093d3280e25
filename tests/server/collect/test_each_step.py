"""Each step of a tracked request on its own: what it asks, and what it leaves to the next."""

import asyncio
import gzip
import random
import time
from types import SimpleNamespace
from typing import Any

import pytest

from touchline.ingest.wire import Posted
from touchline.redaction import EVERYTHING
from touchline.server.collect.steps import body, events, head, limits
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import Ruling
from touchline.tracking_event import EVENT_FIELDS
from touchline.visitor_ids import DEFAULT

NOBODY: Any = SimpleNamespace()


class _Keys:
    """Knows one key, and remembers at which moment it was asked."""

    def __init__(self, *scopes: str) -> None:
        self.key: Any = SimpleNamespace(scopes=frozenset(scopes)) if scopes else None
        self.asked: list[tuple[str, str, int]] = []

    def known_bearer(self, said: str, now: int) -> Any:
        self.asked.append(("memory", said, now))
        return self.key

    async def look_up_bearer(self, said: str, now: int) -> Any:
        self.asked.append(("ledger", said, now))
        return self.key


def tracked(**said: Any) -> Any:
    return SimpleNamespace(**{"headers": {}, "secret": None, "is_gzip": False, "has_turn": False, **said})


def parts(**said: Any) -> Any:
    return SimpleNamespace(**said)


def is_now(micros: int) -> bool:
    return abs(micros - time.time_ns() // 1000) < 60_000_000


def test_a_secret_in_memory_is_found_by_the_clock_of_the_server() -> None:
    keys, request = _Keys("track"), tracked(headers={"authorization": "Bearer sk_1"})
    head.known_secret(parts(keys=keys), request)
    [(where, said, now)] = keys.asked
    assert (where, said, is_now(now), request.secret) == ("memory", "Bearer sk_1", True, keys.key)
    other = tracked()
    head.known_secret(parts(keys=keys), other)
    assert (len(keys.asked), other.secret) == (1, None)


def test_a_secret_that_is_not_in_memory_is_looked_for_in_the_ledger() -> None:
    keys, request = _Keys("track"), tracked(headers={"authorization": "Bearer sk_1"})

    async def looked() -> None:
        waited = head.new_secret(parts(keys=keys), request)
        assert waited is not None
        await waited

    asyncio.run(looked())
    [(where, said, now)] = keys.asked
    assert (where, said, is_now(now), request.secret) == ("ledger", "Bearer sk_1", True, keys.key)
    assert head.new_secret(parts(keys=keys), tracked()) is None
    assert head.new_secret(parts(keys=keys), tracked(secret=keys.key)) is None
    assert len(keys.asked) == 1


@pytest.mark.parametrize(("scopes", "expected"), [((), (401, "unknown_key")), (("costs",), (403, "out_of_scope"))])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_secret_that_opens_nothing_here_is_refused(
    scopes: tuple[str, ...], expected: tuple[int, str], is_known: bool
) -> None:
    if is_known and not scopes:
        return
    keys, request = _Keys(*scopes), tracked(headers={"authorization": "Bearer sk_1"})
    request.secret = keys.key if is_known else None

    async def looked() -> None:
        waited = head.new_secret(parts(keys=keys), request)
        assert waited is not None
        await waited

    with pytest.raises(Problem) as refused:
        asyncio.run(looked())
    assert (refused.value.status, refused.value.code) == expected


def test_only_those_without_a_secret_are_held_to_what_their_network_was_refused() -> None:
    checked: list[str] = []
    own = parts(refusals=SimpleNamespace(check=checked.append))
    seen = SimpleNamespace(client_prefix="net")
    head.refusals(own, tracked(seen=seen, secret=NOBODY))
    assert checked == []
    head.refusals(own, tracked(seen=seen))
    assert checked == ["net"]


@pytest.mark.parametrize(
    ("is_gzip", "size", "has_turn"), [(False, 65_536, False), (False, 65_537, True), (True, 1, True)]
)
def test_a_large_or_gzipped_body_takes_a_turn_and_gives_it_back(is_gzip: bool, size: int, has_turn: bool) -> None:
    async def taken() -> None:
        own = parts(turn=asyncio.Lock())
        request = tracked(is_gzip=is_gzip, size_bytes=size)
        waited = body.turn(own, request)
        assert (waited is not None) is has_turn
        if waited is not None:
            await waited
        assert (own.turn.locked(), request.has_turn) == (has_turn, has_turn)
        body.turn_over(own, request)
        assert (own.turn.locked(), request.has_turn) == (False, False)
        body.turn_over(own, request)  # once is enough

    asyncio.run(taken())


@pytest.mark.parametrize(("size", "is_zipped"), [(65_536, True), (65_537, True), (65_536, False), (65_537, False)])
def test_a_body_is_inflated_and_others_are_served_after_a_large_one(size: int, is_zipped: bool) -> None:
    text = random.Random(size).randbytes(size)
    came = gzip.compress(text, 1) if is_zipped else text
    request = tracked(body=came, size_bytes=len(came), is_gzip=is_zipped)

    async def inflated() -> bool:
        waited = body.inflation(NOBODY, request)
        if waited is not None:
            await waited
        return waited is not None

    assert asyncio.run(inflated()) is (size > 65_536)
    assert (request.body, request.size_bytes) == (text, size)


def test_a_request_arrives_now() -> None:
    request = tracked()
    body.arrival(NOBODY, request)
    assert is_now(request.received_at)


OPTIONS = SimpleNamespace(events_per_minute_of_site=10, events_per_minute_of_key=20, events_per_minute_of_client=1)


class _Limits:
    """Rules as it is told, and remembers what it was asked."""

    def __init__(self, ruling: Ruling) -> None:
        self.ruling = ruling
        self.asked: list[tuple[list[tuple[str, int]], int]] = []

    async def take(self, asked: Any, events: int) -> Ruling:
        self.asked.append(([tuple(limit) for limit in asked], events))
        return self.ruling


def sending(*, is_verified: bool) -> Any:
    return tracked(
        posted=SimpleNamespace(events=[1, 2, 3]), access=SimpleNamespace(site_id="shop"), is_verified=is_verified,
        key_ids=["key_1", "key_2"], seen=SimpleNamespace(client_prefix="net"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("is_verified", "expected"),
    [
        (False, [("s:shop", 10), ("k:key_2", 20), ("c:net", 1)]),
        (True, [("s:shop:verified", 10), ("k:key_2", 20)]),
    ],
)
def test_a_request_is_held_to_the_limits_of_its_site_its_key_and_its_network(
    is_verified: bool, expected: list[tuple[str, int]]
) -> None:
    own, request = _Limits(Ruling(True, 10, 7, 0)), sending(is_verified=is_verified)
    asyncio.run(limits.room(parts(limits=own, options=OPTIONS), request))
    assert own.asked == [(expected, 3)]
    assert request.ruling is own.ruling


@pytest.mark.parametrize(
    ("ruling", "status", "code", "detail", "hint", "headers"),
    [
        (
            Ruling(False, 1, 0, 1, "s:shop"), 429, "too_many",
            "1 event a minute is accepted for a site (TOUCHLINE_EVENTS_PER_MINUTE_OF_SITE); 0 are left of them.",
            "Send all 3 of them again in 1 second: none was counted.",
            {"retry-after": "1", "x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
        ),
        (
            Ruling(False, 10_000, 1_234, 17, "k:key"), 429, "too_many",
            ("10,000 events a minute are accepted with a key (TOUCHLINE_EVENTS_PER_MINUTE_OF_KEY);"
             " 1,234 are left of them."),
            "Send all 3 of them again in 17 seconds: none was counted.",
            {"retry-after": "17", "x-ratelimit-limit": "10000", "x-ratelimit-remaining": "1234",
             "x-ratelimit-reset": "17"},
        ),
        (
            Ruling(False, 0, 0, 5), 503, "limits_away", "The rate limits cannot be asked.", "Send it again.",
            {"retry-after": "5"},
        ),
    ],
)  # fmt: skip
def test_what_there_is_no_room_for_is_told_when_to_come_again(
    ruling: Ruling, status: int, code: str, detail: str, hint: str, headers: dict[str, str]
) -> None:
    with pytest.raises(Problem) as refused:
        asyncio.run(limits.room(parts(limits=_Limits(ruling), options=OPTIONS), sending(is_verified=False)))
    found = refused.value
    assert (found.status, found.code, found.detail, found.hint) == (status, code, detail, hint)
    assert dict(found.headers) == headers


@pytest.mark.parametrize(("is_secret", "ages"), [(False, [120_000_000, 0]), (True, [0, 0])])
def test_a_browser_that_is_ahead_moves_all_events_of_its_request(is_secret: bool, ages: list[int]) -> None:
    """A machine's request may hold those of many browsers: each is moved alone, to when it was received."""
    received = 1_770_000_000_000_000
    posted = Posted.read(
        b'{"events": [{"eventId": "a", "type": "PAGE_VIEW", "occurredAt": "2026-02-02T02:48:00Z"},'
        b' {"eventId": "b", "type": "PAGE_VIEW", "occurredAt": "2026-02-02T02:50:00Z"}]}'
    )
    access = SimpleNamespace(is_secret=is_secret, site_id="s", currency="EUR", tag_names=(), redaction=EVERYTHING,
                             visitor_ids=DEFAULT, respects_dnt=False)  # fmt: skip
    names = ("user_agent", "noise", "city", "district", "ip_hash", "device_class")
    seen = SimpleNamespace(is_consent_refused=False, has_dnt=False, **dict.fromkeys(names))
    request = tracked(posted=posted, access=access, seen=seen, received_at=received, is_verified=is_secret)
    asyncio.run(events.rows(parts(sight=parts(keys=parts(keyed_address=None))), request))
    place = [field.name for field in EVENT_FIELDS].index("occurred_at")
    assert [received - row[place] for row in request.events] == ages

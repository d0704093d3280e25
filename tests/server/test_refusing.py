"""Refusing is cheaper than accepting: what is refused, how early, and what it keeps from others meanwhile."""

import asyncio
import json
import time
from typing import TypeVar

import pytest

from tests.server.collect.test_track import events_in, rejected_in
from tests.server.conftest import NOW, Place
from tests.server.in_process import Protocol, answered, collecting
from tests.server.refusals import KINDS, Request, batch_of
from touchline.ingest import wire
from touchline.ingest.rejection import Rejection, shortened
from touchline.jobs import access_keys
from touchline.jobs.workspace import Workspace
from touchline.server.collect.application import Application
from touchline.signing import signature_of

T = TypeVar("T")
VIEW = {"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}


def views(key: str | None, events: int, **fields: str) -> Request:
    return batch_of(key, [VIEW] * events, **fields)


def signed(place: Place, events: int, nonce: str) -> Request:
    body, now = views(place.publishable, events).body, str(int(time.time()))
    key_hash = access_keys.hash_of(place.secret)
    hmac = signature_of(key_hash, now, nonce, body)
    return Request(body, {"x-touchline-signature": f"key={place.secret_id},time={now},nonce={nonce},hmac={hmac}"})


def test_an_envelope_is_taken_apart_once_however_many_events_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded = []

    def decode(payload: bytes) -> object:
        decoded.append(len(payload))
        return plain(payload)

    plain = wire._decode_envelope
    monkeypatch.setattr(wire, "_decode_envelope", decode)
    posted = wire.Posted.read(views("pk_1", 100).body)
    assert isinstance(posted, wire.Posted)
    said = [posted.said(place) for place in range(100)]
    assert [json.loads(one)["type"] for one in said if isinstance(one, bytes)] == ["PAGE_VIEW"] * 100
    assert len(decoded) == 1


def test_the_only_event_of_an_envelope_is_decoded_once_and_told_as_one_that_came_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = "\N{GRINNING FACE}é\n" * 30_000
    alone = {"eventId": "e1", "type": long, "anonId": "ann"}
    told = wire.Posted.read(json.dumps(alone).encode())
    monkeypatch.setattr(wire, "_decode_event", None)
    posted = wire.Posted.read(batch_of("pk_1", [alone]).body)
    assert isinstance(posted, wire.Posted)
    assert isinstance(told, wire.Posted)
    assert posted.events == told.events
    (refusal,) = posted.events
    assert isinstance(refusal, Rejection)
    assert shortened(long) in refusal.message


async def _flood(application: Application, request: Request, client: str, times: int) -> list[Protocol]:
    return [await answered(application, request, client) for _ in range(times)]


@pytest.mark.parametrize("kind", ["wrong key", "wrong bearer", "no JSON", "no gzip", "bomb", "foreign origin"])
def test_who_is_refused_too_much_is_refused_unread_and_nobody_else_is(place: Place, kind: str) -> None:
    async def told() -> None:
        async with collecting(place, events_per_minute_of_client=200) as application:
            flood = KINDS[kind](place.publishable)
            answers = await _flood(application, flood, "198.51.100.7:1", 210)
            assert (answers[-1].status, answers[-1].is_read) == (429, False)
            assert b"too_many_refused" in answers[-1].body
            assert 0 < int(answers[-1].headers["retry-after"]) <= 120
            good = views(place.publishable, 1)
            assert (await answered(application, good, "203.0.113.9:1")).status == 200
            machine = Request(good.body, {"authorization": f"Bearer {place.secret}"})
            assert (await answered(application, machine, "198.51.100.7:1")).status == 200

    asyncio.run(told())


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_flood_of_strangers_does_not_stop_the_sites_own_server(place: Place, is_signed: bool) -> None:
    async def told() -> None:
        async with collecting(place, events_per_minute_of_site=100, events_per_minute_of_key=100) as application:
            assert (await answered(application, views(place.publishable, 100))).status == 200
            assert (await answered(application, views(place.publishable, 1))).status == 429
            own = Request(views(None, 100).body, {"authorization": f"Bearer {place.secret}"})
            server = signed(place, 100, "nonce-0001") if is_signed else own
            assert (await answered(application, server)).status == 200
            more = signed(place, 1, "nonce-0002") if is_signed else Request(views(None, 1).body, own.headers)
            assert (await answered(application, more)).status == 429  # the site's own is limited, too

    asyncio.run(told())


@pytest.mark.parametrize("kind", ["publishable", "secret"])
def test_a_new_key_works_at_once(any_place: Place, kind: str) -> None:
    async def told() -> None:
        async with collecting(any_place) as application:
            for _ in range(5):
                made = await asyncio.to_thread(_made, any_place, kind)
                is_secret = kind == "secret"
                fields = {"authorization": f"Bearer {made.key}"} if is_secret else {}
                answer = await answered(application, views(None if is_secret else made.key, 1, **fields))
                assert answer.status == 200

    asyncio.run(told())


def _made(place: Place, kind: str) -> access_keys.Made:
    with Workspace(place.home) as workspace:
        return access_keys.create_key(workspace, "shop-example", kind, now=NOW)


def _revoke(place: Place, key_id: str) -> None:
    with Workspace(place.home) as workspace:
        access_keys.revoke_key(workspace, key_id, now=time.time_ns() // 1000)


@pytest.mark.parametrize("kind", ["publishable", "secret"])
def test_a_revoked_key_ends_at_once(any_place: Place, kind: str) -> None:
    """The commit sees it, before what is in memory is read again."""

    async def told() -> None:
        async with collecting(any_place) as application:
            for _ in range(5):
                made = await asyncio.to_thread(_made, any_place, kind)
                is_secret = kind == "secret"
                fields = {"authorization": f"Bearer {made.key}"} if is_secret else {}
                request = views(None if is_secret else made.key, 1, **fields)
                assert (await answered(application, request)).status == 200
                await asyncio.to_thread(_revoke, any_place, made.key_id)
                last = views(None if is_secret else made.key, 1, **fields)
                assert (await answered(application, last)).status == 401
                assert json.loads(last.body)["events"][0]["eventId"] not in _stored(any_place)

    asyncio.run(told())


def test_a_revoked_key_vouches_for_nothing_more(place: Place) -> None:
    """The commit looks at the key of a signature, too, before what is in memory is read again."""

    async def told() -> list[int]:
        async with collecting(place) as application:
            first = await answered(application, signed(place, 1, "nonce-0001"))
            await asyncio.to_thread(_revoke, place, place.secret_id)
            second = await answered(application, signed(place, 1, "nonce-0002"))
            unsigned = await answered(application, views(place.publishable, 1))
            return [first.status, second.status, unsigned.status]

    assert asyncio.run(told()) == [200, 401, 200]
    assert sorted(bool(row["is_verified"]) for row in events_in(place)) == [False, True]


def test_a_secret_in_a_body_opens_nothing(place: Place) -> None:
    """It may stand in a page; nor does a key without the scope open anything, whichever way it comes."""
    with Workspace(place.home) as workspace:
        narrow = access_keys.create_key(workspace, "shop-example", "secret", scopes=["costs", "read"], now=NOW)

    async def told() -> list[int]:
        async with collecting(place) as application:
            requests = [
                views(place.secret, 1), views(None, 1, authorization=f"Bearer {narrow.key}"),
                views(None, 1, authorization=f"Bearer {place.publishable}"),
                views(None, 1, authorization=f"Bearer {place.secret}"),
            ]  # fmt: skip
            return [(await answered(application, request)).status for request in requests]

    assert asyncio.run(told()) == [401, 403, 401, 200]
    assert len(events_in(place)) == 1


def _stored(place: Place) -> set[object]:
    return {row["event_id"] for row in events_in(place)}


def test_an_invented_key_is_looked_for_once_in_a_while(place: Place) -> None:
    async def told() -> None:
        async with collecting(place) as application:
            asked: list[int] = []
            plain = application.keys._stand

            def stand(digests: object) -> object:
                asked.append(1)
                return plain(digests)  # type: ignore[arg-type]

            application.keys._stand = stand  # type: ignore[assignment]
            request = KINDS["wrong key"](place.publishable)
            answers = await asyncio.gather(*(answered(application, request) for _ in range(20)))
            assert {answer.status for answer in answers} == {401}
            assert len(asked) <= 2

    asyncio.run(told())


def test_what_is_refused_is_kept_in_short_where_much_is(place: Place) -> None:
    async def told() -> None:
        async with collecting(place) as application:
            await answered(application, KINDS["scrubbed text"](place.publishable))

    asyncio.run(told())
    kept = rejected_in(place)
    assert kept
    assert max(len(str(row["payload"])) for row in kept) <= 1_024


def test_the_same_bytes_are_kept_whole_where_one_is_refused(place: Place) -> None:
    async def told() -> None:
        async with collecting(place) as application:
            await answered(application, batch_of(place.publishable, [{**VIEW, "type": "N", "title": "x " * 2_000}]))

    asyncio.run(told())
    (kept,) = rejected_in(place)
    assert len(str(kept["payload"])) > 4_000


@pytest.mark.parametrize(
    "event",
    [
        {"eventId": "e1", "type": "N"},
        {"type": "PAGE_VIEW"},
        {"eventId": "e1", "type": "PAGE_VIEW", "survey": {}},
        7,
        [],
    ],
    ids=["unknown type", "no id", "inside", "a number", "a list"],
)
def test_the_only_event_of_an_envelope_is_refused_as_one_of_two(event: object) -> None:
    one, two = (wire.Posted.read(json.dumps({"events": [event] * number}).encode()) for number in (1, 2))
    assert isinstance(one, wire.Posted)
    assert isinstance(two, wire.Posted)
    assert one.events == two.events[:1]

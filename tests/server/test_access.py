"""Keys, signatures, what is erased, and a database that is away: what decides whether an event is taken."""

import asyncio
import json
import secrets
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Table

from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders.http import Counts, Sending, TouchlineRecorder
from tests.server.collect.test_track import counts, events_in, rejected_in, view
from tests.server.conftest import NOW, WIDE, Place
from tests.server.serving import AGENT, Answer, Server, serving
from tests.server.whole import wait_until
from touchline.jobs import access_keys, erasing, running
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.server.http.keys import keys_of
from touchline.signing import signature_of


def until(server: Server, body: object, status: int, **fields: str) -> float:
    """Sends until it is answered with ``status``; returns how long that took."""
    began = time.monotonic()
    while server.send(body, **fields).status != status:  # type: ignore[arg-type]
        assert time.monotonic() - began < 30
        time.sleep(0.02)
    return time.monotonic() - began


def test_keys_are_known_and_forgotten_while_the_server_runs(server: Server, place: Place) -> None:
    with Workspace(place.home) as workspace:
        made = access_keys.create_key(
            workspace, "shop-example", "publishable", origins=["https://pay.example"], now=NOW
        )
        said = {"publicKey": made.key, **view(1)}
        until(server, said, 200)
        assert server.send(said, origin="https://pay.example").status == 200
        assert server.send({**said, "publicKey": place.publishable}, origin="https://pay.example").status == 403
        access_keys.revoke_key(workspace, made.key_id, now=time.time_ns() // 1000)
    assert until(server, said, 401) < 5  # half a second where the machine is quiet


def test_a_rotated_key_is_good_until_its_end(server: Server, place: Place) -> None:
    with Workspace(place.home) as workspace:
        old = access_keys.create_key(workspace, "shop-example", "publishable", now=NOW)
        until(server, {"publicKey": old.key, **view(1)}, 200)
        new = access_keys.rotate_key(workspace, old.key_id, overlap_hours=1, now=time.time_ns() // 1000)
    until(server, {"publicKey": new.key, **view(1)}, 200)
    assert server.send({"publicKey": old.key, **view(1)}).status == 200
    with Workspace(place.home) as workspace:
        access_keys.revoke_key(workspace, old.key_id, now=time.time_ns() // 1000)
    until(server, {"publicKey": old.key, **view(1)}, 401)
    assert server.send({"publicKey": new.key, **view(1)}).status == 200


class Interrupted(Ledger):
    """Each time a table has been read, somebody adds an organization with a site and a key."""

    def rows(self, table: Table, **given: Any) -> list[Any]:
        found = super().rows(table, **given)
        (organization,) = super().rows(schema.ORGANIZATIONS, limit=1)
        (site,) = super().rows(schema.SITES, limit=1)
        own = {"organization_id": f"new-{secrets.token_hex(4)}"}
        with self.transaction() as entry:
            entry.add(schema.ORGANIZATIONS, **{**organization, **own})
            entry.add(schema.SITES, **{**site, **own, "site_id": own["organization_id"]})
            entry.add(schema.KEYS, **access_keys.made(own["organization_id"], "publishable", now=NOW).row)
        return found


def test_a_site_and_its_key_may_come_while_keys_are_read(place: Place) -> None:
    with closing(Interrupted(place.home.ledger_file)) as ledger:
        assert len(keys_of(ledger)) == 2  # those that were there when it began
        assert len(keys_of(ledger)) > 2


def test_a_secret_key_vouches_and_stays_out_of_bodies(server: Server, place: Place) -> None:
    sale = {"eventId": "s1", "type": "CONVERSION", "value": "9.50", "anonId": "ada", "userAgent": "Firefox/140.0"}
    assert counts(server.send(sale, authorization=f"Bearer {place.secret}", user_agent="python-x/1")) == (200, 1, 0, 1)
    assert server.send({**sale, "publicKey": place.secret}).status == 401
    assert server.send(sale, authorization=f"Bearer {place.publishable}").status == 401
    server.send({"publicKey": place.publishable, **sale, "eventId": "s2"})
    found = {row["event_id"]: row for row in events_in(place)}
    assert (found["s1"]["is_verified"], found["s2"]["is_verified"]) == (True, False)
    assert found["s1"]["user_agent"] == "Firefox/140.0"


def test_an_app_with_a_secret_key_vouches_for_what_it_sends(server: Server, place: Place) -> None:
    async def send() -> Counts:
        address = f"http://127.0.0.1:{server.port}"
        recorder = TouchlineRecorder(address, place.secret, sending=Sending(flush_after=0.01))
        scope = {"headers": [(b"user-agent", AGENT.encode())]}
        seen = AttributionTouch(id="t1", visitor_id="ann", landing_url="https://shop.example/?utm_source=news")
        await recorder.record_touch(seen, scope)
        old = datetime(1999, 1, 1, tzinfo=UTC)
        await recorder.record_touch(AttributionTouch(id="t2", visitor_id="ann", created_at=old), scope)
        await recorder.aclose(20)
        return recorder.counts

    counts = asyncio.run(send())
    assert (counts.sent, counts.refused) == (1, {"out_of_range": 1})
    (kept,) = events_in(place)
    assert (kept["event_id"], kept["is_verified"], kept["utm_source"]) == ("touch-t1", True, "news")
    assert kept["user_agent"] == AGENT


def test_a_key_without_the_scope_sends_nothing(server: Server, place: Place) -> None:
    with Workspace(place.home) as workspace:
        made = access_keys.create_key(workspace, "shop-example", "secret", scopes=["costs"], now=NOW)
    until(server, view(1), 403, authorization=f"Bearer {made.key}")
    assert events_in(place) == []


def signed(place: Place, body: bytes, *, nonce: str = "nonce-001", late: int = 0, key: str = "") -> str:
    at = str(int(time.time()) - late)
    mac = signature_of(sha256((key or place.secret).encode()).hexdigest(), at, nonce, body)
    return f"key={place.secret_id},time={at},nonce={nonce},hmac={mac}"


def test_a_signed_body_is_verified_and_counts_once(server: Server, place: Place) -> None:
    body = json.dumps({"publicKey": place.publishable, "eventId": "s1", "type": "CONVERSION", "value": 5}).encode()

    def send(signature: str, text: bytes = body) -> Answer:
        return server.send(text, x_touchline_signature=signature)

    assert send(signed(place, body, nonce="nonce-000", late=400)).status == 401
    assert send(signed(place, body, nonce="nonce-000", key="sk_other")).status == 401
    assert send(signed(place, body, nonce="nonce-000"), body.replace(b"5}", b"9}")).status == 401
    assert send("key=key_nope,time=1,nonce=nonce-000,hmac=" + "0" * 64).status == 401
    signature = signed(place, body)
    assert send(signature).status == 200
    assert send(signature).status == 401
    assert [row["is_verified"] for row in events_in(place)] == [True]


def test_who_was_erased_meanwhile_stays_erased(any_place: Place) -> None:
    past = {"occurredAt": "2026-01-01T00:00:00Z", "anonId": "ada"}
    with serving(any_place.home.path, WIDE, any_place.environment) as server:
        key = any_place.publishable
        assert counts(server.send({"publicKey": key, **view(1, **past)})) == (200, 1, 0, 1)
        with Workspace(any_place.home) as workspace:
            running.run(workspace)
            erasing.erase(workspace, "shop", visitor="ada", now=1_770_000_000_000_000)
        again = server.send({"publicKey": key, "events": [view(1, **past), view(2, anonId="bob")]})
        assert counts(again) == (207, 1, 0, 2)
        assert [(r["index"], r["reasons"][0]["code"]) for r in again.document["rejected"]] == [(0, "erased")]
        later = {"anonId": "ada", "occurredAt": "2026-11-01T00:00:00Z"}
        assert counts(server.send({"publicKey": key, **view(3, **later)})) == (200, 1, 0, 1)
    assert sorted(str(row["event_id"]) for row in events_in(any_place)) == ["e2", "e3"]
    assert [row["payload"] for row in rejected_in(any_place)] == [""]


def test_a_locked_ledger_is_waited_for_and_then_busy(server: Server, place: Place) -> None:
    said = {"publicKey": place.publishable, **view(1)}
    with closing(sqlite3.connect(place.home.ledger_file, isolation_level=None)) as other:
        other.execute("begin immediate")
        answers: list[Answer] = []
        waiting = Thread(target=lambda: answers.append(server.send(said)))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        other.execute("rollback")
        waiting.join(20)
        assert answers[0].status == 200
        other.execute("begin immediate")
        busy = server.send({**said, "eventId": "e2"})
        assert (busy.status, busy.headers["retry-after"]) == (503, "1")
        other.execute("rollback")
    assert counts(server.send({**said, "eventId": "e2"})) == (200, 1, 0, 1)


def test_more_than_may_wait_is_refused_at_once(place: Place) -> None:
    with (
        serving(place.home.path, {**WIDE, "waiting_rows": 150}) as server,
        closing(sqlite3.connect(place.home.ledger_file, isolation_level=None)) as other,
    ):
        other.execute("begin immediate")
        answers: list[Answer] = []

        def send(first: int) -> None:
            batch = [view(number) for number in range(first, first + 100)]
            answers.append(server.send({"publicKey": place.publishable, "events": batch}))

        senders = [Thread(target=send, args=(first,)) for first in (0, 100, 200, 300)]
        for sender in senders:
            sender.start()
        wait_until(lambda: len(answers) == 3, 20)
        assert [answer.status for answer in answers] == [503, 503, 503]
        other.execute("rollback")
        for sender in senders:
            sender.join(20)
        assert sorted(answer.status for answer in answers) == [200, 503, 503, 503]
    assert len(events_in(place)) == 100


def test_a_read_only_ledger_is_told_and_mended_without_a_restart(tmp_path: Path, server: Server, place: Place) -> None:
    """The owner of the tests may be root, whom no permission stops; a ledger that is away is the same to the server."""
    said = {"publicKey": place.publishable, **view(1)}
    assert server.send(said).status == 200
    with closing(sqlite3.connect(place.home.ledger_file, isolation_level=None)) as other:
        other.execute("create trigger full before insert on tracking_events begin select raise(abort, 'full'); end")
        assert [server.send({**said, "eventId": "e2"}).status for _ in range(3)] == [503] * 3
        other.execute("drop trigger full")
    assert counts(server.send({**said, "eventId": "e2"})) == (200, 1, 0, 1)
    log = server.log.read_text()
    assert (log.count("ledger_fails"), log.count("ledger_takes_again")) == (1, 1)


@pytest.mark.parametrize("size", [120_000])
def test_a_full_disk_is_told_and_nothing_is_half_written(place: Place, size: int) -> None:
    """A process that may write no longer file is as badly off as one on a full disk."""
    limit = place.home.ledger_file.stat().st_size + size
    with serving(place.home.path, WIDE, before=("prlimit", f"--fsize={limit}")) as server:
        statuses, acknowledged = [], set[object]()
        for number in range(0, 2_000, 50):
            batch = [view(n, title="x" * 200) for n in range(number, number + 50)]
            answer = server.send({"publicKey": place.publishable, "events": batch})
            statuses.append(answer.status)
            if answer.status == 200:
                acknowledged.update(event["eventId"] for event in batch)
        assert (statuses[0], statuses[-1], set(statuses)) == (200, 503, {200, 503})
    with serving(place.home.path, WIDE) as server:
        assert server.send({"publicKey": place.publishable, **view("last")}).status == 200
    assert acknowledged <= {row["event_id"] for row in events_in(place)}

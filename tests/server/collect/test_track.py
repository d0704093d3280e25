"""The endpoint as the outside sees it: the real application under the real server over each real database."""

import gzip
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

import pytest

from tests.quantifiers import each
from tests.server.conftest import WIDE, Place, placed
from tests.server.serving import Answer, Server, serving
from touchline.jobs import running
from touchline.jobs.doctor import told
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.arrivals import COUNTS


@pytest.fixture
def everywhere(any_place: Place) -> Iterator[Server]:
    with serving(any_place.home.path, WIDE, any_place.environment) as running:
        yield running


def events_in(place: Place) -> list[dict[str, object]]:
    ledger = Ledger(place.home.ledger)
    try:
        return [dict(row) for row in ledger.rows(schema.TRACKING_EVENTS)]
    finally:
        ledger.close()


def rejected_in(place: Place) -> list[dict[str, object]]:
    ledger = Ledger(place.home.ledger)
    try:
        return [dict(row) for row in ledger.rows(schema.REJECTED_EVENTS)]
    finally:
        ledger.close()


def view(number: object, **fields: object) -> dict[str, object]:
    return {"eventId": f"e{number}", "type": "PAGE_VIEW", "url": "https://shop.example/?utm_source=x", **fields}


def counts(answer: Answer) -> tuple[int, int, int, int]:
    found = answer.document
    return answer.status, found["accepted"], found["deduped"], found["total"]


def test_the_examples_of_the_seed(everywhere: Server, any_place: Place) -> None:
    key = any_place.publishable
    single = {
        "publicKey": key, "eventId": "evt_123", "type": "PAGE_VIEW", "url": "https://example.com/page", "path": "/page",
        "anonId": "anon_123", "sessionId": "sess_123",
    }  # fmt: skip
    page = {**single, "eventId": "evt_1", "url": "https://example.com/page1", "path": "/page1"}
    sale = {**page, "eventId": "evt_2", "type": "CONVERSION", "url": "https://example.com/checkout", "value": 99.99}
    first = everywhere.send(single, user_agent="curl/8.5.0")
    assert (first.status, first.document) == (200, {"success": True, "accepted": 1, "deduped": 0, "total": 1})
    batch = {"publicKey": key, "events": [page, sale]}
    assert counts(everywhere.send(batch, user_agent="curl/8.5.0")) == (200, 2, 0, 2)
    assert counts(everywhere.send(batch)) == (200, 0, 2, 2)
    found = {row["event_id"]: row for row in events_in(any_place)}
    assert found.keys() == {"evt_123", "evt_1", "evt_2"}
    assert {row["identifier"] for row in found.values()} == {"v:shop-example:anon_123"}
    assert (found["evt_2"]["value_micros"], found["evt_2"]["currency"]) == (99_990_000, "EUR")


def test_good_events_are_taken_beside_bad_ones(everywhere: Server, any_place: Place) -> None:
    events = [view(1), view(2, type="<script>"), view(1, title="other words"), view(3, publicKey="pk_other"), {"a": 1}]
    answer = everywhere.send({"publicKey": any_place.publishable, "events": events})
    assert counts(answer) == (207, 1, 1, 5)
    assert answer.document["success"] is False
    told = [(r["index"], r["eventId"], r["reasons"][0]["code"]) for r in answer.document["rejected"]]
    assert told == [(1, "e2", "unknown_value"), (3, "e3", "foreign_key"), (4, None, "missing_field")]
    assert b"<" not in answer.body
    kept = rejected_in(any_place)
    assert {row["source"] for row in kept} == {"api/track"}
    assert json.loads(str(next(r["payload"] for r in kept if r["event_id"] == "e2")))["type"] == "<script>"


def test_fields_that_nothing_reads_are_named_and_counted(everywhere: Server, any_place: Place) -> None:
    key = any_place.publishable
    answer = everywhere.send({"publicKey": key, "events": [view(1, sku=1, event_id="x"), view(2, sku=2)]})
    assert counts(answer) == (200, 2, 0, 2)
    assert answer.document["success"] is True
    warned = {warning["field"]: warning["message"] for warning in answer.document["warnings"]}
    assert warned.keys() == {"sku", "event_id"}
    assert "Did you mean eventId?" in warned["event_id"]
    assert "warnings" not in everywhere.send({"publicKey": key, **view(3)}).document
    mixed = everywhere.send({"publicKey": key, "events": [view(4, sku=1), view(5, type="BUY")]}).document
    assert ([r["index"] for r in mixed["rejected"]], [w["field"] for w in mixed["warnings"]]) == ([1], ["sku"])
    many = everywhere.send({"publicKey": key, **view(6), **{f"f{n}": n for n in range(500)}}).document["warnings"]
    assert (len(many), many[-1]["field"]) == (21, "(others)")
    with Workspace(any_place.home, is_read_only=True) as workspace:
        kept = {row["field"]: row["count"] for row in workspace.ledger.rows(schema.UNREAD_FIELDS)}
    assert (kept["sku"], kept["event_id"], len(kept), sum(kept.values())) == (3, 1, 101, 504)


def test_what_arrives_is_counted_by_day(everywhere: Server, any_place: Place) -> None:
    now, key = datetime.now(UTC), any_place.publishable
    late, days_late = (view(f"h{hours}", occurredAt=(now - timedelta(hours=hours)).isoformat()) for hours in (2, 30))
    refused = view(5, consent="denied")
    first = [view(1), view(2), late, days_late, view(6, type="BUY"), refused]
    everywhere.send({"publicKey": key, "events": first})
    everywhere.send({"publicKey": key, "events": [view(1), late, view(2, url="https://shop.example/other")]})
    everywhere.send(
        {"publicKey": key, "events": [view(7)]}, user_agent="Googlebot/2.1 (+http://www.google.com/bot.html)"
    )
    with Workspace(any_place.home, is_read_only=True) as workspace:
        found = Counter[str]()
        for row in workspace.ledger.recent_arrivals(time.time_ns() // 1000):  # two days, if midnight passes meanwhile
            found.update({name: row[name] for name in COUNTS})
    assert dict(found) == {
        "accepted": 4, "duplicates": 3, "conflicting": 1, "clock_corrected": 0, "late_hours": 2, "late_days": 1,
        "robots": 1, "consent_refusals": 1, "rejected": 1,
    }  # fmt: skip


def test_a_browser_cannot_take_the_id_of_the_servers_order(everywhere: Server, any_place: Place) -> None:
    order = view("order", type="CONVERSION", orderId="1001", value=80)
    assert counts(everywhere.send({"publicKey": any_place.publishable, **order})) == (200, 1, 0, 1)
    secret = f"Bearer {any_place.secret}"
    assert counts(everywhere.send(order, authorization=secret)) == (200, 1, 0, 1)
    assert counts(everywhere.send(order, authorization=secret)) == (200, 0, 1, 1)
    assert counts(everywhere.send({"publicKey": any_place.publishable, **order, "value": 1})) == (200, 0, 1, 1)
    assert [(row["is_verified"], row["value_micros"]) for row in events_in(any_place)] == [(True, 80_000_000)]


def test_beacons_and_gzip(server: Server, place: Place) -> None:
    body = json.dumps({"publicKey": place.publishable, "events": [view(1), view(2)]}).encode()
    assert counts(server.send(body, content_type="text/plain;charset=UTF-8")) == (200, 2, 0, 2)
    assert counts(server.send(gzip.compress(body), content_encoding="gzip")) == (200, 0, 2, 2)


def test_pieces_without_a_length(server: Server, place: Place) -> None:
    body = json.dumps({"publicKey": place.publishable, **view(1)}).encode()
    for pieces, status in (([body[:9], body[9:]], 200), ([b"x" * 300_000] * 5, 413)):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            connection.request(
                "POST", "/api/track", iter(pieces), {"content-type": "application/json"}, encode_chunked=True
            )
            assert connection.getresponse().status == status
        except BrokenPipeError:  # it was refused before it was all there
            assert status == 413
        finally:
            connection.close()


BAD = [
    (b"", 400), (b"{", 400), (b"[]", 400), (b"7", 400), (b"null", 400), (b"\xff\xfe", 400), (b'{"events": 7}', 400),
    (b'{"publicKey": "KEY", "events": []}', 400), (b'{"publicKey": "KEY"}', 400),
    (b'{"publicKey": "KEY", "eventId": "a", "type": "PAGE_VIEW", "value": NaN}', 400),
    (b'{"publicKey": "KEY", "eventId": "a", "type": "CONVERSION", "value": 1e999}', 400),
    (b'{"publicKey": "KEY", "eventId": "\\ud800", "type": "PAGE_VIEW"}', 400),
    (b'{"publicKey": "KEY", "eventId": "a\\u0000", "type": "PAGE_VIEW"}', 400),
    (b'{"publicKey": "KEY", "eventId": "a", "eventId": 7, "type": "PAGE_VIEW"}', 400),
    (b'{"publicKey": "KEY", "eventId": "a", "type": "PAGE_VIEW", "properties": {"a": "\\ud800"}}', 400),
    (b'{"publicKey": 7, "eventId": "a", "type": "PAGE_VIEW"}', 401),
    (b'{"publicKey": "pk_\\u00e4", "eventId": "a", "type": "PAGE_VIEW"}', 401),
    (b'{"eventId": "a", "type": "PAGE_VIEW"}', 401),
    (b'{"publicKey": "KEY", "events": [' + b'{"eventId":"a","type":"PAGE_VIEW"},' * 100 + b"{}]}", 400),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), BAD, ids=range(len(BAD)))
def test_what_is_no_event(one_server: tuple[Server, Place], body: bytes, status: int) -> None:
    server, place = one_server
    answer = server.send(body.replace(b"KEY", place.publishable.encode()))
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= answer.document.keys()


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Place]]:
    """For requests of which none is accepted."""
    place = placed(tmp_path_factory.mktemp("one") / "home")
    with serving(place.home.path, WIDE) as running:
        yield running, place


HEADS = [
    ({"content_type": "text/html"}, 415), ({"content_encoding": "br"}, 415), ({"content_encoding": "gzip"}, 400),
    ({"authorization": "Bearer sk_wrong"}, 401), ({"authorization": "Basic x"}, 401),
    ({"origin": "https://evil.example"}, 403), ({"origin": "null"}, 403),
    ({"origin": "https://shop.example.evil.example"}, 403), ({"x_touchline_signature": "x"}, 401),
]  # fmt: skip


@pytest.mark.parametrize(("head", "status"), HEADS, ids=range(len(HEADS)))
def test_heads_that_are_refused(one_server: tuple[Server, Place], head: dict[str, str], status: int) -> None:
    server, place = one_server
    answer = server.send({"publicKey": place.publishable, **view(1)}, **head)  # type: ignore[arg-type]
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in answer.headers


LENGTHS = ["1000001", "0" * 12 + "1000001", "0" * 200 + "1000001", "0" * 12 + "9" * 8]


@pytest.mark.parametrize("length", LENGTHS, ids=range(len(LENGTHS)))
def test_a_body_that_announces_too_much_is_refused_before_it_comes(
    one_server: tuple[Server, Place], length: str
) -> None:
    server, _ = one_server
    head = f"POST /api/track HTTP/1.1\r\nhost: shop\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_bounds_of_a_body(one_server: tuple[Server, Place]) -> None:
    server, place = one_server
    bomb = gzip.compress(b'{"a":"' + b"x" * 30_000_000)
    deep = b'{"publicKey":"' + place.publishable.encode() + b'","properties":' + b"[" * 400_000
    began = time.perf_counter()
    assert server.send(bomb, content_encoding="gzip").status == 413
    assert server.send(deep).status == 400
    assert server.send(b"x" * 1_000_001).status == 413
    many_members = gzip.compress(b"{}") + gzip.compress(b"{}")
    assert server.send(many_members, content_encoding="gzip").status == 400
    assert time.perf_counter() - began < 60


def test_other_methods_and_paths(one_server: tuple[Server, Place]) -> None:
    server, _ = one_server
    answer = server.send(method="GET")
    assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert server.send(path="/nowhere").status == 404


def test_a_page_of_the_site_may_send(server: Server, place: Place) -> None:
    for origin in ("https://shop.example", "http://m.shop.example:8080"):
        asked = server.send(method="OPTIONS", origin=origin, access_control_request_method="POST")
        assert (asked.status, asked.headers["access-control-allow-origin"]) == (204, origin)
        assert int(asked.headers["access-control-max-age"]) > 0
        answer = server.send({"publicKey": place.publishable, **view(origin)}, origin=origin)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, origin)
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Origin"
    assert server.send(method="OPTIONS", origin="https://evil.example").status == 403
    # A page of the site's may read why it is refused.
    told = server.send({"publicKey": "pk_wrong", **view(1)}, origin="https://shop.example")
    assert (told.status, told.headers["access-control-allow-origin"]) == (401, "https://shop.example")


def test_bots_and_refused_consent_are_counted_and_nobodys_fault(server: Server, place: Place) -> None:
    said = {"publicKey": place.publishable, **view(1)}
    bot = server.send(said, user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    assert (bot.status, bot.document["rejected"][0]["reasons"][0]["code"]) == (207, "bot")
    refused = server.send({**said, "anonId": "ada"}, sec_gpc="1")
    assert (refused.status, refused.document["rejected"][0]["reasons"][0]["code"]) == (207, "consent_denied")
    assert refused.document["rejected"][0]["eventId"] is None
    kept = {row["reason"]: row for row in rejected_in(place)}
    assert (kept["consent_denied"]["payload"], kept["consent_denied"]["event_id"]) == ("", None)
    assert events_in(place) == []


def test_consent_changes_within_a_request(server: Server, place: Place) -> None:
    """Refused events leave a count and no id; what the browser itself refuses, no event of its page can grant."""
    # A name without a hexadecimal digit, or the random id of a key may hold it.
    said = {"publicKey": place.publishable}
    events = [
        view(1, anonId="tully", consent="denied"), view(2, anonId="tully", consent="granted"), view(3, anonId="tully"),
        view(4, anonId="tully", userId="u-1", consent="denied"),
    ]  # fmt: skip
    assert counts(server.send({**said, "events": events}, sec_gpc="1"))[1:] == (0, 0, 4)
    assert counts(server.send({**said, "events": events}, cookie="a=1; tl_consent=denied"))[1:] == (0, 0, 4)
    assert counts(server.send({**said, "events": events}, dnt="1")) == (207, 2, 0, 4)
    assert counts(server.send({**said, "events": [view(5, anonId="tully")]})) == (200, 1, 0, 1)
    assert [row["event_id"] for row in events_in(place)] == ["e2", "e3", "e5"]
    refused = rejected_in(place)
    assert [row["reason"] for row in refused] == ["consent_denied"] * 10
    broken = [
        view(number, anonId="tully", userId="u-1", url="https://shop.example/tully", **fault)
        for number, fault in enumerate(({"type": "pageview"}, {"publicKey": "pk_other"}, {"eventId": "tully" * 40}))
    ]
    assert counts(server.send({**said, "events": broken}, sec_gpc="1"))[3] == 3
    assert counts(server.send({**said, "events": broken}, cookie="tl_consent=denied"))[3] == 3
    denied = [{**event, "consent": "denied"} for event in broken]
    assert counts(server.send({**said, "events": denied}))[3] == 3
    refused = rejected_in(place)
    assert len(refused) == 19
    assert each("tully" not in repr(row) and "u-1" not in repr(row) for row in refused)


def test_each_change_of_mind_is_a_record_and_what_is_said_again_is_none(everywhere: Server, any_place: Place) -> None:
    def say(number: object, choice: str, **fields: object) -> dict[str, object]:
        return {
            "eventId": f"c{number}",
            "type": "CUSTOM",
            "anonId": "ann",
            "consent": choice,
            "consentRecord": {},
            **fields,
        }

    def choices(whose: str) -> list[str]:
        ledger = Ledger(any_place.home.ledger)
        try:
            rows = ledger.rows(schema.CONSENTS, visitor_id=whose)
        finally:
            ledger.close()
        return [row["choice"] for row in sorted(rows, key=lambda row: row["said_at"])]

    key = {"publicKey": any_place.publishable}
    minds = [say(n, choice) for n, choice in enumerate(("granted", "granted", "denied", "denied", "granted", "denied"))]
    for said in (*minds, minds[0], minds[2], say("again", "denied")):
        assert everywhere.send({**key, **said}).document["accepted"] == 1
    assert choices("ann") == ["granted", "denied", "granted", "denied"]
    at = ("2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z", "2026-03-01T00:00:02Z", "2026-03-01T00:00:03Z")
    for whose, times in (("ben", at), ("eve", at[:1] * 4)):
        events = [
            say(f"{whose}{n}", choice, anonId=whose, occurredAt=time)
            for n, (choice, time) in enumerate(zip(("granted", "denied") * 2, times, strict=True))
        ]
        assert everywhere.send({**key, "events": events}).document["accepted"] == 4
        assert sorted(choices(whose)) == ["denied", "denied", "granted", "granted"]


def test_noise_is_counted_by_reason_and_kept_out_of_the_river(place: Place) -> None:
    options = {
        **WIDE,
        "trusted_proxies": "1",
        "internal_networks": "192.0.2.0/24",
        "datacentre_networks": "2001:db8::/32",
    }
    with serving(place.home.path, options) as server:
        body = {"publicKey": place.publishable, **view(1), "anonId": "ada"}
        for fields in (
            {"x_forwarded_for": "192.0.2.9"}, {"x_forwarded_for": "2001:db8::9"}, {"sec_purpose": "prefetch;prerender"},
            {"cookie": "tl_internal=1"}, {"user_agent": "Mozilla/5.0 (compatible; UptimeRobot/2.0)"},
        ):  # fmt: skip
            assert server.send(body, **fields).status == 207  # type: ignore[arg-type]
        assert server.send(body, x_forwarded_for="203.0.113.9", cf_ipcity="Bursa").status == 200
    reasons = ["datacentre", "internal", "internal", "monitoring", "prefetch"]
    assert sorted(str(row["reason"]) for row in rejected_in(place)) == reasons
    [event] = events_in(place)
    assert (event["city"], len(str(event["ip_hash"]))) == ("Bursa", 64)


def test_the_device_is_of_the_browser_that_sends(server: Server, place: Place) -> None:
    key, hints = {"publicKey": place.publishable}, {"sec_ch_ua_mobile": "?0", "sec_ch_ua_platform": '"Android"'}
    other = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
    server.send({**key, **view(1), "metadata": {"device_type": "mobile"}}, **hints)  # type: ignore[arg-type]
    server.send({**key, **view(2), "userAgent": other}, **hints)  # type: ignore[arg-type]
    server.send({**key, **view(3)})
    assert [row["device_type"] for row in events_in(place)] == ["tablet", None, None]
    with Workspace(place.home) as workspace:
        running.run(workspace)
        found = workspace.engine.select("select event_id, s.device_type as d from tracking_events as e "
            "join sessions as s on s.identifier = e.identifier order by event_id").to_pylist()  # fmt: skip
    assert found == [{"event_id": "e1", "d": "tablet"}, {"event_id": "e2", "d": None}, {"event_id": "e3", "d": None}]


def test_a_flood_of_bots_is_counted_and_not_kept(everywhere: Server, any_place: Place) -> None:
    batch = {"publicKey": any_place.publishable, "events": [view(n) for n in range(100)]}
    for _ in range(3):
        assert everywhere.send(batch, user_agent="Googlebot/2.1").status == 207
    ledger = Ledger(any_place.home.ledger)
    try:
        unkept = sum(row["count"] for row in ledger.rows(schema.UNKEPT_REJECTIONS))
    finally:
        ledger.close()
    with Workspace(any_place.home) as workspace:
        assert "300 bot." in [check.message for check in told.checks(workspace, "shop")]
    kept = len(rejected_in(any_place))
    assert kept + unkept == 300
    assert kept <= 20  # ten a minute, and the minute may turn


def test_limits_take_whole_batches(place: Place) -> None:
    with serving(place.home.path, {**WIDE, "events_per_minute_of_site": 10}) as server:
        batch = {"publicKey": place.publishable, "events": [view(n) for n in range(8)]}
        taken = server.send(batch)
        assert (taken.status, taken.headers["x-ratelimit-remaining"]) == (200, "2")
        refused = server.send({**batch, "events": [view(n) for n in range(10, 13)]})
        assert (refused.status, refused.headers["x-ratelimit-remaining"]) == (429, "2")
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        assert server.send({"publicKey": place.publishable, "events": [view(8), view(9)]}).status == 200
    assert len(events_in(place)) == 10


def test_what_was_stored_before_a_stop(place: Place) -> None:
    with serving(place.home.path, WIDE) as server:
        server.send({"publicKey": place.publishable, **view(1)})
        assert server.stop() == 0
    with serving(place.home.path, WIDE) as server:
        assert counts(server.send({"publicKey": place.publishable, **view(1)})) == (200, 0, 1, 1)

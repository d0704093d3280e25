"""The wire's contract, field by field, and the seed's own examples."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quantifiers import each
from touchline.ingest import Batch, Reason, RejectedEvent, Rejection, TrackingEvent, accept
from touchline.ingest.wire import Posted

RECEIVED_AT = 1_770_000_000_000_000  # 2026-02-02
MINIMAL = {"eventId": "e1", "type": "PAGE_VIEW"}
OPTIONS: dict[str, Any] = {"site_id": "s", "received_at": RECEIVED_AT, "default_currency": "EUR"}


def accepted_batch(*payloads: Any) -> Batch:
    """One batch of everything; dictionaries are sent as JSON."""
    lines = [(f"f:{n}", p if isinstance(p, bytes) else json.dumps(p).encode()) for n, p in enumerate(payloads, 1)]
    batches = list(accept(lines, site_id="s", received_at=RECEIVED_AT, default_currency="EUR"))
    whole = Batch.empty()
    for batch in batches:
        whole.accepted.extend(batch.accepted)
        whole.rejected.extend(batch.rejected)
        whole.unread.update(batch.unread)
    return whole


def event_of(**fields: Any) -> TrackingEvent:
    batch = accepted_batch({**MINIMAL, **fields})
    assert not batch.rejected, batch.rejected
    return batch.accepted[0]


def refusal_of(payload: Any) -> RejectedEvent:
    batch = accepted_batch(payload)
    assert not batch.accepted
    return batch.rejected[0]


SEED_SINGLE = {
    "publicKey": "pk_your_key_here", "eventId": "evt_123", "type": "PAGE_VIEW", "url": "https://example.com/page",
    "path": "/page", "anonId": "anon_123", "sessionId": "sess_123",
}  # fmt: skip
SEED_BATCH = {
    "publicKey": "pk_your_key_here",
    "events": [
        {
            "publicKey": "pk_your_key_here", "eventId": "evt_1", "type": "PAGE_VIEW",
            "url": "https://example.com/page1", "path": "/page1", "anonId": "anon_123", "sessionId": "sess_123",
        },
        {
            "publicKey": "pk_your_key_here", "eventId": "evt_2", "type": "CONVERSION",
            "url": "https://example.com/checkout", "path": "/checkout", "value": 99.99, "anonId": "anon_123",
            "sessionId": "sess_123",
        },
    ],
}  # fmt: skip


def test_the_examples_of_the_documentation_are_accepted() -> None:
    batch = accepted_batch(SEED_SINGLE, SEED_BATCH)
    assert [event.event_id for event in batch.accepted] == ["evt_123", "evt_1", "evt_2"]
    assert not batch.rejected
    page, _, sale = batch.accepted
    assert (page.identifier, page.session_id, page.page_domain) == ("v:s:anon_123", "sess_123", "example.com")
    assert (page.value_micros, page.currency, page.occurred_at) == (None, None, RECEIVED_AT)
    assert (sale.value_micros, sale.currency, sale.path) == (99_990_000, "EUR", "/checkout")


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"eventId": None}, Reason.WRONG_TYPE, "eventId"),
        ({"eventId": ""}, Reason.MISSING_FIELD, "eventId"),
        ({"eventId": "x" * 129}, Reason.TOO_LONG, "eventId"),
        ({"eventId": 7}, Reason.WRONG_TYPE, "eventId"),
        ({"type": "page_view"}, Reason.UNKNOWN_VALUE, "type"),
        ({"type": 1}, Reason.WRONG_TYPE, "type"),
        ({"name": "x" * 201}, Reason.TOO_LONG, "name"),
        ({"url": "x" * 4097}, Reason.TOO_LONG, "url"),
        ({"referrer": "x" * 2049}, Reason.TOO_LONG, "referrer"),
        ({"title": "x" * 513}, Reason.TOO_LONG, "title"),
        ({"userId": "x" * 257}, Reason.TOO_LONG, "userId"),
        ({"userId": {"a": 1}}, Reason.WRONG_TYPE, "userId"),
        ({"occurredAt": "2026-01-01T00:00:00"}, Reason.WRONG_TYPE, "occurredAt"),
        ({"occurredAt": "yesterday"}, Reason.WRONG_TYPE, "occurredAt"),
        ({"occurredAt": "1999-12-31T23:59:59Z"}, Reason.OUT_OF_RANGE, "occurredAt"),
        ({"occurredAt": "2026-02-04T00:00:00Z"}, Reason.OUT_OF_RANGE, "occurredAt"),
        ({"emailHash": "abc"}, Reason.UNKNOWN_VALUE, "emailHash"),
        ({"ipHash": "198.51.100.7"}, Reason.UNKNOWN_VALUE, "ipHash"),
        ({"currency": "EURO"}, Reason.UNKNOWN_VALUE, "currency"),
        ({"consent": "maybe"}, Reason.UNKNOWN_VALUE, "consent"),
        ({"consent": [False]}, Reason.WRONG_TYPE, "consent"),
        *(({"consent": no}, Reason.CONSENT_DENIED, "consent") for no in (False, 0, "false", "no", "Denied", " OFF ")),
        ({"isTest": "true"}, Reason.WRONG_TYPE, "isTest"),
        ({"value": -1}, Reason.OUT_OF_RANGE, "value"),
        ({"value": "NaN"}, Reason.OUT_OF_RANGE, "value"),
        ({"value": "Infinity"}, Reason.OUT_OF_RANGE, "value"),
        ({"value": 1e300}, Reason.OUT_OF_RANGE, "value"),
        ({"value": 9007199255}, Reason.OUT_OF_RANGE, "value"),
        ({"value": "ten"}, Reason.WRONG_TYPE, "value"),
        ({"value": True}, Reason.WRONG_TYPE, "value"),
        ({"properties": [1]}, Reason.WRONG_TYPE, "properties"),
        ({"properties": {"a": "x" * 16_384}}, Reason.TOO_LONG, "properties"),
        ({"survey": {}}, Reason.MISSING_FIELD, "survey.answer"),
        ({"survey": {"answer": "x" * 513}}, Reason.TOO_LONG, "survey.answer"),
        ({"anonId": "a\0b"}, Reason.MALFORMED, "anonId"),
        ({"userAgent": "curl/8.4.0"}, Reason.BOT, "userAgent"),
        ({"consent": "denied"}, Reason.CONSENT_DENIED, "consent"),
    ],
)
def test_a_refusal_names_reason_and_field(change: dict[str, Any], reason: Reason, field: str) -> None:
    refused = refusal_of({**MINIMAL, **change})
    assert (refused.reason, refused.field) == (reason, field)
    assert field.rpartition(".")[2] in refused.message or reason in {Reason.BOT, Reason.CONSENT_DENIED}
    assert refused.source == "f:1"


@pytest.mark.parametrize(
    ("payload", "reason", "field"),
    [
        (b'{"type": "PAGE_VIEW"}', Reason.MISSING_FIELD, "eventId"),
        (b'{"eventId": "e"}', Reason.MISSING_FIELD, "type"),
        (b"", Reason.MALFORMED, None),
        (b"[]", Reason.MALFORMED, None),
        (b"nonsense", Reason.MALFORMED, None),
        (b'{"eventId": "\xff", "type": "PAGE_VIEW"}', Reason.MALFORMED, None),
        (b'{"eventId": "e", "type": "PAGE_VIEW", "title": "\\ud800"}', Reason.MALFORMED, None),
        (b'{"eventId": "e", "type": "PAGE_VIEW", "value": NaN}', Reason.MALFORMED, None),
        (b'{"eventId": "e", "type": "PAGE_VIEW", "properties": {"a": ' + b"[" * 9000, Reason.TOO_DEEP, "properties"),
        (b'{"events": []}', Reason.OUT_OF_RANGE, "events"),
        (b'{"events": [' + b",".join([b"{}"] * 101) + b"]}", Reason.OUT_OF_RANGE, "events"),
        (b'{"events": 5}', Reason.WRONG_TYPE, "events"),
    ],
)
def test_what_is_no_event_is_refused(payload: bytes, reason: Reason, field: str | None) -> None:
    refused = refusal_of(payload)
    assert (refused.reason, refused.field) == (reason, field)
    assert refused.payload == payload.decode(errors="replace")[:8192]


HALVES = ["\\ud83d", "\\uD83D", "a\\ude00", "\\ud83d\\ud83d\\ude00", "\\\\\\ud83dx", "\\ud83d\\u0041"]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("where", ['"title": "{}"', '"{}": 1', '"properties": {{"a": ["{}"]}}', '"eventId": "{}"'])
def test_half_of_a_surrogate_pair_costs_its_event_and_not_the_others(half: str, where: str) -> None:
    """As a browser sends a text that was cut amid an emoji."""
    title = r'"title": "\ud83d\ude00 \\ud83d"'
    good = [f'{{"eventId": "e{number}", "type": "PAGE_VIEW", {title}}}' for number in (1, 2)]
    bad = f'{{"type": "PAGE_VIEW", "eventId": "bad", {where.format(half)}}}'
    envelope = f'{{"publicKey": "pk_1", "events": [{good[0]}, {bad}, {good[1]}]}}'
    batch = accepted_batch(envelope.encode())
    assert [event.title for event in batch.accepted] == ["\U0001f600 \\ud83d"] * 2
    assert [(row.reason, row.source) for row in batch.rejected] == [("malformed", "f:1#2")]
    posted = Posted.read(envelope.encode())
    assert isinstance(posted, Posted)
    assert [isinstance(one, Rejection) for one in posted.events] == [False, True, False]
    assert posted.public_key == "pk_1"
    assert b"uFfFd" in posted.said(1)


def test_half_of_a_surrogate_pair_beside_the_events_costs_none() -> None:
    body = rb'{"other": "\ud83d", "events": [{"eventId": "e1", "type": "PAGE_VIEW"}]}'
    assert len(accepted_batch(body).accepted) == 1


def test_an_envelope_loses_only_its_bad_events() -> None:
    batch = accepted_batch({"events": [MINIMAL, {"eventId": "e2", "type": "X"}, {**MINIMAL, "eventId": "e3"}]})
    assert [event.event_id for event in batch.accepted] == ["e1", "e3"]
    assert [(r.event_id, r.source, r.reason) for r in batch.rejected] == [("e2", "f:1#2", Reason.UNKNOWN_VALUE)]


def test_a_single_event_may_speak_of_events_in_its_properties() -> None:
    assert event_of(properties={"events": [1]}).properties == '{"events":[1]}'


def test_of_a_refused_consent_nothing_personal_is_kept() -> None:
    refused = refusal_of({**MINIMAL, "consent": "denied", "anonId": "a", "url": "https://shop.example/me"})
    assert (refused.payload, refused.event_id) == ("", None)
    assert refused.message == "The visitor refused consent; what was sent is not kept."


def test_a_refusal_is_heard_in_an_event_that_is_rejected_for_something_else() -> None:
    said = {**MINIMAL, "eventId": "ada-1", "anonId": "ada", "userId": "ada", "url": "https://shop.example/ada"}
    faults: list[dict[str, Any]] = [
        {"type": "pageview"}, {"url": 5}, {"eventId": "ada" * 60}, {"anonId": ["ada"]},
        {"consentRecord": {"anonId": 5}}, {"occurredAt": "ada"},
    ]  # fmt: skip
    broken = [json.dumps({**said, **fault, "consent": word}) for fault in faults for word in ("denied", "DENIED", "no")]
    broken += [
        json.dumps({**said, "consent": "denied"})[:-1], json.dumps([{**said, "consent": " Denied "}]),
        json.dumps({**said, "type": "X", "consent": "denied"}).replace("denied", "\\u0064enied"),
        json.dumps({**said, "type": "X"})[:-1] + ', "consent":"denied", "consent":"granted"}',
        json.dumps({"events": [{**said, "consent": "denied"}] * 101}), '{"anonId": "ada", "consent":',
    ]  # fmt: skip
    payloads: list[tuple[str, Any]] = [("f:1", text.encode()) for text in broken]
    payloads += [
        ("f:2", {**said, "type": "X", "consent": "Denied"}),
        ("f:3", Rejection(Reason.MALFORMED, None, "ada", "ada,denied,1")),
    ]
    refused = [row for batch in accept(payloads, **OPTIONS) for row in batch.rejected]
    assert len(refused) == len(payloads)
    assert each((row.payload, row.event_id) == ("", None) and "ada" not in repr(row) for row in refused)
    kept = [
        {**said, "type": "X", **more} for more in ({}, {"consent": "granted"}, {"consent": None}, {"title": "denied"})
    ]
    (batch,) = accept([("f:1", json.dumps(one).encode()) for one in kept], **OPTIONS)
    assert each("ada" in row.payload for row in batch.rejected)
    assert len(batch.rejected) == len(kept)


@pytest.mark.parametrize("depth", [7, 8])
def test_properties_may_be_eight_levels_deep(depth: int) -> None:
    nested: Any = 1
    for _ in range(depth):
        nested = {"a": nested}
    assert event_of(properties=nested).properties == json.dumps(nested, separators=(",", ":"))
    assert depth < 8 or refusal_of({**MINIMAL, "properties": {"a": nested}}).reason == Reason.TOO_DEEP


@pytest.mark.parametrize(
    ("value", "micros"),
    [
        (b"99.99", 99_990_000), (b'"99.99"', 99_990_000), (b"0", 0), (b"-0.0", 0), (b"0.1", 100_000),
        (b"0.0000005", 0), (b"0.0000015", 2), (b"9007199254.740991", 2**53 - 1), (b"1e3", 1_000_000_000),
    ],
)  # fmt: skip
def test_money_is_exact(value: bytes, micros: int) -> None:
    batch = accepted_batch(b'{"eventId": "e", "type": "CONVERSION", "currency": "usd", "value": ' + value + b"}")
    assert (batch.accepted[0].value_micros, batch.accepted[0].currency) == (micros, "USD")


@pytest.mark.parametrize(
    ("fields", "identifier"),
    [
        ({"anonId": "a", "userId": "u"}, "v:s:a"),
        ({"anonId": " NULL ", "userId": "u"}, "u:u"),
        ({"anonId": "", "userId": "undefined", "emailHash": "AB" * 32}, "m:" + "ab" * 32),
        ({"userId": "guest"}, "e:s:e1"),
        ({"userId": "null\t"}, "e:s:e1"),
        ({"userId": " 42\n"}, "u:42"),
        ({"emailHash": sha256(b"").hexdigest()}, "e:s:e1"),
        ({"metadata": {"fp": "f1"}}, "e:s:e1"),
        ({}, "e:s:e1"),
        ({"sessionId": "01a22a54-C22A-763e-8c86-e27e5bc8de4d"}, "e:s:01a22a54-C22A-763e-8c86-e27e5bc8de4d"),
        ({"sessionId": "01a22a54-c22a-763e-8c86-e27e5bc8de4d", "anonId": "null", "userId": "u"}, "u:u"),
        ({"sessionId": "00000000-0000-0000-0000-000000000000"}, "e:s:e1"),
        ({"sessionId": "x01a22a54-c22a-763e-8c86-e27e5bc8de4d"}, "e:s:e1"),
        ({"sessionId": "sess_123"}, "e:s:e1"),
    ],
)
def test_whose_event_it_is(fields: dict[str, Any], identifier: str) -> None:
    event = event_of(**fields)
    assert event.identifier == identifier
    assert event.user_id == (fields.get("userId", "").strip() or None)


def test_times_are_microseconds_in_utc() -> None:
    assert event_of(occurredAt="2026-01-01T02:00:00.123456+02:00").occurred_at == 1_767_225_600_123_456
    assert event_of(occurredAt="2026-02-02T12:00:00Z").occurred_at > RECEIVED_AT


def test_empty_texts_are_absent() -> None:
    names = ("name", "url", "path", "referrer", "title", "anonId", "userId", "emailHash", "currency", "orderId")
    event = event_of(**dict.fromkeys(names, ""))
    assert [event.name, event.url, event.path, event.referrer, event.title, event.visitor_id] == [None] * 6
    assert [event.user_id, event.email_hash, event.currency, event.order_id] == [None] * 4


def test_marks_of_the_url_win_over_fields_and_fields_over_metadata() -> None:
    event = event_of(
        url="https://www.shop.example/a?utm_source=URL&gclid=G1&campaign_id=77&fbclid=F",
        utmSource="field", utmMedium="CPC", utmCampaign="{campaign}", utmId="42",
        metadata={"gclid": "G2", "utm": {"medium": "m", "campaign": "C"}, "ref": "https://www.google.com/"},
    )  # fmt: skip
    assert (event.utm_source, event.utm_medium, event.utm_campaign, event.utm_id) == ("url", "cpc", None, "42")
    assert (event.click_ids, event.click_id_names) == ('{"fbclid":"F","gclid":"G1"}', "fbclid,gclid")
    assert (event.campaign_ref, event.referrer_host, event.referrer_domain) == ("77", "google.com", "google.com")


@pytest.mark.parametrize("kind", ["PAGE_VIEW", "CONVERSION", "CUSTOM", "IDENTIFY"])
def test_an_event_of_any_type_says_where_its_visitor_came_from(kind: str) -> None:
    url = "https://shop.example/thanks?utm_source=Google&utm_medium=cpc&utm_campaign=Spring&gclid=Cj0KCQ_1"
    event = event_of(type=kind, url=url, referrer="https://www.blog.example/a")
    assert (event.utm_source, event.utm_medium, event.utm_campaign) == ("google", "cpc", "Spring")
    assert (event.click_id_names, event.page_domain) == ("gclid", "shop.example")
    assert (event.referrer_host, event.referrer_domain) == ("blog.example", "blog.example")


def test_metadata_serves_where_nothing_else_does() -> None:
    event = event_of(metadata={"gclid": "G2", "utm": {"source": "S", "medium": "m"}, "city": "Bonn", "district": None})
    assert (event.click_id_names, event.utm_source, event.utm_medium, event.city) == ("gclid", "s", "m", "Bonn")


REFERRED = "https://www.shop.example/?gclid=Cj0KCQ_1&utm_source=google&utm_medium=cpc&campaign_id=7&utm_term=x"
"""The address of a landing, as the browser names it on the next page of the site."""
_TAGS = ("tags_from", "utm_source", "utm_medium", "utm_term", "campaign_ref", "click_id_names", "click_ids")


def test_a_page_without_tags_has_those_of_the_page_of_its_site_that_led_there() -> None:
    event = event_of(url="https://shop.example/two?size=9", referrer=REFERRED)
    tags = ["referrer", "google", "cpc", "x", "7", "gclid", '{"gclid":"Cj0KCQ_1"}']
    assert [getattr(event, name) for name in _TAGS] == tags
    assert (event.path, event.page_domain, event.referrer_host) == ("/two", "shop.example", "shop.example")


@pytest.mark.parametrize(
    ("said", "source", "click_ids"),
    [
        ({"url": "https://shop.example/two?utm_medium=email"}, None, None),
        ({"url": "https://shop.example/two?fbclid=F"}, None, '{"fbclid":"F"}'),
        ({"url": "https://shop.example/two", "utmSource": "letter"}, "letter", None),
        ({"url": "https://shop.example/two", "metadata": {"utm": {"source": "letter"}}}, "letter", None),
        ({"url": "https://shop.example/two", "metadata": {"gclid": "G2"}}, None, '{"gclid":"G2"}'),
        ({"url": "https://other.example/two"}, None, None),
        ({}, None, None),
        ({"url": "https://shop.example/two", "referrer": "https://shop.example/one?size=9"}, None, None),
        ({"url": "https://shop.example/two", "referrer": "https://shop.example/?utm_source={x}"}, None, None),
    ],
)
def test_tags_of_a_referrer_are_of_the_site_itself_and_never_beside_others(
    said: dict[str, object], source: str | None, click_ids: str | None
) -> None:
    event = event_of(**{"referrer": REFERRED, **said})
    assert (event.tags_from, event.utm_source, event.click_ids, event.utm_term) == (None, source, click_ids, None)
    assert event.campaign_ref is None


@pytest.mark.parametrize(
    ("referrer", "host", "domain"),
    [
        ("https://m.shop.co.uk/", "m.shop.co.uk", "shop.co.uk"),
        ("android-app://com.google.android.gm/", "com.google.android.gm", "com.google.android.gm"),
        ("http://localhost:3000/", "localhost", "localhost"),
        ("http://10.0.0.1/", "10.0.0.1", "10.0.0.1"),
        ("https://notfacebook.com.evil.example/", "notfacebook.com.evil.example", "evil.example"),
        ("about:blank", None, None),
    ],
)
def test_referrer_domain(referrer: str, host: str | None, domain: str | None) -> None:
    event = event_of(referrer=referrer)
    assert (event.referrer_host, event.referrer_domain) == (host, domain)


def test_the_hash_is_of_what_was_said() -> None:
    said = {**MINIMAL, "properties": {"b": 1, "a": 2}}
    other_order = {"properties": {"a": 2, "b": 1}, "publicKey": "k", "type": "PAGE_VIEW", "eventId": "e1"}
    hashes = [accepted_batch(p).accepted[0].payload_hash for p in (said, other_order, {**said, "title": "t"})]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_persons_browser_is_no_bot() -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.3 Safari/604.1"
    assert event_of(userAgent=agent).user_agent == agent
    assert event_of(userAgent="x" * 5000).user_agent == "x" * 512


def test_batches_have_the_asked_size() -> None:
    lines = [(f"f:{n}", json.dumps({**MINIMAL, "eventId": str(n)}).encode()) for n in range(7)]
    batches = accept(lines, site_id="s", received_at=RECEIVED_AT, default_currency="EUR", chunk_size=3)
    assert [len(batch.accepted) for batch in batches] == [3, 3, 1]


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
NAMES = st.sampled_from(
    ["eventId", "type", "url", "referrer", "value", "occurredAt", "survey", "metadata", "events", "x"]
)


@given(st.binary() | st.dictionaries(NAMES, JSON).map(lambda fields: json.dumps({**MINIMAL, **fields}).encode()))
def test_every_payload_ends_accepted_or_rejected(payload: bytes) -> None:
    batch = accepted_batch(payload)
    assert len(batch.accepted) + len(batch.rejected) >= 1
    assert [refused for refused in batch.rejected if refused.reason not in set(Reason) or not refused.message] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"value": 10**5000}, {"title": "\ud800"}, {"userAgent": "\ud800"}, {"eventId": object()},
        {"title": {(1, 2): b"x"}}, {"properties": {"a": 10**5000}}, {"properties": {"a": object()}},
    ],
)  # fmt: skip
def test_a_mapping_that_json_cannot_say_is_refused(fields: dict[str, object]) -> None:
    payloads = [("f:1", {**MINIMAL, **fields})]
    (batch,) = accept(payloads, site_id="s", received_at=RECEIVED_AT, default_currency="EUR")
    assert [refused.reason in {"malformed", "wrong_type", "out_of_range"} for refused in batch.rejected] == [True]
    batch.rejected[0].payload.encode()


@given(st.dictionaries(NAMES, st.text() | st.none() | st.integers()))
def test_every_mapping_ends_accepted_or_rejected(fields: dict[str, object]) -> None:
    payloads = [("f:1", {**MINIMAL, **fields})]
    (batch,) = accept(payloads, site_id="s", received_at=RECEIVED_AT, default_currency="EUR")
    assert len(batch.accepted) + len(batch.rejected) == 1


def test_the_metadata_of_older_tags() -> None:
    said = {
        "fp": "5f3c", "gclid": None, "utm": {"medium": "cpc", "source": "google", "campaign": "spring"}, "ref": None,
        "device_type": "Mobile", "city": "Bursa", "district": None,
    }  # fmt: skip
    event = event_of(metadata=said)
    assert (event.device_type, event.city, event.utm_medium) == ("mobile", "Bursa", "cpc")
    assert "5f3c" not in repr(event)
    nothing = event_of(metadata=dict.fromkeys(said))
    assert (nothing.device_type, nothing.city, nothing.utm_medium) == (None, None, None)
    assert event_of(metadata={"device_type": "fridge"}).device_type is None
    assert event_of(metadata={"device_type": "mobile"}, userAgent="Mozilla/5.0 (X11)").device_type is None


def test_a_refund_that_names_no_currency_has_none() -> None:
    """It is in its order's, which the organization's need not be."""
    said = b'{"eventId": "r", "type": "REFUND", "orderId": "1", "value": 5'
    found = [accepted_batch(said + more).accepted[0].currency for more in (b"}", b', "currency": "usd"}')]
    assert found == [None, "USD"]


texts = st.sampled_from([
    "", "a", "Café", "\x7f", "\n", "\0", "\ud800", "Googlebot/2.1", "https://a.example/?utm_id=1", "12.5", "1_0",
    "x" * 300,
])  # fmt: skip
fields = st.sampled_from([
    "eventId", "type", "url", "title", "anonId", "value", "valueMicros", "userAgent", "sku", "events", "publicKey",
    "orderId",
])  # fmt: skip
values = st.one_of(texts, st.integers(-1, 2**70), st.floats(allow_nan=False), st.none(), st.lists(texts, max_size=2))
events = st.dictionaries(fields, values, max_size=4).map(lambda more: {**MINIMAL, **more})
envelopes = st.lists(events, max_size=3).map(lambda some: {"events": some})


@given(said=st.one_of(events, envelopes, values), is_ascii=st.booleans())
def test_an_event_that_needs_no_second_look_is_read_as_any_other(said: Any, is_ascii: bool) -> None:
    payload = json.dumps(said, ensure_ascii=is_ascii).encode(errors="surrogatepass")
    found = accepted_batch(payload)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(accept.__globals__, "plain_event", lambda _payload: None)
        assert accepted_batch(payload) == found

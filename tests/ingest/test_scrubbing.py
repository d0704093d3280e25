"""Secrets and persons are taken out before anything is kept, of accepted events and of refused ones."""

import json
import time
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.test_wire import MINIMAL, RECEIVED_AT, accepted_batch, event_of, refusal_of
from touchline.errors import UsageError
from touchline.ingest import accept
from touchline.ingest.scrubbing import email_hash_in, kept_id, kept_properties, scrubbed_text
from touchline.redaction import EVERYTHING, redaction_of
from touchline.settings import OrganizationSettings

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def test_urls_are_scrubbed_before_they_are_read() -> None:
    event = event_of(
        url=f"https://ann:pw@shop.example/invite/3f9a7c1d5e2b8046?utm_source=News&utm_term=ann%40b.example&jwt={TOKEN}#t=1",
        referrer="https://mail.example/read?email=ann@b.example&q=shoes&page=2",
        path="/invite/3f9a7c1d5e2b8046",
    )
    kept = "https://shop.example/invite/redacted?utm_source=News&utm_term=redacted&jwt=redacted#t=1"
    assert (event.url, event.path) == (kept, "/invite/redacted")
    assert event.referrer == "https://mail.example/read?email=redacted&q=redacted&page=2"
    assert (event.utm_source, event.utm_term, event.referrer_domain) == ("news", "redacted", "mail.example")


def test_marks_that_older_tags_send_are_scrubbed_too() -> None:
    event = event_of(
        utm_term="x", utmTerm="to ann@b.example", metadata={"ref": "https://a.example/?token=1", "fp": "f"}
    )
    assert (event.utm_term, event.referrer) == ("redacted", "https://a.example/?token=redacted")


def test_the_ids_of_mailings_name_their_readers() -> None:
    event = event_of(url="https://shop.example/?mc_eid=a1b2c3&gclid=Cj0_x")
    assert event.click_id_names == "gclid,mc_eid"
    assert json.loads(event.click_ids or "") == {"gclid": "Cj0_x", "mc_eid": "redacted"}


def test_nothing_else_is_changed() -> None:
    url = "https://shop.example/a%20b/?color=caf%C3%A9&utm_source=x&code_color=red&gclid=EAIaIQobChMI_ey-J.x#top"
    assert event_of(url=url).url == url


def test_refused_events_are_kept_without_persons() -> None:
    refused = refusal_of(
        {**MINIMAL, "emailHash": "ann@b.example", "url": "https:\\/\\/u:p@a.example/?token=x&a=1", "x": "203.0.113.9"}
    )
    said = refused.payload + refused.message
    for secret in ("ann", "b.example", "u:p", "token=x", "203.0.113.9"):
        assert secret not in said
    assert "emailHash" in refused.message
    assert json.loads(refused.payload)["eventId"] == "e1"


TEXTS = [
    ("192.0.2.7 - - [10/Oct/2026:13:55:36 +0000]", "redacted - - [10/Oct/2026:13:55:36 +0000]"),
    ("[2001:DB8:0:0::7]:443, ::1, ::ffff:192.0.2.7", "[redacted]:443, redacted, redacted"),
    ("2026-03-02T09:10:00.5Z 09:10 std::list 1.2.3", "2026-03-02T09:10:00.5Z 09:10 std::list 1.2.3"),
    (f"Bearer {TOKEN}, ann.b+c@mail.example!", "Bearer redacted, redacted!"),
    ("/reset?token=abc&a=1 /plain/path", "/reset?token=redacted&a=1 /plain/path"),
]


@pytest.mark.parametrize(("text", "kept"), TEXTS, ids=range(len(TEXTS)))
def test_text_without_persons(text: str, kept: str) -> None:
    assert scrubbed_text(text) == kept
    assert scrubbed_text(kept) == kept


NAMES = ["ip", "IP", "clientIp", "client_ip", "ip_address", "ipAddress", "remote_addr", "X-Forwarded-For", "userIP"]


@given(
    st.dictionaries(st.sampled_from(NAMES), st.text(min_size=1) | st.dictionaries(st.sampled_from(NAMES), st.text()))
)
def test_properties_lose_addresses_by_their_names(properties: dict[str, Any]) -> None:
    found = kept_properties(properties, EVERYTHING, set())
    assert found == {name: value if value == {} else "[ip]" for name, value in properties.items()}


def test_addresses_in_properties_are_not_kept() -> None:
    event = event_of(properties={"ip": "203.0.113.9", "a": {"remote_addr": "2001:db8::7"}, "version": "10.0.1.2"})
    kept = {"ip": "[ip]", "a": {"remote_addr": "[ip]"}, "version": "10.0.1.2"}
    assert json.loads(event.properties or "") == kept


HOSTILE = ["a", "a@", "1.", "a:", "%40", "/?", "//", "ab::", "-eyJ", "a.a-", "a@b.", '"ip":"', "a?", "://", ":", ".@"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_cost_grows_with_the_text_and_with_nothing_else(piece: str) -> None:
    def cost(length: int) -> float:
        text = (piece * length)[:length]
        began = time.thread_time()
        scrubbed_text(text)
        kept_properties({text: text}, EVERYTHING, set())
        return time.thread_time() - began

    assert min(cost(65_536) for _ in range(3)) < 0.2


def test_bots_and_marked_visits_have_reasons() -> None:
    batch = accepted_batch(
        {**MINIMAL, "userAgent": "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"},
        {**MINIMAL, "url": "https://shop.example/?tl_internal=1"},
        {**MINIMAL, "url": "https://shop.example/?tl_internal=0"},
    )
    assert [refused.reason for refused in batch.rejected] == ["monitoring", "internal"]
    assert len(batch.accepted) == 1


PROPERTIES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"phone": 491701234567, "cell": "0170"}, {"phone": "[phone]", "cell": "[phone]"}),
    (
        {"items": [{"name": "Shirt", "sku": "4111111111111111"}]},
        {"items": [{"name": "[name]", "sku": "4111111111111111"}]},
    ),
    ({"address": {"street": "Main St 1", "zip": 53111}}, {"address": "[address]"}),
    (
        {"zip": "53111", "postcode": "SW1A 1AA", "dob": "1990-01-02", "ssn": "078-05-1120"},
        {"zip": "53111", "postcode": "SW1A 1AA", "dob": "[name]", "ssn": "[name]"},
    ),
    ({"ann@corp.example": 1, "bob@corp.example": 2}, {"[email]": 1, "[email]+": 2}),
    ({"list": ["a", ["ann@corp.example", None, True, 7]]}, {"list": ["a", ["[email]", None, True, 7]]}),
    ({"page": "https://a.example/?token=x&a=1"}, {"page": "https://a.example/?token=redacted&a=1"}),
    (
        {"paid_with": 4111111111111111, "order_id": 4111111111111111},
        {"paid_with": "[card]", "order_id": 4111111111111111},
    ),
    ({"name": "", "email": None, "phone": False, "q": []}, {"name": "", "email": None, "phone": False, "q": []}),
    ({"price": 12.5, "at": 1_772_445_600_000, "n": -1e300}, {"price": 12.5, "at": 1_772_445_600_000, "n": -1e300}),
]


@pytest.mark.parametrize(("properties", "kept"), PROPERTIES, ids=range(len(PROPERTIES)))
def test_properties_are_kept_by_their_names_and_by_themselves(
    properties: dict[str, Any], kept: dict[str, Any]
) -> None:  # fmt: skip
    event = event_of(properties=properties)
    assert json.loads(event.properties or "") == kept


IDS = [
    "42", "ann", "550e8400-e29b-41d4-a716-446655440000", "GA1.2.1234567890.1700000000", "A-2026/000123", "shop:42",
    "5f4dcc3b5aa765d61d8327deb882cf99", "4111111111111111", "order 4111111111111111", "user_4711", "react@18.2.0",
]  # fmt: skip


def test_an_id_is_kept_unless_it_names_a_person() -> None:
    assert [kept_id(one) for one in IDS] == IDS
    hashed = sha256(b"ann@corp.example").hexdigest()
    for text in ("ann@corp.example", "Ann@Corp.example", "ann%40corp.example", "ann\uff20corp.example"):
        assert kept_id(text) == email_hash_in(text) == hashed
    assert kept_id("crm:ann@corp.example") == f"crm:{hashed}"
    assert email_hash_in("crm:ann@corp.example") is None
    for text in ("203.0.113.9", "2001:db8::7", "+49 170 1234567", TOKEN):
        assert len(kept_id(text)) == 64
    event = event_of(
        eventId="ann@corp.example", anonId=" ann@corp.example ", userId="ann@corp.example", orderId="ann@corp.example",
        accountId="ann@corp.example", sessionId="ann@corp.example",
    )  # fmt: skip
    assert {event.event_id, event.visitor_id, event.user_id, event.order_id, event.account_id, event.session_id} == {
        hashed
    }
    assert event.identifier == f"v:s:{hashed}"


def test_what_was_taken_out_is_counted_by_kind_once_an_event() -> None:
    batch = accepted_batch(
        {**MINIMAL, "title": "ann@corp.example", "properties": {"to": "ann@corp.example", "tel": "1"}},
        {**MINIMAL, "url": "https://shop.example/?to=ann@corp.example&token=7", "path": "/u/203.0.113.9"},
        {**MINIMAL, "utmTerm": "ann@corp.example", "userId": "ann@corp.example"},
        {**MINIMAL, "title": "ann@corp.example", "value": -1},
        {**MINIMAL, "title": "Shoes", "url": "https://shop.example/?utm_source=x&gclid=Cj0_x"},
    )
    counts = {"scrubbed: email": 3, "scrubbed: phone": 1, "scrubbed: secret": 1, "scrubbed: ip": 1}
    assert dict(batch.unread) == counts
    assert len(batch.rejected) == 1


def test_an_organization_has_its_own_names_and_rules() -> None:
    own = redaction_of("Member-No", "name, q", "customer_number: K-[0-9]{6}", tag_names="nick=utm_campaign")
    (batch,) = accept(
        [("f:1", json.dumps({
            **MINIMAL, "title": "Order of K-123456",
            "url": "https://shop.example/K-123456?member_no=7&q=shoes&nick=May&from=K-654321&email=x",
            "properties": {"memberNo": 7, "name": "Shirt for ann@corp.example", "phone": "1"},
        }).encode())],
        site_id="s1", received_at=RECEIVED_AT, default_currency="EUR", redaction=own,
        tag_names=(("nick", "utm_campaign"),),
    )  # fmt: skip
    (event,) = batch.accepted
    assert event.title == "Order of [customer_number]"
    parameters = "member_no=redacted&q=shoes&nick=May&from=[customer_number]&email=redacted"
    assert event.url == f"https://shop.example/[customer_number]?{parameters}"
    assert event.utm_campaign == "May"
    assert json.loads(event.properties or "") == {
        "memberNo": "[redacted]", "name": "Shirt for [email]", "phone": "[phone]"
    }  # fmt: skip
    assert batch.unread["scrubbed: own"] == 1


def test_titles_queries_and_user_agents_can_be_left_out() -> None:
    own = redaction_of(titles="leave_out", queries="leave_out", user_agents="leave_out")
    said = {
        **MINIMAL, "title": "Shoes", "userAgent": "Mozilla/5.0 (X11) Chrome/120.0.0.0 Safari/537.36",
        "url": "https://shop.example/a?utm_source=News&gclid=Cj0KCQ_x&color=red#top", "referrer": "https://b.example/?x=1",
    }  # fmt: skip
    batch = next(accept(
        [("f:1", json.dumps(said).encode())], site_id="s1", received_at=RECEIVED_AT, default_currency="EUR",
        redaction=own,
    ))  # fmt: skip
    (event,) = batch.accepted
    assert (event.title, event.user_agent, event.url) == (None, None, "https://shop.example/a")
    assert (event.referrer, event.referrer_host) == ("https://b.example/", "b.example")
    assert (event.utm_source, event.click_ids, event.path) == ("news", '{"gclid":"Cj0KCQ_x"}', "/a")


WRONG = [
    ("redacted_keys", "a, --", "is not the name of a field"),
    ("kept_keys", ",".join(map(str, range(201))), "More than 200"),
    ("redaction_rules", "no rule", "is not a name, a colon and a pattern"), ("redaction_rules", "a: (?=x)", "RE2"),
    ("redaction_rules", "a: x*", "matches where there is nothing"), ("redaction_rules", "a: (", "RE2"),
    ("redaction_rules", "a: x\na: y", "is there twice"), ("redaction_rules", "a: " + "x" * 501, "longer than 500"),
    ("redaction_rules", "\n".join(f"a{n}: x" for n in range(51)), "More than 50"), ("titles", "none", "is one of keep"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "message"), WRONG, ids=range(len(WRONG)))
def test_a_setting_that_says_nothing_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        OrganizationSettings().changed(name, text)


def test_a_rule_takes_time_by_the_text_alone() -> None:
    own = OrganizationSettings().changed("redaction_rules", "hostile: (a+)+b").redaction
    began = time.thread_time()
    assert own.ruled("a" * 100_000) == ("a" * 100_000, ())
    assert time.thread_time() - began < 5


def test_texts_of_refused_events_lose_fields_by_their_names() -> None:
    said = '{"properties":{"phone" : "0170","first_name":"Ann","card_number":4111,"ok":"x"},"name":"Ann"}'
    kept = '{"properties":{"phone" : "-","first_name":"-","card_number":"-","ok":"x"},"name":"-"}'
    assert scrubbed_text(said) == kept.replace("-", "redacted")
    refused = refusal_of({**MINIMAL, "eventId": "ann@corp.example", "type": "+49 170 1234567"})
    assert refused.event_id == sha256(b"ann@corp.example").hexdigest()
    assert "170" not in refused.payload + refused.message

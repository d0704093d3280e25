"""Records as Touchline's events: a truth table."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from attribution_campaign_context.bridge import Unsendable, conversion_event, event_id, touch_event
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.parsing import parse_landing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = "x" * 200


def viewed(**fields: Any) -> dict[str, Any]:
    event = touch_event(AttributionTouch(id="t", **fields))
    assert isinstance(event, dict)
    assert (event.pop("eventId"), event.pop("type")) == ("touch-t", "PAGE_VIEW")
    return event


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ({}, {}),
        ({"visitor_id": "v", "session_id": "s"}, {"anonId": "v", "sessionId": "s"}),
        ({"visitor_id": ""}, {}),
        ({"created_at": NOON}, {"occurredAt": "2026-03-01T12:00:00+00:00"}),
        ({"created_at": NOON.replace(tzinfo=None)}, {"occurredAt": "2026-03-01T12:00:00+00:00"}),
        ({"created_at": NOON.astimezone(timezone(timedelta(hours=2)))}, {"occurredAt": "2026-03-01T12:00:00+00:00"}),
        ({"landing_path": "/a"}, {"url": "/a", "path": "/a"}),
        ({"landing_url": "https://a.example/?x", "landing_path": "/"}, {"url": "https://a.example/?x", "path": "/"}),
        ({"referer": "https://b.example/"}, {"referrer": "https://b.example/"}),
        ({"utm_source": "n", "utm_id": "7"}, {"utmSource": "n", "utmId": "7"}),
        ({"user_agent_hash": "u", "ip_hash": "i", "expires_at": NOON}, {}),
        ({"utm_term": "a\0b\ud800"}, {"utmTerm": "a\ufffdb\ufffd"}),
        ({"raw_params": {"utm_source": "n", "aff": "9"}}, {"properties": {"aff": "9"}}),
        ({"raw_params": {"gclid": "g"}, "click_ids": {"gclid": "g"}}, {}),
        (
            {"landing_url": "https://a.example/p#top", "click_ids": {"gclid": "A&b", "wbraid": "w"}},
            {"url": "https://a.example/p?gclid=A%26b&wbraid=w#top"},
        ),
        (
            {"landing_url": "https://a.example/p?GCLID=A&x=", "click_ids": {"gclid": "A"}},
            {"url": "https://a.example/p?GCLID=A&x="},
        ),
    ],
)  # fmt: skip
def test_touch_is_a_page_view(fields: dict[str, Any], event: dict[str, Any]) -> None:
    assert viewed(**fields) == event


def test_click_id_survives_an_address_that_is_too_long() -> None:
    url = viewed(landing_url=f"https://a.example/p?q={'y' * 4_080}", click_ids={"gclid": "Cj0_x"})["url"]
    assert url == "https://a.example/p?gclid=Cj0_x"


def test_click_ids_come_back_out_of_the_address() -> None:
    clicks = {"gclid": "Cj0+/=&?#ä", "fbclid": "I w"}
    url = viewed(landing_url="https://a.example/p?utm_source=n#f", click_ids=clicks)["url"]
    assert parse_landing(url).click_ids == clicks


def test_ids_are_never_cut() -> None:
    one, other = viewed(visitor_id=LONG + "1"), viewed(visitor_id=LONG + "2")
    assert len(one["anonId"]) == 64
    assert one != other
    assert event_id("touch", "1") == "touch-1"
    assert event_id("link", "1") == "link-1"
    ids = [event_id("touch", LONG + end) for end in ("", "1", "2")]
    assert len(set(ids)) == 3
    assert [(len(one) <= 128, one[:6]) for one in ids] == [(True, "touch-")] * 3


def converted(snapshot: dict[str, Any], resource: str = "lead", **fields: Any) -> dict[str, Any] | Unsendable:
    link = AttributionSubjectLink(
        id="l", touch_id="t", subject_resource=resource, subject_id="7", snapshot=snapshot, **fields
    )
    event = conversion_event(link, AttributionTouch(id="t", visitor_id="v", session_id="s"))
    if isinstance(event, Unsendable):
        return event
    head = [event.pop(name) for name in ("eventId", "type", "anonId", "sessionId")]
    assert head == ["link-l", "CONVERSION", "v", "s"]
    return event


@pytest.mark.parametrize(
    ("snapshot", "event"),
    [
        ({}, {}),
        ({"status": "qualified"}, {}),
        ({"value": "9.90", "currency": "eur"}, {"value": "9.90", "currency": "eur"}),
        ({"value": 9.9}, {"value": "9.9"}),
        ({"value": 0}, {"value": "0"}),
        ({"value": Decimal("1E+3")}, {"value": "1000"}),
        ({"value": -5}, {"value": "-5"}),
        ({"value_micros": 1_234_567}, {"value": "1.234567"}),
        ({"value_micros": 5, "value": 1}, {"value": "1"}),
        ({"value": None}, {}),
        ({"order_id": 12}, {"orderId": "12"}),
        ({"user_id": "u"}, {"userId": "u"}),
        ({"name": "signup"}, {"name": "signup"}),
        ({"is_test": True}, {"isTest": True}),
        ({"is_test": "no"}, {}),
        ({"occurred_at": "2026-03-01T14:00:00+02:00"}, {"occurredAt": "2026-03-01T12:00:00+00:00"}),
        ({"occurred_at": NOON}, {"occurredAt": "2026-03-01T12:00:00+00:00"}),
        *[({"value": bad}, Unsendable.BAD_VALUE) for bad in ("", "x", "NaN", float("inf"), True, [1], "1e99")],
        *[({"value_micros": bad}, Unsendable.BAD_VALUE) for bad in (1.5, "1", False)],
        *[({"currency": bad}, Unsendable.BAD_CURRENCY) for bad in ("EURO", "", 978, "E1R")],
        *[({"occurred_at": bad}, Unsendable.BAD_TIME) for bad in ("soon", 17)],
    ],
)
def test_snapshot_says_what_the_conversion_was(snapshot: dict[str, Any], event: dict[str, Any] | Unsendable) -> None:
    assert converted(snapshot) == ({"name": "lead", **event} if isinstance(event, dict) else event)


@pytest.mark.parametrize(
    ("resource", "more"),
    [("order", {"orderId": "7"}), ("Purchase", {"orderId": "7"}), ("user", {"userId": "7"}), ("quote", {})],
)
def test_resource_says_what_the_subject_is(resource: str, more: dict[str, str]) -> None:
    assert converted({}, resource) == {"name": resource, **more}


def test_conversion_happened_when_it_was_linked() -> None:
    assert converted({}, created_at=NOON) == {"name": "lead", "occurredAt": "2026-03-01T12:00:00+00:00"}


@pytest.mark.parametrize("relation", ["first_touch", "last_touch", "assist"])
def test_only_conversions_are_sent(relation: Any) -> None:
    assert converted({}, relation=relation) is Unsendable.NOT_A_CONVERSION


def test_who_is_nobody_is_not_sent() -> None:
    link = AttributionSubjectLink(touch_id="t", subject_resource="user", subject_id="7")
    assert conversion_event(link, None) is Unsendable.NO_ID
    named = link.model_copy(update={"id": "l"})
    event = conversion_event(named, None)
    assert not isinstance(event, Unsendable)
    assert event["userId"] == "7"
    assert conversion_event(named.model_copy(update={"subject_resource": "lead"}), None) is Unsendable.NOBODY
    assert touch_event(AttributionTouch(visitor_id="v")) is Unsendable.NO_ID

"""Evidence counts wherever it stands: small worlds whose answers were written by hand."""

from datetime import date
from typing import Any

from tests.journeys.journey import EURO, journey, order, page, rows
from tests.oracle.world import Row, Tables, at, event, goal

SHOP: Row = {"visitor_id": "ann", "page_domain": "shop.example", "user_agent": "Desk/1"}
GOOGLE: Row = {"utm_source": "google", "utm_medium": "cpc"}
LETTER: Row = {"utm_source": "letter", "utm_medium": "email"}
SEARCH: Row = {"referrer_host": "google.com", "referrer_domain": "google.com"}
BLOG: Row = {"referrer_host": "blog.example", "referrer_domain": "blog.example"}
OWN: Row = {"referrer_host": "shop.example", "referrer_domain": "shop.example"}
PAYPAL: Row = {"referrer_host": "www.paypal.com", "referrer_domain": "paypal.com"}


def sale(event_id: str, time: str, **said: Any) -> Row:
    """A purchase that the page itself reports."""
    return order(event_id, time, **{**SHOP, "url": f"https://shop.example/{event_id}", **said})


def act(event_id: str, time: str, **said: Any) -> Row:
    """Something else that happens on a page."""
    usual: Row = {**SHOP, "type": "CUSTOM", "name": "cart", "url": f"https://shop.example/{event_id}"}
    return event(event_id, at(f"2026-03-{time}"), **{**usual, **said})


def server(event_id: str, time: str, **said: Any) -> Row:
    """What the shop's server says with its secret key, without a visit."""
    return event(event_id, at(f"2026-03-{time}"), **{"type": "CUSTOM", "name": "paid", "visitor_id": "ann", **said})


def led(tables: Tables, model: str = "LAST_TOUCH") -> list[tuple[str, str, str]]:
    """Of each conversion, the touches with credit and their channels."""
    found = rows(tables, "attribution_links", "conversion_id", "touchpoint_id", "channel", "credit", model=model)
    return [(sold[2:], touch[2:], channel) for sold, touch, channel, credit in found if credit]


@journey([sale("buy", "02 10:00", click_id_names="gclid", **GOOGLE)])
def test_a_conversion_with_a_click_id_in_its_own_url_is_its_own_landing(tables: Tables) -> None:
    assert led(tables) == [("buy", "buy", "Paid Search")]
    assert rows(tables, "touchpoints", "is_landing", "landing_url", "touch_date") == [
        (True, "https://shop.example/buy", date(2026, 3, 2))
    ]
    assert rows(tables, "paths", "age_micros", "position", "touchpoint_count") == [(0, 1, 1)]


@journey([act("cart", "02 10:00", **LETTER), sale("buy", "02 10:20")])
def test_a_tagged_custom_event_leads_to_the_order_after_it(tables: Tables) -> None:
    assert led(tables) == [("buy", "cart", "Email")]
    assert rows(tables, "sessions", "landing_url", "user_agent", "page_view_count") == [
        ("https://shop.example/cart", "Desk/1", 0)
    ]


@journey([sale("buy", "02 10:00", **BLOG)])
def test_a_referrer_of_another_site_is_evidence_on_a_conversion_too(tables: Tables) -> None:
    assert led(tables) == [("buy", "buy", "Referral")]


@journey([sale("own", "02 10:00", **OWN), sale("paid", "03 10:00", **PAYPAL), sale("bare", "04 10:00")])
def test_a_checkout_alone_that_shows_nothing_is_a_direct_landing(tables: Tables) -> None:
    """Neither the site itself nor a payment service sends anybody."""
    assert led(tables) == [("bare", "bare", "Direct"), ("own", "own", "Direct"), ("paid", "paid", "Direct")]
    assert rows(tables, "health_measures", "period", "numerator", "denominator", measure="direct_landing_rate") == [
        (date(2026, 3, day), 1, 1) for day in (2, 3, 4)
    ]


@journey([sale("buy", "02 10:00", visitor_id=None)])
def test_an_order_of_nobody_has_the_evidence_of_its_own_visit(tables: Tables) -> None:
    assert led(tables) == [("buy", "buy", "Direct")]


@journey([event("who", at("2026-03-02 10:00"), type="IDENTIFY", user_id="7", **SHOP), sale("buy", "02 10:05")])
def test_somebody_who_signs_in_first_has_landed(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id", "is_landing") == [("s:who", True)]


@journey([page("land", "02 10:00", **GOOGLE), act("cart", "02 10:05", **GOOGLE), sale("buy", "02 10:10", **GOOGLE)])
def test_the_same_tags_again_are_the_same_click(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id") == [("s:land",)]


@journey(
    [
        page("land", "02 10:00", **GOOGLE, **SEARCH),
        page("inner", "02 10:01", **SEARCH),
        act("cart", "02 10:02", **GOOGLE),
        sale("buy", "02 10:03", **SEARCH),
    ]
)
def test_a_referrer_that_goes_on_standing_there_is_the_same_click(tables: Tables) -> None:
    """Script-driven pages keep the referrer of the landing when the tags have left the address, and the other way."""
    assert led(tables) == [("buy", "land", "Paid Search")]
    assert rows(tables, "touchpoints", "touchpoint_id") == [("s:land",)]


@journey([page("land", "02 10:00", **GOOGLE), act("cart", "02 10:05", **LETTER), sale("buy", "02 10:10")])
def test_new_tags_on_a_custom_event_are_a_touch_inside_the_visit(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id", "is_landing") == [("s:cart", False), ("s:land", True)]
    assert led(tables) == [("buy", "cart", "Email")]


@journey([act("cart", "02 10:00:00.2", **GOOGLE), page("land", "02 10:00:00.6", **GOOGLE), sale("buy", "02 10:10")])
def test_a_page_view_a_moment_after_the_first_event_is_the_landing(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id", "is_landing") == [("s:land", True)]
    assert rows(tables, "sessions", "started_at", "landing_url") == [
        (at("2026-03-02 10:00:00.200"), "https://shop.example/land")
    ]


@journey([act("cart", "02 10:00"), page("late", "02 10:01:00.000001", **GOOGLE), sale("buy", "02 10:10")])
def test_a_page_view_later_than_the_tolerance_is_not(tables: Tables) -> None:
    """Somebody was there before it, from nowhere; the page view has new evidence."""
    assert rows(tables, "touchpoints", "touchpoint_id", "is_landing") == [("s:cart", True), ("s:late", False)]
    assert led(tables) == [("buy", "late", "Paid Search")]


@journey([sale("buy", "02 10:00"), page("thanks", "02 10:00:00.4", **GOOGLE)])
def test_a_page_view_stamped_400_milliseconds_after_its_order_led_to_it(tables: Tables) -> None:
    assert led(tables) == [("buy", "thanks", "Paid Search")]
    assert rows(tables, "paths", "occurred_at", "age_micros", "position", "is_eligible") == [
        (at("2026-03-02 10:00:00.400"), 0, 1, True)
    ]
    assert rows(tables, "attribution_links", "touchpoint_id", "weight", model="TIME_DECAY") == [("s:thanks", 1.0)]


@journey(
    [
        sale("just", "02 10:00"),
        page("a", "02 10:01", **GOOGLE),
        sale("not", "03 10:00"),
        page("b", "03 10:01:01", **GOOGLE),
    ]
)
def test_the_tolerance_includes_its_last_moment_and_no_more(tables: Tables) -> None:
    """The second order's page view is no landing of its session either, so that the order itself is."""
    assert led(tables) == [("just", "a", "Paid Search"), ("not", "a", "Paid Search")]
    assert rows(tables, "paths", "touchpoint_id", "is_eligible", conversion_id="s:not") == [
        ("s:a", True),
        ("s:not", False),
    ]


@journey([sale("buy", "02 10:00"), page("thanks", "02 10:00:00.4", **GOOGLE)], clock_tolerance_seconds=0)
def test_without_a_tolerance_clocks_are_believed(tables: Tables) -> None:
    assert led(tables) == [("buy", "buy", "Direct")]


@journey([sale("buy", "02 10:00"), page("other", "02 10:00:05", visitor_id="bea", user_id="7", **GOOGLE),
          event("who", at("2026-03-01 09:00"), type="IDENTIFY", user_id="7", visitor_id="ann")])  # fmt: skip
def test_a_visit_on_another_device_a_moment_later_came_afterwards(tables: Tables) -> None:
    assert led(tables) == [("buy", "buy", "Direct")]


@journey(
    [
        page("first", "02 09:59", **LETTER),
        sale("buy", "02 10:00"),
        sale("signup", "02 10:00:30", name="signup"),
        page("b", "02 10:00:50", **GOOGLE),
        page("c", "02 10:00:55", **GOOGLE | {"utm_campaign": "other"}),
        sale("again", "05 10:00"),
    ],
    goals=[goal(), goal(name="signup", event_name="signup")],
)
def test_what_comes_a_moment_later_stands_last_and_in_its_own_order(tables: Tables) -> None:
    """Both orders see it at their own moment; for what is bought days later it lies at the first one's."""
    found = rows(tables, "paths", "conversion_id", "position", "touchpoint_id", "age_micros")
    assert [row for row in found if row[0] != "s:again"] == [
        ("s:buy", 1, "s:first", 60 * EURO), ("s:buy", 2, "s:b", 0), ("s:buy", 3, "s:c", 0),
        ("s:signup", 1, "s:first", 90 * EURO), ("s:signup", 2, "s:b", 30 * EURO), ("s:signup", 3, "s:c", 30 * EURO),
    ]  # fmt: skip
    assert rows(tables, "paths", "position", "age_micros", touchpoint_id="s:b", conversion_id="s:again") == [
        (2, 3 * 86_400 * EURO)
    ]


@journey([server("paid", "02 10:00"), server("none", "03 10:00", visitor_id=None)], goals=[goal(event_type="CUSTOM")])
def test_what_a_server_says_starts_no_session(tables: Tables) -> None:
    assert tables["sessions"] == tables["session_events"] == tables["touchpoints"] == []
    assert led(tables) == [("none", "", ""), ("paid", "", "")]
    assert rows(tables, "conversions", "conversion_id", "session_id") == [("s:none", None), ("s:paid", None)]


@journey(
    [
        server("early", "02 09:59:59.6"),
        page("land", "02 10:00", **GOOGLE),
        server("during", "02 10:30"),
        server("outside", "02 10:30:00.000001"),
        page("back", "02 10:59"),
    ],
    goals=[goal(event_type="CUSTOM")],
)
def test_what_a_server_says_of_a_visit_belongs_to_it_and_does_not_prolong_it(tables: Tables) -> None:
    """The page view half a second later led to the first order; the pages are 59 minutes apart, so two sessions."""
    session = f"o/v:s:ann/{int(1_772_445_600e6)}"
    assert rows(tables, "conversions", "conversion_id", "session_id") == [
        ("s:during", session), ("s:early", session), ("s:outside", None),
    ]  # fmt: skip
    assert rows(tables, "sessions", "started_at", "ended_at", "event_count") == [
        (at("2026-03-02 10:00"), at("2026-03-02 10:30"), 3), (at("2026-03-02 10:59"), at("2026-03-02 10:59"), 1),
    ]  # fmt: skip
    assert led(tables) == [(sold, "land", "Paid Search") for sold in ("during", "early", "outside")]


@journey([server("paid", "02 10:00", **GOOGLE)], goals=[goal(event_type="CUSTOM")])
def test_a_server_that_says_where_the_visitor_came_from_tells_of_a_visit(tables: Tables) -> None:
    assert led(tables) == [("paid", "paid", "Paid Search")]


@journey([server("paid", "02 10:00", is_verified=False)], goals=[goal(event_type="CUSTOM")])
def test_what_a_publishable_key_sends_comes_from_a_page(tables: Tables) -> None:
    assert led(tables) == [("paid", "paid", "Direct")]

"""Sessions, touchpoints and days: small worlds whose answers were written by hand."""

from datetime import date

from tests.journeys.journey import journey, order, page, rows, shares
from tests.oracle.world import Tables, at, event


@journey([page("a", "02 10:00"), page("b", "02 10:30"), page("c", "02 11:00:00.000001")])
def test_thirty_minutes_are_one_visit_and_a_microsecond_more_are_two(tables: Tables) -> None:
    assert rows(tables, "sessions", "event_count", "landing_url") == [
        (1, "https://shop.example/c"),
        (2, "https://shop.example/a"),
    ]
    assert rows(tables, "touchpoints", "touchpoint_id") == [("s:a",), ("s:c",)]


@journey(
    [
        page("land", "02 10:00", referrer_host="google.com", referrer_domain="google.com"),
        page("inner", "02 10:01", referrer_host="shop.example", referrer_domain="shop.example"),
        page("mail", "02 10:02", utm_source="letter", utm_medium="email"),
        page("again", "02 10:03", utm_source="letter", utm_medium="email"),
    ]
)
def test_a_new_source_inside_a_visit_is_a_touch_and_an_inner_link_is_not(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id", "is_landing") == [("s:land", True), ("s:mail", False)]


@journey(
    [
        page("ad", "02 10:00", utm_source="google", utm_medium="cpc"),
        page("thanks", "02 11:00", referrer_host="www.paypal.com", referrer_domain="paypal.com"),
        order("buy", "02 11:00:01"),
    ]
)
def test_coming_back_from_paying_is_no_visit_from_there(tables: Tables) -> None:
    assert rows(tables, "paths", "touchpoint_id", "channel", "is_eligible") == [
        ("s:ad", "Paid Search", True),
        ("s:thanks", "Direct", False),
    ]


NIGHT = [
    page("a", "31 21:40", utm_source="a"),
    page("again", "31 21:45", utm_source="a"),
    page("b", "31 21:50", utm_source="b"),
    page("own", "31 21:55", utm_source="c", referrer_host="shop.example", referrer_domain="shop.example"),
    page("late", "31 22:05"),
    page("pause", "31 22:35:00.000001"),
]
"""In Berlin, the day and the month end at 22:00."""


@journey(NIGHT, time_zone="Europe/Berlin")
def test_usually_only_a_pause_begins_another_session(tables: Tables) -> None:
    assert rows(tables, "sessions", "landing_url", "started_because", "event_count") == [
        ("https://shop.example/a", "first_visit", 5),
        ("https://shop.example/pause", "pause", 1),
    ]


@journey(NIGHT, time_zone="Europe/Berlin", session_policy="matomo")
def test_midnight_and_a_new_campaign_begin_a_session_where_the_policy_says_so(tables: Tables) -> None:
    assert rows(tables, "sessions", "landing_url", "started_because", "event_count") == [
        ("https://shop.example/a", "first_visit", 2),
        ("https://shop.example/b", "campaign", 2),
        ("https://shop.example/late", "midnight", 1),
        ("https://shop.example/pause", "pause", 1),
    ]


@journey(NIGHT, time_zone="Europe/Berlin", session_policy="seed", session_gap_minutes=31)
def test_a_month_begins_a_session_where_the_policy_says_so(tables: Tables) -> None:
    assert rows(tables, "sessions", "landing_url", "started_because", "event_count") == [
        ("https://shop.example/a", "first_visit", 4),
        ("https://shop.example/late", "month", 2),
    ]


@journey(
    [
        page("ad", "02 10:00", utm_source="google", utm_medium="cpc"),
        page("back", "02 10:05", referrer_host="accounts.google.com", referrer_domain="google.com"),
        page("search", "02 10:10", referrer_host="google.com", referrer_domain="google.com", visitor_id="ben"),
        page("called", "02 10:07", referrer_host="acs.bank.example", referrer_domain="bank.example"),
        page("id", "02 10:08", referrer_host="id.portal.de", referrer_domain="portal.de"),
        page("manual", "02 10:10", referrer_host="docs.login.example", referrer_domain="login.example", visitor_id="c"),
        page("login", "02 10:10", referrer_host="login.example", referrer_domain="login.example", visitor_id="dan"),
        order("buy", "02 10:06"),
    ]
)
def test_coming_back_from_signing_in_is_no_visit_from_there(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id", "referrer_host") == [
        ("s:ad", None), ("s:login", "login.example"), ("s:manual", "docs.login.example"), ("s:search", "google.com"),
    ]  # fmt: skip
    assert rows(tables, "session_events", "event_id", "uncredited_because")[1:4] == [
        ("back", "sign_in"), ("buy", None), ("called", "payment"),
    ]  # fmt: skip


OWN = {"referrer_host": "shop.example", "referrer_domain": "shop.example"}
BANNER = {"utm_source": "homepage", "utm_medium": "banner", "utm_id": "c1", "campaign_ref": "c1", **OWN}


@journey(
    [
        page("ad", "02 10:00", utm_source="google", utm_medium="cpc"),
        page("pricing", "02 10:05", **BANNER),
        page("later", "02 11:00", **BANNER),
        page("click", "02 12:00", click_id_names="gclid", **OWN),
        page("first", "02 10:00", visitor_id="ben", **BANNER),
        order("buy", "02 10:06"),
    ]
)
def test_a_tagged_link_of_the_sites_own_brings_nobody(tables: Tables) -> None:
    """But on a first visit it may name the landing that was not recorded, and a click id is no link of the site's."""
    columns = ("touchpoint_id", "utm_source", "utm_id", "campaign_ref")
    assert rows(tables, "touchpoints", *columns) == [
        ("s:ad", "google", None, None),
        ("s:click", None, None, None),
        ("s:first", "homepage", "c1", "c1"),
        ("s:later", None, None, None),
    ]
    assert rows(tables, "evidence_channels", "channel", "click_id_names") == [
        ("Direct", None), ("Display", None), ("Paid Search", "gclid"), ("Paid Search", None),
    ]  # fmt: skip


@journey(
    [
        page("before", "01 10:00", referrer_host="google.com", referrer_domain="google.com"),
        page("click", "02 10:00", click_id_names="gclid"),
        page("after", "03 10:00", referrer_host="google.com", referrer_domain="google.com"),
    ]
)
def test_a_search_visit_after_an_ad_click_was_assisted_by_the_ad(tables: Tables) -> None:
    assert rows(tables, "evidence_channels", "source_class", "channel", "has_past_click") == [
        ("Ads Assisted", "Organic Search", True),
        ("First Click (Paid)", "Paid Search", False),
        ("Organic", "Organic Search", False),
    ]


@journey(
    [page("a", "28 22:59"), page("b", "28 23:30", visitor_id="b"), page("c", "29 22:00", visitor_id="c")],
    time_zone="Europe/Berlin",
)
def test_days_are_those_of_the_shops_clock_also_when_it_changes(tables: Tables) -> None:
    """Berlin is an hour ahead of UTC until 01:00 UTC on 29 March 2026, then two."""
    assert rows(tables, "touchpoints", "touchpoint_id", "touch_date") == [
        ("s:a", date(2026, 3, 28)),
        ("s:b", date(2026, 3, 29)),
        ("s:c", date(2026, 3, 30)),
    ]


@journey(
    [
        page("ad", "01 12:00", utm_source="google", utm_medium="cpc"),
        order("just", "08 12:00"),
        order("late", "08 12:00:00.000001"),
    ],
    lookback_days=7,
)
def test_the_lookback_includes_its_last_microsecond(tables: Tables) -> None:
    assert rows(tables, "attribution_links", "conversion_id", "touchpoint_id", model="LINEAR") == [
        ("s:just", "s:ad"),
        ("s:late", ""),
    ]
    assert shares(tables, "LINEAR") == {"ad": 1.0, "": 1.0}


@journey(
    [
        page("plain", "02 10:00"),
        page("berlin", "02 10:05", city="Berlin", device_type="tablet"),
        page("mitte", "02 10:06", city="Berlin", district="Mitte"),
        page("with-agent", "02 10:00", visitor_id="ben", user_agent="Mozilla/5.0", district="Altona"),
        page("metadata", "02 10:01", visitor_id="ben", device_type="mobile", city="Bonn"),
        page("at-once", "02 10:00", visitor_id="eve", user_agent="Mozilla/5.0"),
        event("legacy", at("2026-03-02 10:00"), type="CUSTOM", visitor_id="eve", device_type="mobile"),
        page("next", "02 11:00", visitor_id="eve", city="Köln"),
        page("after", "02 11:30:00", visitor_id="eve", device_type="tablet"),
    ]
)
def test_what_the_landing_does_not_say_is_of_the_first_event_that_does(tables: Tables) -> None:
    """The device stays where a browser names itself, and no place is put together of two."""
    assert rows(tables, "sessions", "identifier", "landing_url", "device_type", "city", "district") == [
        ("v:s:ann", "https://shop.example/plain", "tablet", "Berlin", None),
        ("v:s:ben", "https://shop.example/with-agent", None, None, "Altona"),
        ("v:s:eve", "https://shop.example/at-once", "mobile", None, None),
        ("v:s:eve", "https://shop.example/next", "tablet", "Köln", None),
    ]

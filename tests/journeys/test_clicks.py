"""One click, one touch, and what brings nobody: small worlds whose answers were written by hand."""

import json
import random

from tests.journeys.journey import journey, order, page, rows, shares
from tests.oracle.world import Row, Tables

LANDING = "https://shop.example/"
AD: Row = {
    "utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring", "click_id_names": "gclid",
    "click_ids": '{"gclid":"first-click"}',
}  # fmt: skip
TAGS: Row = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
CLICK: Row = {"click_id_names": "gclid", "click_ids": '{"gclid":"first-click"}'}
OTHER_CLICK: Row = {"click_id_names": "gclid", "click_ids": '{"gclid":"other-click"}'}
SEARCH: Row = {"referrer_host": "google.com", "referrer_domain": "google.com"}
BLOG: Row = {"referrer_host": "blog.example", "referrer_domain": "blog.example"}
OWN: Row = {"referrer_host": "shop.example", "referrer_domain": "shop.example"}
SHOWN = ("touchpoint_id", "is_landing", "utm_campaign", "click_id_names", "referrer_host")


@journey(
    [
        page("ad", "02 10:00", **AD, **BLOG),
        page("two", "02 10:01", **BLOG),
        page("three", "02 10:20", **BLOG),
        order("buy", "02 10:21"),
    ]
)
def test_views_that_still_carry_the_landings_referrer_are_of_its_click(tables: Tables) -> None:
    assert rows(tables, "touchpoints", *SHOWN) == [("s:ad", True, "spring", "gclid", "blog.example")]
    assert shares(tables, "LAST_TOUCH") == {"ad": 1.0}


@journey(
    [
        page("rich", "02 10:00", url=f"{LANDING}?gclid=first-click#top", **AD),
        page("untagged", "02 10:00:02", url=LANDING, **SEARCH),
        page("half", "02 10:00:59", url=f"{LANDING}?utm_source=google", utm_source="google", **BLOG),
        order("buy", "02 10:05"),
    ]
)
def test_poorer_hits_of_the_same_page_right_after_it_are_the_same_click(tables: Tables) -> None:
    assert rows(tables, "touchpoints", *SHOWN) == [("s:rich", True, "spring", "gclid", None)]


@journey(
    [
        page("plain", "02 10:00", url=LANDING, **SEARCH),
        page("rich", "02 10:00:02", url=f"{LANDING}?gclid=first-click", **AD),
        order("buy", "02 10:05"),
        page("direct", "03 10:00", url=LANDING, visitor_id="ben"),
        page("found", "03 10:00:03", url=LANDING, visitor_id="ben", **SEARCH),
    ]
)
def test_a_poorer_hit_right_before_takes_what_the_richer_one_shows(tables: Tables) -> None:
    """The first hit has the place and the time; the page's address is the one with the tags."""
    assert rows(tables, "touchpoints", *SHOWN, "landing_url") == [
        ("s:direct", True, None, None, "google.com", LANDING),
        ("s:plain", True, "spring", "gclid", "google.com", f"{LANDING}?gclid=first-click"),
    ]


@journey(
    [
        page("ad", "02 10:00", url=LANDING, **TAGS),
        page("other-page", "02 10:00:02", **SEARCH),
        page("same-page-later", "02 10:01:00.000001", url=LANDING, **BLOG),
        page("other-campaign", "02 10:01:01", url=LANDING, **TAGS | {"utm_campaign": "summer"}),
    ]
)
def test_another_page_a_later_time_and_other_tags_are_other_clicks(tables: Tables) -> None:
    """The blog's visit is a minute and a microsecond after the ad's, but a second before another ad's.

    The search is a source of its own as well, and weaker than the ad before it.
    """
    assert rows(tables, "touchpoints", *SHOWN) == [
        ("s:ad", True, "spring", None, None),
        ("s:same-page-later", False, "summer", None, "blog.example"),
    ]
    assert rows(tables, "source_hits", "event_id", "outcome") == [
        ("ad", "touch"),
        ("other-campaign", "shown_before"),
        ("other-page", "weaker_source"),
        ("same-page-later", "touch"),
    ]


@journey(
    [
        page("tagged", "02 10:00", **TAGS),
        page("clicked", "02 10:05", **AD, **OWN),
        page("id-alone", "02 10:10", **CLICK, **OWN),
        page("name-alone", "02 10:11", click_id_names="gclid", **OWN),
        order("buy", "02 10:15"),
    ]
)
def test_a_click_id_that_comes_later_fills_the_touch_and_is_none_of_its_own(tables: Tables) -> None:
    assert rows(tables, "touchpoints", *SHOWN) == [("s:tagged", True, "spring", "gclid", None)]
    assert shares(tables, "LAST_TOUCH") == {"tagged": 1.0}


DETAILS = ("utm_term", "utm_content", "utm_id", "campaign_ref", "adset_ref", "ad_ref")
LETTER: Row = {"utm_source": "letter", "utm_medium": "email"}


@journey(
    [
        page("ad", "02 10:00", **AD, utm_term="tables", ad_ref="77"),
        page("richer", "02 10:05", **AD, utm_content="hero", utm_id="c1", adset_ref="5"),
        page("later", "02 10:06", **AD, utm_term="chairs", ad_ref="78"),
        page("tags", "02 10:07", **TAGS, campaign_ref="123"),
        page("weaker", "02 10:08", **LETTER, utm_content="footer"),
        page("own-link", "02 10:09", utm_source="home", utm_term="sale", campaign_ref="1", **OWN),
        page("id-first", "02 10:00", visitor_id="ben", **CLICK),
        page("then-tags", "02 10:05", visitor_id="ben", **AD, utm_term="sofas"),
        page("id-again", "02 10:06", visitor_id="ben", **CLICK, utm_content="sidebar", campaign_ref="9"),
        page("other-id", "02 10:07", visitor_id="ben", **OTHER_CLICK, utm_id="c2"),
        page("letter", "02 10:00", visitor_id="eve", **LETTER),
        page("letter-again", "02 10:05", visitor_id="eve", **LETTER, utm_content="footer"),
        page("search", "02 10:06", visitor_id="eve", **SEARCH, utm_term="shoes"),
    ]
)
def test_each_parameter_that_the_richest_hit_lacks_is_of_another_hit_of_the_click(tables: Tables) -> None:
    """What another source says fills nothing, and what is there stays: the first of two equally rich hits holds."""
    assert rows(tables, "touchpoints", "touchpoint_id", "utm_campaign", "click_ids", *DETAILS) == [
        ("s:ad", "spring", '{"gclid":"first-click"}', "tables", "hero", "c1", "123", "5", "77"),
        ("s:id-first", "spring", '{"gclid":"first-click"}', "sofas", "sidebar", None, "9", None, None),
        ("s:letter", None, None, None, "footer", None, None, None, None),
        ("s:other-id", None, '{"gclid":"other-click"}', None, None, "c2", None, None, None),
    ]


CLICKS = [
    page("one", "02 10:00", **CLICK),
    page("again", "02 10:05", **AD),
    page("other", "02 10:10", **OTHER_CLICK),
    page("weaker", "02 10:11", **TAGS),
    page("inner", "02 10:12", click_id_names="gclid", click_ids='{"gclid":"on-a-link"}', **OWN),
]


@journey(CLICKS)
def test_another_click_id_is_another_click_and_nothing_weaker_is(tables: Tables) -> None:
    """The tags without an id are of the click that came with them; an id that only the site's own link says is none."""
    assert rows(tables, "touchpoints", *SHOWN) == [
        ("s:one", True, "spring", "gclid", None),
        ("s:other", False, None, "gclid", None),
    ]
    assert rows(tables, "sessions", "started_because", "event_count") == [("first_visit", 5)]


def ids(**said: str) -> Row:
    """Click ids with their values, as an event has them."""
    return {
        "click_id_names": ",".join(sorted(said)),
        "click_ids": json.dumps(said, sort_keys=True, separators=(",", ":")),
    }


FULL = {"gad_campaignid": "7", "gad_source": "1", "gbraid": "b", "gclid": "x"}


@journey(
    [
        page("part", "02 10:00", **ids(gclid="x"), **TAGS),
        page("full", "02 10:05", **ids(**FULL), campaign_ref="7"),
        page("aggregate", "02 10:06", **ids(gbraid="b", wbraid="w")),
        page("named", "02 10:07", click_id_names="gclid"),
        page("full-tagged", "02 10:00", visitor_id="ben", **ids(**FULL), **TAGS),
        page("detailed", "02 10:05", visitor_id="ben", **ids(gclid="x"), **TAGS, utm_term="tables", ad_ref="77"),
        page("other", "02 10:06", visitor_id="ben", **ids(**FULL | {"gclid": "y"})),
        page("where", "02 10:07", visitor_id="ben", **ids(gad_campaignid="7")),
        page("letter", "02 10:00", visitor_id="eve", **ids(_hsenc="redacted", _hsmi="1")),
        page("other-letter", "02 10:05", visitor_id="eve", **ids(_hsenc="redacted", mc_cid="2")),
        page("of-one", "02 10:06", visitor_id="eve", **ids(_hsenc="redacted")),
    ]
)
def test_one_value_of_a_click_id_is_one_click_unless_another_id_differs(tables: Tables) -> None:
    """The touch shows the hit that has tags, too; what only fuller ones say of the campaign fills it."""
    assert rows(tables, "touchpoints", "touchpoint_id", "utm_campaign", "click_id_names", "campaign_ref", "ad_ref") == [
        ("s:full-tagged", "spring", "gad_campaignid,gad_source,gbraid,gclid", None, "77"),
        ("s:letter", None, "_hsenc,_hsmi", None, None),
        ("s:named", None, "gclid", None, None),
        ("s:other", None, "gad_campaignid,gad_source,gbraid,gclid", None, None),
        ("s:other-letter", None, "_hsenc,mc_cid", None, None),
        ("s:part", "spring", "gclid", "7", None),
    ]


def some_sets_of_ids() -> list[Row]:
    """Hits of many visitors, each of which shows some ids that others of the session have alike or otherwise."""
    chance = random.Random(14)
    values = {
        "gclid": "xxy", "gbraid": "bbc", "wbraid": "w", "gad_source": "112", "gad_campaignid": "778", "awc": "a",
        "gclsrc": "s", "unlisted": "uv",
    }  # fmt: skip
    hits = []
    for visitor in range(40):
        for number in range(chance.randint(2, 6)):
            names = chance.sample(sorted(values), chance.randint(1, 4))
            said = ids(**{name: chance.choice(values[name]) for name in names})
            shown = chance.choice(({}, {}, {}, TAGS, OWN, SEARCH, {"gclid": None}))
            url = chance.choice((LANDING, f"{LANDING}{number}"))
            time = f"02 10:{number:02}:{chance.choice('03')}0"
            said = {"click_id_names": "gclid"} if "gclid" in shown else said | shown
            hits.append(page(f"{visitor}-{number}", time, visitor_id=f"v{visitor}", url=url, **said))
    return hits


@journey(some_sets_of_ids())
def test_whatever_ids_the_hits_of_a_session_show_a_slow_reading_finds_the_same_clicks(tables: Tables) -> None:
    """The journey's tables are compared with those of the plain definitions."""
    outcomes = [outcome for (outcome,) in rows(tables, "source_hits", "outcome")]
    assert outcomes.count("shown_before") > 40
    assert outcomes.count("touch") > 60


@journey([
    page("shared", "02 10:00", click_id_names="fbclid", click_ids='{"fbclid":"f"}'),
    page("listed", "02 10:05", click_id_names="srsltid", click_ids='{"srsltid":"s"}', referrer_host="google.com"),
    page("mailed", "02 10:10", **TAGS),
    page("paid", "02 10:15", **OTHER_CLICK),
    page("shared-again", "02 10:20", click_id_names="fbclid", click_ids='{"fbclid":"g"}'),
])  # fmt: skip
def test_a_click_id_of_unpaid_links_blocks_no_tags_and_the_one_of_an_ad_blocks_both(tables: Tables) -> None:
    outcomes = rows(tables, "source_hits", "event_id", "outcome")
    assert outcomes == [
        ("listed", "touch"), ("mailed", "touch"), ("paid", "touch"), ("shared", "touch"),
        ("shared-again", "weaker_source"),
    ]  # fmt: skip


@journey([
    page("ad", "02 10:00", **CLICK),
    page("back", "02 10:10", utm_source="(direct)", utm_medium="(none)"),
], session_policy="matomo")  # fmt: skip
def test_tags_that_say_that_nobody_sent_the_visitor_begin_no_session(tables: Tables) -> None:
    assert rows(tables, "sessions", "started_because", "event_count") == [("first_visit", 2)]


@journey([*CLICKS, page("summer", "02 10:20", **TAGS | {"utm_campaign": "summer"})], session_policy="matomo")
def test_another_click_id_begins_no_session_and_another_campaign_does(tables: Tables) -> None:
    """Matomo knows no click ids: the same campaign with and without one is one visit."""
    assert rows(tables, "sessions", "landing_url", "started_because", "event_count") == [
        ("https://shop.example/one", "first_visit", 5),
        ("https://shop.example/summer", "campaign", 1),
    ]


REFERRED: Row = {**AD, **OWN, "tags_from": "referrer"}
"""What the page before had in its address, which the browser names as the referrer."""


@journey(
    [
        page("two", "02 10:00", **REFERRED),
        order("buy", "02 10:05"),
        page("old", "01 10:00", visitor_id="ben"),
        page("back", "02 10:00", visitor_id="ben", **REFERRED),
        page("three", "02 10:20", visitor_id="ben", **REFERRED),
    ]
)
def test_tags_of_the_own_pages_address_name_the_landing_that_nobody_recorded(tables: Tables) -> None:
    """On the first visit, and on a later one."""
    assert rows(tables, "touchpoints", *SHOWN) == [
        ("s:back", True, "spring", "gclid", None),
        ("s:old", True, None, None, None),
        ("s:two", True, "spring", "gclid", None),
    ]
    assert rows(tables, "evidence_channels", "channel") == [("Direct",), ("Paid Search",)]
    assert shares(tables, "LAST_TOUCH") == {"two": 1.0}


BANNER: Row = {"utm_source": "homepage", "utm_medium": "banner", **OWN}


@journey(
    [
        page("ad", "02 10:00", **AD),
        page("two", "02 10:05", **REFERRED),
        page("after-a-pause", "02 11:00", **REFERRED),
        page("mail", "02 12:00", utm_source="letter", utm_medium="email"),
        page("shorter", "02 12:01", **TAGS, **OWN, tags_from="referrer"),
        page("banner", "02 13:00", **BANNER),
        page("from-banner", "02 14:00", **BANNER, tags_from="referrer"),
    ]
)
def test_tags_of_the_own_pages_address_are_no_news_where_that_page_was_recorded(tables: Tables) -> None:
    """Nor do they count beside a tagged landing of the session, nor if they are of a link of the site's own."""
    assert rows(tables, "touchpoints", *SHOWN) == [
        ("s:ad", True, "spring", "gclid", None),
        ("s:after-a-pause", True, None, None, None),
        ("s:banner", True, None, None, None),
        ("s:from-banner", True, None, None, None),
        ("s:mail", True, None, None, None),
    ]


@journey(
    [
        page("ad", "02 10:00", **TAGS),
        page("bank", "02 10:05", referrer_host="acs.bank.example", referrer_domain="bank.example"),
        page("partner", "02 10:06", referrer_host="www2.blog.example", referrer_domain="blog.example"),
        page("sign-in", "02 10:07", referrer_host="accounts.google.com", referrer_domain="google.com"),
        page("paid", "02 10:08", referrer_host="paypal.com", referrer_domain="paypal.com"),
        page("banner", "02 10:09", **BANNER),
        page("inner", "02 10:10", **OWN),
        page("other-bank", "02 10:11", referrer_host="shop.bank.example", referrer_domain="bank.example"),
        order("buy", "02 10:12"),
    ],
    ignored=("acs.bank.example", "blog.example"),
)
def test_hosts_that_a_setting_names_bring_nobody_and_each_case_has_its_reason(tables: Tables) -> None:
    """A host stands for itself, a registrable domain for all of its hosts; another host of the bank is a referrer."""
    assert rows(tables, "touchpoints", "touchpoint_id") == [("s:ad",)]
    assert rows(tables, "source_hits", "event_id", "outcome") == [("ad", "touch"), ("other-bank", "weaker_source")]
    assert rows(tables, "session_events", "event_id", "uncredited_because") == [
        ("ad", None),
        ("bank", "ignored_referrer"),
        ("banner", "own_link"),
        ("buy", None),
        ("inner", None),
        ("other-bank", None),
        ("paid", "payment"),
        ("partner", "ignored_referrer"),
        ("sign-in", "sign_in"),
    ]


ALL_DAY = [page(f"{hour:02}-{minute:02}", f"{2 + hour // 24:02} {hour % 24:02}:{minute:02}")
           for hour in range(50) for minute in (0, 30)]  # fmt: skip
"""A visitor who never pauses for more than half an hour, for two days."""


@journey(ALL_DAY)
def test_a_session_goes_on_as_long_as_its_visitor_does(tables: Tables) -> None:
    assert rows(tables, "sessions", "event_count", "started_because") == [(100, "first_visit")]


@journey([*ALL_DAY, order("server", "03 00:10", url=None)], session_cap_hours=24)
def test_a_cap_ends_a_session_after_its_hours(tables: Tables) -> None:
    """The visit that is just as old as the cap is its last; what a server says is of the visit before it."""
    assert rows(tables, "sessions", "landing_url", "event_count", "started_because") == [
        ("https://shop.example/00-00", 50, "first_visit"),
        ("https://shop.example/24-30", 48, "cap"),
        ("https://shop.example/48-30", 3, "cap"),
    ]

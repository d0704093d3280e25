"""What comes late changes what stood before, and a run finds all of it.

Each case is what was known, and what came then. The cases are organizations that live through runs together, for a
run costs about the same for one as for all. Together are those to which the same kind of thing comes, so that each run
finds as much empty as it would for one of them; and each is told of campaigns and browsers of its own, so that none
keeps alive what another one showed.
"""

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.apart import mark, moved, owner, rows_of, together
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.judge import disagreements
from tests.oracle.world import Row, Tables, World, at, claim, cost, event, goal, organization, site
from touchline import pipeline
from touchline.own_models import OwnModel


@dataclass(frozen=True)
class Late:
    """``changes`` are the tables that must not be as they were."""

    known: list[Row]
    late: list[Row]
    changes: str
    known_loads: list[list[Row]] = field(default_factory=list)
    late_loads: list[list[Row]] = field(default_factory=list)
    known_claims: list[Row] = field(default_factory=list)
    late_claims: list[Row] = field(default_factory=list)
    erased: tuple[str, ...] = ()
    """The ids of events that are erased."""
    withdrawn: tuple[str, ...] = ()
    """The names whose claims are withdrawn."""
    path_owner: str = "person"
    """Who owns the paths to the goals."""
    own_models: tuple[OwnModel, ...] = ()


def page(event_id: str, time: str, visitor: str = "a", **said: Any) -> Row:
    return event(event_id, at(time), visitor_id=visitor, url=f"https://shop.example/{event_id}", **said)


def order(event_id: str, time: str, visitor: str | None = "a", order_id: str | None = "1", **said: Any) -> Row:
    said = {"value_micros": 10_000_000, "order_id": order_id, "visitor_id": visitor} | said
    return event(event_id, at(time), type="CONVERSION", **said)


def refund(event_id: str, time: str, visitor: str | None = None, **said: Any) -> Row:
    return event(event_id, at(time), type="REFUND", **{"order_id": "1", "visitor_id": visitor} | said)


def login(event_id: str, time: str, visitor: str, user: str) -> Row:
    return event(event_id, at(time), type="IDENTIFY", visitor_id=visitor, user_id=user)


def hearsay(event_id: str, visitor: str, user: str | None, email_hash: str | None = None) -> Row:
    """What a page says, and nobody can be held to."""
    said: Row = {"user_id": user, "email_hash": email_hash, "is_verified": False}
    return event(event_id, at("2026-03-04 10:00"), type="IDENTIFY", visitor_id=visitor, **said)


GOOGLE = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
SPRING = {"campaign_id": "7", "campaign_name": "Spring"}
SUMMER = {"campaign_id": "7", "campaign_name": "Summer"}
ACME, BETA = {"account_id": "acme"}, {"account_id": "beta"}
MERGER = claim("a:acme", "a:beta", at("2026-03-06 10:00"))
CREDITED = "paths attribution_links daily_rollups health_measures"

CASES = {
    "an earlier event of the order moves it to another day": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("later", "2026-03-05 10:00")],
        [order("first", "2026-03-03 10:00")],
        "conversions paths daily_rollups health_measures",
    ),
    "an earlier page of the visit takes the landing, on the day before": Late(
        [page("p", "2026-03-02 23:10", user_agent="Old/1"), order("o", "2026-03-04 10:00")],
        [page("before", "2026-03-02 22:50", user_agent="New/1", **GOOGLE)],
        "sessions touchpoints evidence_channels agents daily_rollups health_measures",
    ),
    "an event between two visits makes them one": Late(
        [page("p1", "2026-03-02 10:00"), page("p2", "2026-03-02 10:50"), order("o", "2026-03-02 10:55")],
        [event("between", at("2026-03-02 10:25"), type="CUSTOM", visitor_id="a", user_agent="Old/1")],
        "session_events sessions touchpoints paths health_measures",
    ),
    "a page view a moment after the order takes the landing from it": Late(
        [order("o", "2026-03-02 10:00", user_agent="Old/1"), page("q", "2026-03-02 10:20", **GOOGLE)],
        [page("p", "2026-03-02 10:00:30", **GOOGLE)],
        "session_events sessions touchpoints evidence_channels agents paths attribution_links daily_rollups"
        " health_measures",
    ),
    "an order makes a page view count from its own moment on": Late(
        [page("p", "2026-03-02 10:00:30", **GOOGLE), order("o2", "2026-03-02 11:00", order_id="2")],
        [order("o", "2026-03-02 10:00")],
        "session_events sessions touchpoints paths attribution_links",
    ),
    "a refund lets a page view count from its own moment on again": Late(
        [page("p", "2026-03-02 10:00:30", **GOOGLE), order("o2", "2026-03-02 11:00", order_id="2"),
         order("o", "2026-03-02 10:00")],
        [refund("r", "2026-03-08 10:00")],
        "corrections conversions touchpoints paths attribution_links daily_rollups",
    ),
    "what a server said earlier belongs to a visit that comes later": Late(
        [order("o", "2026-03-02 10:00"), page("q", "2026-03-03 10:00")],
        [page("p", "2026-03-02 10:00:01", **GOOGLE)],
        "session_events sessions conversions touchpoints paths attribution_links daily_rollups health_measures",
    ),
    "tags come in before the event that showed them first": Late(
        [page("p", "2026-03-02 10:00"), page("q", "2026-03-02 10:20", **GOOGLE), order("o", "2026-03-02 10:30")],
        [event("cart", at("2026-03-02 10:10"), type="CUSTOM", visitor_id="a", **GOOGLE)],
        "session_events sessions touchpoints paths attribution_links",
    ),
    "a login makes two buyers of one order one": Late(
        [
            page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o1", "2026-03-03 10:00", "a"),
            page("q", "2026-03-04 10:00", "b"), order("o2", "2026-03-05 10:00", "b"),
            login("l1", "2026-03-01 10:00", "b", "x"),
        ],
        [login("l2", "2026-03-09 10:00", "a", "x")],
        "identities conversions paths daily_rollups health_measures",
    ),
    "a login joins three at once, and the eldest names them": Late(
        [page("p", "2026-03-02 10:00", "a"), page("q", "2026-03-03 10:00", "b"), order("o", "2026-03-04 10:00", "c")],
        [login(f"l{visitor}", "2026-03-05 10:00", visitor, "x") for visitor in "abc"],
        "identities touchpoints paths attribution_links health_measures",
    ),
    "an earlier event renames the person": Late(
        [page("p", "2026-03-02 10:00"), login("l", "2026-03-02 10:01", "a", "x"), order("o", "2026-03-02 10:02")],
        [event("u", at("2026-03-01 10:00"), type="IDENTIFY", user_id="x")],
        "identities sessions touchpoints conversions paths",
    ),
    "a shared computer's user id that names nobody joins nobody": Late(
        [login("l1", "2026-03-02 10:00", "a", "null"), order("o1", "2026-03-02 10:00", "a")],
        [login("l2", "2026-03-02 10:00", "b", "null"), order("o2", "2026-03-02 10:00", "b")],
        "identity_edges conversions",
    ),
    "a refund goes over to a newer order of another person": Late(
        [order("o1", "2026-03-02 10:00", "a"), refund("r", "2026-03-08 10:00")],
        [order("o2", "2026-03-05 10:00", "b")],
        "corrections conversions attribution_links daily_rollups health_measures",
    ),
    "a refund turns out to be the first buyer's own": Late(
        [
            order("o1", "2026-03-02 10:00", "a"), order("o2", "2026-03-05 10:00", "b"),
            refund("r", "2026-03-08 10:00", user_id="x"),
        ],
        [login("l", "2026-03-09 10:00", "a", "x")],
        "corrections conversions attribution_links daily_rollups health_measures",
    ),
    "a refund comes from nobody known": Late(
        [page("p", "2026-03-02 09:00", **GOOGLE), order("o", "2026-03-02 10:00")],
        [refund("r", "2026-03-08 10:00", value_micros=4_000_000)],
        "corrections conversions attribution_links daily_rollups",
    ),
    "an e-mail address joins two browsers": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE, email_hash="m"), order("o", "2026-03-03 10:00", "b")],
        [event("i", at("2026-03-04 10:00"), type="IDENTIFY", visitor_id="b", email_hash="m")],
        "identities paths attribution_links daily_rollups health_measures",
    ),
    "a day that somebody else touches keeps the credit of all": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-08 10:00", "a")],
        [page("q", "2026-03-02 10:00", "b")],
        "touchpoints evidence_channels health_measures",
    ),
    "a cancellation waits for its order": Late(
        [refund("r", "2026-03-02 09:00", name="cancellation"), order("other", "2026-03-02 10:00", order_id="2")],
        [order("o", "2026-03-02 10:00")],
        "corrections conversions",
    ),
    "an order turns out to be a test": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00")],
        [order("again", "2026-03-02 12:00", is_test=True)],
        "conversions paths attribution_links daily_rollups health_measures",
    ),
    "a milestone was reached earlier": Late(
        [page("p", "2026-03-02 10:00"), order("s2", "2026-03-04 10:00", order_id=None, name="signup")],
        [order("s1", "2026-03-03 10:00", order_id=None, name="signup")],
        "conversions paths daily_rollups",
    ),
    "an ad click before makes a later search visit assisted": Late(
        [
            page("p", "2026-03-05 10:00", referrer_host="google.com", referrer_domain="google.com"),
            order("o", "2026-03-05 11:00"),
        ],
        [page("click", "2026-03-02 10:00", click_id_names="gclid")],
        "touchpoints evidence_channels paths attribution_links daily_rollups",
    ),
    "a richer hit of the page comes after its poorer one": Late(
        [event("p", at("2026-03-02 10:00"), visitor_id="a", url="https://shop.example/"),
         order("o", "2026-03-02 10:30")],
        [event("rich", at("2026-03-02 10:00:02"), visitor_id="a", url="https://shop.example/?utm_id=1", **GOOGLE)],
        "session_events touchpoints evidence_channels paths attribution_links daily_rollups health_measures",
    ),
    "the click id of tags comes late": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 10:30")],
        [page("click", "2026-03-02 10:10", **GOOGLE, click_id_names="gclid", click_ids='{"gclid":"x"}')],
        "session_events touchpoints evidence_channels",
    ),
    "the page whose tags a referrer named turns out to be recorded": Late(
        [page("p", "2026-03-02 10:40", tags_from="referrer", referrer_host="shop.example",
              referrer_domain="shop.example", page_domain="shop.example", **GOOGLE),
         order("o", "2026-03-02 10:50")],
        [page("landing", "2026-03-02 10:00", **GOOGLE)],
        "session_events touchpoints evidence_channels paths attribution_links health_measures",
    ),
    "a campaign's new name leaves the touches of the old one to it": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00")],
        [],
        "ad_costs campaigns daily_rollups waste_findings",
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING)]],
        [[cost(date(2026, 3, 20), 5_000_000, **SUMMER)]],
    ),
    "a restatement takes a campaign back": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00")],
        [],
        "ad_costs campaigns daily_rollups waste_findings",
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING), cost(date(2026, 3, 3), 5_000_000, **SUMMER)]],
        [[cost(date(2026, 3, 2), 4_000_000, platform="META", campaign_id="9")], [cost(date(2026, 3, 3), 0, **SUMMER)]],
    ),
    "a colleague's click leads to the account's order": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("q", "2026-03-03 10:00", "b", **ACME)],
        [page("p", "2026-03-02 10:00", "b", **GOOGLE)],
        f"touchpoints {CREDITED}",
        path_owner="account",
    ),
    "what a colleague does for another account stays off the path": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("p", "2026-03-02 10:00", "b", **ACME)],
        [page("r", "2026-03-03 10:00", "b", **GOOGLE, **BETA)],
        "touchpoints account_members",
        path_owner="account",
    ),
    "a claim makes a colleague": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("p", "2026-03-02 10:00", "b", **GOOGLE)],
        [],
        f"account_members {CREDITED}",
        late_claims=[claim("v:s:b", "a:acme", at("2026-03-06 10:00"))],
        path_owner="account",
    ),
    "a colleague's milestone on another account's path keeps its weight": Late(
        [
            page("p", "2026-03-01 10:00", **GOOGLE, **ACME),
            order("s", "2026-03-02 10:00", order_id=None, name="signup", **BETA),
            page("q", "2026-03-03 10:00", **ACME), order("o", "2026-03-05 10:00", **ACME),
        ],
        [page("r", "2026-03-04 10:00", "b", **GOOGLE, **ACME)],
        f"touchpoints account_members {CREDITED}",
        path_owner="account",
        own_models=(OwnModel("W", "Milestones.", first=0, between=10, last=30, milestones={"": 30}),),
    ),
    "two accounts become one": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("p", "2026-03-02 10:00", "b", **GOOGLE, **BETA)],
        [],
        f"merged_accounts account_members {CREDITED}",
        late_claims=[MERGER],
        path_owner="account",
    ),
    "two accounts part again": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("p", "2026-03-02 10:00", "b", **GOOGLE, **BETA)],
        [],
        f"merged_accounts account_members {CREDITED}",
        known_claims=[MERGER],
        withdrawn=("a:acme",),
        path_owner="account",
    ),
    "a colleague is erased": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("p", "2026-03-02 10:00", "b", **GOOGLE, **ACME)],
        [],
        f"touchpoints account_members {CREDITED}",
        erased=("p",),
        path_owner="account",
    ),
    "a verified member leaves strangers without the account's paths": Late(
        [
            order("o", "2026-03-04 10:00", **ACME, is_verified=False),
            page("p", "2026-03-02 10:00", "b", **GOOGLE, **ACME, is_verified=False),
        ],
        [event("m", at("2026-03-07 10:00"), type="IDENTIFY", user_id="x", **ACME)],
        f"account_members {CREDITED}",
        path_owner="account",
    ),
    "a claim puts past orders of a person's own paths on an account": Late(
        [order("o", "2026-03-04 10:00"), page("p", "2026-03-02 10:00", **GOOGLE)],
        [],
        "account_members account_rollups",
        late_claims=[claim("v:s:a", "a:acme", at("2026-03-06 10:00"))],
    ),
    "accounts that become one hold the orders of both": Late(
        [order("o", "2026-03-04 10:00", **ACME), order("q", "2026-03-04 11:00", "b", order_id="2", **BETA)],
        [],
        "merged_accounts account_members account_rollups",
        late_claims=[MERGER],
    ),
    "accounts that part again have their own orders": Late(
        [order("o", "2026-03-04 10:00", **ACME), order("q", "2026-03-04 11:00", "b", order_id="2", **BETA)],
        [],
        "merged_accounts account_members account_rollups",
        known_claims=[MERGER],
        withdrawn=("a:acme",),
    ),
    "a verified member takes the orders of strangers off an account": Late(
        [
            order("o", "2026-03-04 10:00", **ACME, is_verified=False),
            order("q", "2026-03-04 11:00", "b", order_id="2", **ACME, is_verified=False),
        ],
        [event("m", at("2026-03-07 10:00"), type="IDENTIFY", user_id="x", **ACME)],
        "account_members account_rollups",
    ),
    "the last verified member goes, and others are believed again": Late(
        [
            order("o", "2026-03-04 10:00", **ACME, is_verified=False),
            event("m", at("2026-03-03 10:00"), type="IDENTIFY", user_id="x", **ACME),
        ],
        [],
        "account_members account_rollups",
        erased=("m",),
    ),
    "a second account leaves orders without one": Late(
        [order("o", "2026-03-04 10:00"), page("p", "2026-03-02 10:00", **ACME)],
        [page("q", "2026-03-05 10:00", **BETA)],
        "account_members account_rollups",
    ),
    "a campaign's new name moves a colleague's credit": Late(
        [order("o", "2026-03-04 10:00", **ACME), page("p", "2026-03-02 10:00", "b", **GOOGLE, **ACME)],
        [],
        "ad_costs campaigns daily_rollups waste_findings",
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING)]],
        [[cost(date(2026, 3, 20), 5_000_000, **SUMMER)]],
        path_owner="account",
    ),
    "an erased login splits a person": Late(
        [
            page("p", "2026-03-02 10:00", "a", **GOOGLE), login("l1", "2026-03-02 10:01", "a", "x"),
            login("l2", "2026-03-05 09:00", "b", "x"), order("o", "2026-03-05 10:00", "b"),
        ],
        [], "identities conversions paths attribution_links daily_rollups health_measures", erased=("l2",),
    ),
    "an erased login splits a person in three, each with an order": Late(
        [
            page("p", "2026-03-01 10:00", "a", **GOOGLE), login("la", "2026-03-01 10:01", "a", "x"),
            event("lx", at("2026-03-02 10:00"), type="IDENTIFY", user_id="x", email_hash="m"),
            event("lb", at("2026-03-03 10:00"), type="IDENTIFY", visitor_id="b", email_hash="m"),
            order("oa", "2026-03-04 10:00", "a"), order("ob", "2026-03-05 10:00", "b"), refund("r", "2026-03-06 10:00"),
        ],
        [], "identities conversions corrections paths daily_rollups health_measures", erased=("lx", "lb"),
    ),
    "a claim brings a touch to an order": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-05 10:00", "b")],
        [], "identity_edges identities conversions paths attribution_links daily_rollups health_measures",
        late_claims=[claim("v:s:b", "v:s:a", at("2026-03-09 10:00"))],
    ),
    "a claim joins through a name that no event bears": Late(
        [
            page("p", "2026-03-02 10:00", "a", **GOOGLE), login("l", "2026-03-02 10:01", "a", "x"),
            order("o", "2026-03-05 10:00", "b"),
        ],
        [], "identity_edges identities paths attribution_links daily_rollups",
        known_claims=[claim("u:x", "m:m", at("2026-03-09 10:00"))],
        late_claims=[claim("v:s:b", "m:m", at("2026-02-01 10:00"))],
    ),
    "an older claim renames the person": Late(
        [page("p", "2026-03-02 10:00", "a"), order("o", "2026-03-05 10:00", "a")],
        [], "identities sessions touchpoints conversions paths",
        late_claims=[claim("m:m", "u:x", at("2026-02-01 10:00")), claim("v:s:a", "u:x", at("2026-03-09 10:00"))],
    ),
    "a claim that names nobody joins nobody": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-05 10:00", "b")],
        [], "identity_edges",
        late_claims=[claim(f"v:s:{name}", "u:null", at("2026-03-09 10:00")) for name in "ab"],
    ),
    "a withdrawn claim splits a person": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-05 10:00", "b")],
        [], "identity_edges identities conversions paths attribution_links daily_rollups health_measures",
        known_claims=[claim("v:s:a", "v:s:b", at("2026-03-09 10:00")), claim("v:s:b", "m:m", at("2026-03-09 10:00"))],
        withdrawn=("v:s:a",),
    ),
    "a claim that says what a login said changes no person": Late(
        [login("l", "2026-03-02 10:01", "a", "x"), order("o", "2026-03-05 10:00", "a")],
        [], "identity_edges", late_claims=[claim("v:s:a", "u:x", at("2026-03-09 10:00"))],
    ),
    "an address that only a browser named is confirmed": Late(
        [event("i", at("2026-03-02 10:00"), type="IDENTIFY", visitor_id="a", email_hash="m"),
         order("o", "2026-03-05 10:00", "a")],
        [event("j", at("2026-03-06 10:00"), type="IDENTIFY", visitor_id="a", email_hash="m", is_email_verified=True)],
        "identity_edges",
    ),
    "one browser names too many users": Late(
        [page("p", "2026-03-02 10:00", "k", **GOOGLE), *(hearsay(f"h{n}", "k", f"u{n}") for n in range(3)),
         login("l", "2026-03-03 10:00", "b", "u0"), order("o", "2026-03-05 10:00", "b")],
        [hearsay("late", "k", "u9")], "identity_edges identifiers",
    ),
    "a browser that named one user names another": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), hearsay("h", "a", "x"),
         order("o", "2026-03-05 10:00", None, user_id="x")],
        [hearsay("late", "a", "w")], "identity_edges identities paths attribution_links daily_rollups",
    ),
    "a user has too many browsers": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-05 10:00", "b"),
         hearsay("h1", "a", "x"), hearsay("h2", "b", "x")],
        [hearsay(f"late{n}", f"c{n}", "x") for n in range(99)],
        "identity_edges identities paths attribution_links daily_rollups",
    ),
    "an erasure brings a user within the limit again": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-05 10:00", "b"),
         hearsay("h1", "a", "x"), hearsay("h2", "b", "x"), *(hearsay(f"c{n}", f"c{n}", "x") for n in range(99))],
        [], "identity_edges identities paths attribution_links daily_rollups", erased=("c7",),
    ),
    "a server says what a browser said": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), hearsay("h1", "a", "x"), hearsay("h2", "a", "y"),
         order("o", "2026-03-05 10:00", None, user_id="x")],
        [login("late", "2026-03-09 10:00", "a", "y")],
        "identity_edges identities paths attribution_links daily_rollups",
    ),
    "a way between two users comes to be": Late(
        [page("p", "2026-03-02 10:00", "b", **GOOGLE), hearsay("h1", "a", "x"), hearsay("h2", "a", None, "m"),
         hearsay("h3", "b", None, "m"), order("o", "2026-03-05 10:00", None, user_id="x")],
        [hearsay("late", "b", "y")], "identity_edges identities paths attribution_links daily_rollups",
    ),
    "a claim gives a browser to another user": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), hearsay("h1", "a", "x"), hearsay("h2", "a", "y"),
         order("o", "2026-03-05 10:00", None, user_id="x")],
        [], "identity_edges identities paths attribution_links daily_rollups",
        late_claims=[claim("v:s:a", "u:y", at("2026-03-09 10:00"))],
    ),
    "a login cuts a browser, and what follows is another's": Late(
        [page("p1", "2026-03-02 10:00", "a", **GOOGLE), login("l1", "2026-03-03 10:00", "a", "x"),
         page("p2", "2026-03-05 10:00", "a", **GOOGLE), order("o", "2026-03-06 10:00", None, user_id="y")],
        [login("l2", "2026-03-04 10:00", "a", "y")],
        "identity_edges identities session_events sessions touchpoints paths attribution_links daily_rollups",
    ),
    "an earlier login moves the cut of a browser": Late(
        [page("p1", "2026-03-02 10:00", "a", **GOOGLE), login("l1", "2026-03-03 10:00", "a", "x"),
         page("p2", "2026-03-05 10:00", "a", **GOOGLE), login("l2", "2026-03-06 10:00", "a", "y"),
         order("o", "2026-03-07 10:00", None, user_id="y")],
        [login("l3", "2026-03-04 10:00", "a", "y")],
        "identities session_events sessions touchpoints paths attribution_links daily_rollups",
    ),
    "a second e-mail address of one user": Late(
        [page("p", "2026-03-02 10:00", "c", **GOOGLE), hearsay("h1", "a", "x"), hearsay("h2", "a", None, "m"),
         hearsay("h3", "c", None, "m"), order("o", "2026-03-05 10:00", None, user_id="x")],
        [hearsay("late", "a", None, "k")], "identity_edges identities paths attribution_links daily_rollups",
    ),
    "a verified report takes over from a browser's": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00", value_micros=0, is_verified=False)],
        [order("server", "2026-03-03 11:00")],
        "conversions paths attribution_links daily_rollups",
    ),
    "an order turns out to be verified, and a browser's cancellation falls": Late(
        [
            page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00", is_verified=False),
            refund("r", "2026-03-03 10:00", "a", name="cancellation", is_verified=False),
        ],
        [order("server", "2026-03-05 11:00")],
        "corrections conversions paths attribution_links daily_rollups health_measures",
    ),
    "a verified order of the same id draws a refund from a browser's": Late(
        [order("fake", "2026-03-05 10:00", "b", is_verified=False), refund("r", "2026-03-08 10:00")],
        [order("real", "2026-03-02 10:00", "a")],
        "corrections conversions attribution_links daily_rollups",
    ),
    "an order turns out to be in another currency than its refund": Late(
        [order("o", "2026-03-03 10:00", currency="USD"),
         refund("r", "2026-03-08 10:00", value_micros=4_000_000, currency="USD")],
        [order("first", "2026-03-02 10:00", currency="EUR")],
        "corrections conversions attribution_links daily_rollups",
    ),
    "costs come for a touch that is long past": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-20 11:00")],
        [],
        "ad_costs campaigns daily_rollups",
        [],
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING)]],
    ),
}  # fmt: skip


SHARED = {"evidence_channels", "agents"}
"""Tables that belong to all organizations together."""
COMING = ("late", "late_loads", "late_claims", "erased", "withdrawn")


def companions() -> dict[str, tuple[str, ...]]:
    """The cases that live through their runs together, by what comes; alone is what changes tables that all share."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, case in CASES.items():
        kind = ", ".join(part for part in COMING if getattr(case, part))
        found[name if SHARED & {*case.changes.split()} else kind].append(name)
    return {kind: tuple(names) for kind, names in found.items()}


COMPANIONS = companions()
COMPANY = {name: names for names in COMPANIONS.values() for name in names}


@dataclass(frozen=True)
class Lived:
    """The tables before what is late came and after it, and what a rebuild makes of it all."""

    before: Tables
    after: Tables
    expected: Tables


@cache
def lived(names: tuple[str, ...], engine: str = "duckdb") -> Lived:
    """What these cases live through together: two runs."""
    first, then, expected = story(names)
    with closing(FRESH[engine]()) as opened:
        pipeline.run(first.feed, opened)
        before = snapshot(opened)
        assert not pipeline.run(then.feed, opened).is_rebuild
        return Lived(before, snapshot(opened), expected)


@cache
def story(names: tuple[str, ...]) -> tuple[ListFeed, ListFeed, Tables]:
    """The ledger with what is known, and with all that came; and what a rebuild on DuckDB makes of it in the end."""
    cases = [CASES[name] for name in names]
    first, then = known(cases), known(cases)
    for number, case in enumerate(cases):
        comes(_apart(case, number), then, number)
    return first, then, rebuilt(then)


@pytest.mark.parametrize("name", CASES)
def test_a_run_finds_all_that_something_late_changes(name: str) -> None:
    case, company = CASES[name], COMPANY[name]
    found, number = lived(company), company.index(name)
    before, after, expected = (rows_of(tables, number) for tables in (found.before, found.after, found.expected))
    assert changes(expected, after) == ""
    assert disagreements(after, [_whole(case, number)]) == ""
    assert [table for table in case.changes.split() if before[table] == after[table]] == []


@pytest.mark.parametrize("kind", COMPANIONS)
def test_nothing_is_left_that_is_of_no_case(kind: str) -> None:
    found = lived(COMPANIONS[kind])
    assert changes(found.expected, found.after) == ""


@pytest.mark.slow
@pytest.mark.parametrize("engine", [name for name in FRESH if name != "duckdb"])
def test_every_engine_finds_all_of_it(engine: str) -> None:
    """All the cases at once."""
    found = lived((*CASES,), engine)
    assert changes(found.expected, found.after) == ""
    assert disagreements(found.after, [_whole(case, number) for number, case in enumerate(CASES.values())]) == ""


def known(cases: list[Late]) -> ListFeed:
    """A ledger that is told what is known at first."""
    return told(together([_known(_apart(case, number)) for number, case in enumerate(cases)]))


def comes(case: Late, ledger: ListFeed, number: int) -> None:
    """What is late is told, and what goes is taken away."""
    whose = owner("o", number)
    ledger.tell(moved(case.late, number))
    for load in case.late_loads:
        ledger.load(moved(load, number))
    ledger.claim(moved(case.late_claims, number))
    ledger.erase(*case.erased, owner=whose)
    ledger.withdraw(*(row["identifier"] for row in moved(_named(case.withdrawn), number)), owner=whose)


def _named(identifiers: tuple[str, ...]) -> list[Row]:
    return [{"identifier": identifier} for identifier in identifiers]


def _known(case: Late) -> World:
    goals = [goal(), goal(name="signup", event_name="signup", is_milestone=True)]
    goals = [row | {"path_owner": case.path_owner} for row in goals]
    return World(
        organization(), [site()], goals, [], case.known, case.known_loads, case.known_claims, own_models=case.own_models
    )


def _whole(case: Late, number: int) -> World:
    """What the case of that number was told in the end."""
    case = _apart(case, number)
    events = [row for row in case.known + case.late if row["event_id"] not in case.erased]
    claims = [
        row for row in case.known_claims + case.late_claims
        if not {row["identifier"], row["linked_identifier"]} & {*case.withdrawn}
    ]  # fmt: skip
    world = replace(_known(case), events=events, loads=case.known_loads + case.late_loads, claims=claims)
    return together([world], number)[0]


SHOWN = ("utm_campaign", "campaign_name", "user_agent")


def _apart(case: Late, number: int) -> Late:
    """The case with campaigns and browsers of its own."""

    def own(told: Any) -> Any:
        if isinstance(told, dict):
            return told | {name: f"{told[name]}{mark(number)}" for name in SHOWN if told.get(name)}
        return [own(part) for part in told] if isinstance(told, list) else told

    return replace(case, **{part.name: own(getattr(case, part.name)) for part in fields(case)})

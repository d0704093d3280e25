"""Small worlds in which things collide: the same few people, times, orders and names, over and over."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.oracle.world import Row, World, at, claim, cost, cost_site, event, fit, goal, organization, rate, site
from touchline.own_models import OwnModel

START = at("2026-03-28 22:30")
"""Berlin: half an hour before the midnight of the night in which its clocks go forward."""

_DAYS = ((0,), (0,), (0, 1), (0, 1, 2), (0, 1, 7, 8), (0, 30), (0, 29, 30, 31), (210, 211))
"""What days an organization has: one, some, those at a lookback's edge, or those when Berlin's clocks go back."""

_PAUSES = tuple(
    timedelta(minutes=minutes, microseconds=extra)
    for minutes, extra in (
        (0, 0), (0, 0), (10, 0), (30, 0), (30, 0), (30, 1), (60, 0), (60, 1), (90, 0), (151, 0),
        (0, 400_000), (1, 0), (1, 1), (30, 400_000), (31, 0), (31, 1), (61, 0),
    )
)  # fmt: skip
"""Some lie a little less than the tolerance of clocks after one another, some just that much, some more."""
_RATES: tuple[tuple[tuple[int, int, int], ...], ...] = (
    (), ((0, 3, 2), (1, 7, 10**6)), tuple((day, 2 * day + 1, 7) for day in range(40)),
    (*((day, 1, 2) for day in range(60)), (1, 5, 1), (8, 10**18, 1), (0, 3, 10**18)),
)  # fmt: skip
"""Days from the first, with a rate from USD to the organization's currency, units by scale."""
_ZONES = ("Europe/Berlin", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata")

# Each list is a choice; what stands in it twice comes twice as often.
_WHO: tuple[Row, ...] = (
    *({"visitor_id": "a"},) * 12,
    *({"visitor_id": "b"},) * 3,
    {"visitor_id": "c"},
    {"visitor_id": "a", "user_id": "x"},
    {"visitor_id": "b", "user_id": "x"},
    {"visitor_id": "c", "user_id": "y"},
    {"visitor_id": "b", "user_id": "y", "email_hash": "m1"},
    {"visitor_id": "c", "email_hash": "m1"},
    {"visitor_id": "c", "email_hash": "m1", "is_email_verified": True},
    {"visitor_id": "a", "user_id": "null"},
    {"visitor_id": "b", "user_id": " Null "},
    {"visitor_id": "undefined", "user_id": "x"},
    {"user_id": "x"},
    {"user_id": "y"},
    {"user_id": "0"},
    {"visitor_id": "b", "user_id": "'NULL'"},
    {"user_id": "null", "email_hash": "m2"},
    {"email_hash": "m1"},
    {},
)
_INNER = {"referrer_host": "shop.example", "referrer_domain": "shop.example"}
_SOURCES: tuple[Row, ...] = (
    {},
    {},
    {},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "Spring"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring", "utm_content": "Blue"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "c1", "utm_term": "Set", "utm_content": "Red"},
    *({"utm_source": "google", "utm_medium": "cpc", "campaign_ref": "c1", "adset_ref": "s1", "ad_ref": "A1"},) * 4,
    {"utm_source": "google", "utm_medium": "cpc", "campaign_ref": "c2", "utm_campaign": "spring", "utm_id": "c2"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring/set"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "(none)"},
    {"utm_source": "google|cpc", "utm_medium": "cpc"},
    {"utm_source": "google", "utm_medium": "cpc|cpc"},
    {"utm_source": "facebook", "utm_medium": "paid_social", "utm_campaign": "spring"},
    {"utm_source": "letter", "utm_medium": "email"},
    *({"click_id_names": "gclid"},) * 3,
    {"click_id_names": "fbclid,gclid", "campaign_ref": "C1"},
    {"click_id_names": "gclidx"},
    *({"click_id_names": "fbclid"},) * 2,
    {"click_id_names": "srsltid", "utm_source": "google", "utm_medium": "organic"},
    {"utm_source": "(direct)", "utm_medium": "(none)"},
    {"click_id_names": "gclid", "click_ids": '{"gclid":"x|1"}'},
    {"click_id_names": "gclid", "click_ids": '{"gclid":"y"}', "utm_source": "google", "utm_medium": "cpc"},
    {"click_id_names": "gad_source,gclid", "click_ids": '{"gad_source":"1","gclid":"y"}', "campaign_ref": "c1"},
    {"click_id_names": "gclid", "click_ids": '{"gclid":"y"}', **_INNER},
    {"utm_source": "google", "referrer_host": "blog.partner.example", "referrer_domain": "partner.example"},
    {"utm_source": "google", "utm_medium": "cpc", "tags_from": "referrer", **_INNER},
    {"click_id_names": "gclid", "click_ids": '{"gclid":"y"}', "tags_from": "referrer", **_INNER},
    {"referrer_host": "google.com", "referrer_domain": "google.com"},
    {"referrer_host": "blog.partner.example", "referrer_domain": "partner.example"},
    {"referrer_host": "shop.example", "referrer_domain": "shop.example"},
    {"referrer_host": "pay.other.example", "referrer_domain": "other.example", "page_domain": "other.example"},
    {"referrer_host": "paypal.com", "referrer_domain": "paypal.com"},
    {"referrer_host": "paypal.com", "referrer_domain": "paypal.com", "utm_source": "letter"},
    {"referrer_host": "accounts.google.com", "referrer_domain": "google.com"},
    {"referrer_host": "acs.bank.example", "referrer_domain": "bank.example"},
    {"referrer_host": "docs.login.bank.example", "referrer_domain": "bank.example"},
    {"referrer_host": "shop.example", "referrer_domain": "shop.example", "utm_source": "homepage", "utm_id": "c2"},
    {"referrer_host": "shop.example", "referrer_domain": "shop.example", "utm_source": "x", "click_id_names": "gclid"},
)
_ACTS: tuple[Row, ...] = (
    *({"type": "PAGE_VIEW"},) * 26,
    *({"type": "CONVERSION", "order_id": "1"},) * 2,
    *({"type": "CONVERSION", "order_id": "1", "value_micros": 90_000_000},) * 3,
    {"type": "CONVERSION", "order_id": "2", "value_micros": 100_000_001},
    {"type": "CONVERSION", "order_id": "1", "value_micros": 50_000_000, "currency": "USD"},
    {"type": "CONVERSION", "order_id": "1", "value_micros": 7, "is_test": True},
    {"type": "CONVERSION", "value_micros": 10_000_003},
    {"type": "CONVERSION", "name": "signup"},
    {"type": "CONVERSION", "name": "signup", "is_test": True},
    {"type": "CUSTOM", "name": "signup", "survey_answer": "a friend"},
    {"type": "CUSTOM", "name": "other", "order_id": "2", "account_id": "acme"},
    *({"type": "REFUND", "order_id": "1"},) * 2,
    {"type": "REFUND", "order_id": "1", "currency": "USD"},
    {"type": "REFUND", "order_id": "1", "value_micros": 40_000_000},
    {"type": "REFUND", "order_id": "1", "value_micros": 40_000_000, "currency": "USD"},
    {"type": "REFUND", "order_id": "2", "value_micros": 100_000_001},
    {"type": "REFUND", "order_id": "2", "name": "cancellation"},
    {"type": "REFUND", "order_id": "1", "name": "cancellation"},
    {"type": "REFUND", "value_micros": 5},
    {"type": "IDENTIFY"},
    {"type": "AD_IMPRESSION"},
)
_MANNERS = ("server", "server", "server", "page", "page", "agent", "landing", "landing", "marks")
"""How an event that is no page view comes: without a visit, from a page, with what led there, or with that alone."""
_COST_SITES: tuple[tuple[tuple[str, str, int], ...], ...] = (
    (("q", "", -1), ("", "c1", 0), ("p", "c1", -1)),
    (),
    (("p", "", 0), ("", "c2", -1), ("q", "b9", 0)),
)
"""Account, campaign, and to which of the sites their costs are mapped; some mappings contradict each other."""
_ADS: tuple[Row, ...] = (
    {"campaign_id": "c1", "campaign_name": "Summer"},
    {"campaign_id": "c1", "campaign_name": "Spring", "adset_id": "s1", "adset_name": "Set"},
    {"campaign_id": "c2", "campaign_name": "spring"},
    {"campaign_id": "b9", "campaign_name": "c1"},
    {
        "campaign_id": "c1",
        "campaign_name": "Spring",
        "adset_id": "s1",
        "adset_name": "Set",
        "ad_id": "a1",
        "ad_name": "Red",
    },
    {
        "campaign_id": "c1",
        "campaign_name": "Spring",
        "adset_id": "s2",
        "adset_name": "s1",
        "ad_id": "a2",
        "ad_name": "Red",
    },
    {
        "campaign_id": "c1",
        "campaign_name": "Spring",
        "adset_id": "s2",
        "adset_name": "",
        "ad_id": "a3",
        "ad_name": "Blue",
    },
    {"campaign_id": "spring", "campaign_name": "", "adset_id": "set", "adset_name": "set"},
    {"campaign_id": "spring/set", "campaign_name": "x/y"},
    {"platform": "META", "campaign_id": "spring", "campaign_name": "Spring"},
    {"platform": "META"},
)
_AMOUNTS: tuple[Row, ...] = (
    {"spend_micros": 10_000_000, "impressions": 100, "clicks": 3},
    {"spend_micros": 0, "impressions": 5},
    {"spend_micros": 2_500_001, "clicks": 1, "platform_conversion_micros": 1_500_000, "platform_value_micros": 7},
    {"spend_micros": 3, "platform_conversion_micros": 0, "spread_days": 7},
    {"spend_micros": -1_000_000},
    {"spend_micros": 30_000_000, "currency": "USD"},
    {
        "spend_micros": 30_000_000,
        "currency": "GBP",
        "exchange_rate": "1.5",
        "reporting_micros": 45_000_000,
        "platform_value_micros": 3,
        "reporting_value_micros": 5,
    },
)
_GOALS: tuple[tuple[Row, ...], ...] = (
    ({"name": "purchase"},),
    (
        {"name": "purchase", "unverified_handling": "apart"},
        {"name": "signup", "event_name": "signup", "is_milestone": True, "unverified_handling": "apart"},
    ),
    (
        {"name": "any", "default_value_micros": 3_000_000, "unverified_handling": "leave_out"},
        {"name": "done", "event_type": "CUSTOM", "is_milestone": True},
    ),
    (
        {"name": "signup", "event_name": "signup", "event_type": "CUSTOM", "unverified_handling": "leave_out"},
        {"name": "see", "event_type": "PAGE_VIEW"},
    ),
    (
        {"name": "bought", "default_value_micros": 7_000_001, "retention_exponent": 0.5},
        {"name": "stay", "event_type": "PAGE_VIEW", "default_value_micros": 1_000_000, "retention_exponent": -0.5},
    ),
)
_SETTINGS: tuple[Row, ...] = (
    {},
    {},
    {},
    {"lookback_days": 7, "half_life_micros": 302_400_000_000},  # three days and a half
    {"lookback_days": 1, "direct": "include"},
    {"currency": "USD", "half_life_micros": 3_600_000_000, "primary_goal": "purchase", "waste_window_days": 2},
    {"touches_per_path": 2},
    {"touches_per_path": 3, "direct": "include"},
    {"touches_per_path": 5, "crowded_touches": 3, "crowded_touches_per_path": 2},
    *({"touches_per_path": 4, "crowded_conversions": 1, "crowded_touches_per_path": 3},) * 3,
    {"clock_tolerance_seconds": 0, "direct": "include"},
    {"clock_tolerance_seconds": 1_800, "touches_per_path": 3},
    {"session_policy": "matomo"},
    {"session_policy": "matomo", "session_gap_minutes": 60},
    {"session_policy": "seed", "session_gap_minutes": 10},
    {"session_cap_hours": 1, "session_gap_minutes": 60},
    {"session_cap_hours": 1, "session_gap_minutes": 120, "session_policy": "matomo"},
)
_TARGETS: tuple[tuple[Row, ...], ...] = (
    (),
    ({"target_cpa_micros": 5_000_000, "target_roas": None},),
    ({"target_cpa_micros": None, "target_roas": 40.0},),
    (
        {"target_cpa_micros": None, "target_roas": 4.0},
        {"platform": "GOOGLE_ADS", "target_cpa_micros": 9_000_000, "target_roas": None},
        {"platform": "GOOGLE_ADS", "campaign_id": "c1", "target_cpa_micros": 1, "target_roas": None},
    ),
)
_EFFECTS = tuple(
    {("", channel, "removal_effect"): effect for channel, effect in effects.items()}
    for effects in (
        {"Paid Search": 0.7, "Email": 1 / 3, "Referral": 0.05, "Direct": 0.4, "Organic Search": 1.0},
        {"Paid Search": 1.0, "Paid Social": 1e-13, "Email": 0.0},
        {"Display": 0.5},
        {},
    )
)
_FITS: tuple[tuple[tuple[int, int], ...], ...] = (
    (), (), ((-1, 1),), ((0, 1), (0, 2)), ((1, 1),), ((-40, 1), (0, 1), (7, 1), (7, 3)), ((400, 1), (0, 2)),
)  # fmt: skip
"""Of each fit, the day on which its window ends, from the first day of the world, and its version."""
_USUAL = tuple(
    {("", f"{model}/{currency}", "usual_cpa_micros"): cpa for model in models for currency in ("EUR", "USD")}
    for models, cpa in ((("LINEAR", "LAST_TOUCH"), 1_000_000.0), (("MARKOV", "FIRST_TOUCH", "LINEAR"), 9e6))
)
_OWN_MODELS: tuple[tuple[OwnModel, ...], ...] = (
    (),
    (
        OwnModel("ENDS", "More to the first.", first=60, between=10, last=30, two=(9, 1)),
        OwnModel("W_OF_ALL", "Milestones.", first=30, between=10, milestones={"": 30}),
    ),
    (),
    (
        OwnModel("RECENT", "An hour halves it.", half_life_days=1 / 24, channels={"Direct": 0, "Email": 33}),
        OwnModel("FRESH", "The first for two days.", fresh_days=2, channels={"Email": 0}),
    ),
    (),
    (
        OwnModel("J_TWO", "The last two.", next_to_last=20, between=20, last=60, channels={"Direct": 0, "Referral": 1}),
        OwnModel("BUYERS", "Purchases before.", last=22, between=0, milestones={"purchase": 5, "signup": 7, "any": 1}),
    ),
    (OwnModel("REST", "Those between alone.", first=0, last=0, between=1, channels={"Paid Search": 0}),),
)
_NAMES = st.sampled_from(
    (
        "v:{owner}s:a", "v:{owner}s:b", "v:{owner}s:c", "v:{owner}t:a", "v:{owner}s:unseen", "v:{owner}s:null", "u:x",
        "u:y", "u:z", "u:guest", "m:m1", "m:m3",
    )
)  # fmt: skip
_CROWDS: tuple[tuple[tuple[int, int], ...], ...] = (
    *((),) * 30,
    ((10, 2), (12, 3), (10, 2), (9, 9), (11, 3), (12, 2), (10, 3), (11, 2), (10, 10), (12, 2), (10, 2), (11, 3)),
    ((10, 9),) * 14 + ((10, 0), (0, 0), (0, 0), (1, 1)),
    ((10, 1), (10, 2)) * 5 + ((10, 9),),
)  # fmt: skip
"""On each day, how many strangers come, and how many of them from nowhere: signals need numbers."""
_STRANGERS: tuple[tuple[str, ...], ...] = (
    (),
    (),
    ("a x", "b x", "c x", "d x"),
    ("k x", "k y", "k z", "k w"),
    ("k m1", "k m2", "k m3", "k m4", "a x", "a m1"),
    ("a m1", "b m1", "c m1", "d m1", "c x"),
    ("a x", "a m1", "b m1", "b y"),
    ("a x", "a m1", "b m1", "c m1", "c m2", "d m2", "d y"),
    ("a x", "a m1", "b x", "b m2", "c m2"),
    ("a x", "a y", "a m1", "b m1"),
    ("a x", "b x", "c x", "d x", "a x!", "b x!"),
    ("k x", "k y", "k z", "k w", "k x!"),
    ("a m1", "b m1", "b m2", "a x!", "a y!"),
    ("a x", "a m1", "b m1", "b y", "b x!"),
    (". x m1", ". y m1", "a m1", "b x"),
)
"""What a stranger's events show together: a browser (``.``: none) and names; ``!``: somebody can be held to it."""
_TRIED: tuple[tuple[int, ...], ...] = ((), (0, 60), (0,), (60, 0), (0, 60, 90), (0, 0), ())
"""Minutes of sign-ups, the first of which is a test: a milestone that is only tried must not hide the real one."""
_IGNORED = ((), (), (), ("partner.example",), ("google.com", "paypal.com"))
"""Referrers that the first site ignores."""
_LIMITS: tuple[Row, ...] = (
    {}, {"unverified_links": 3}, {"unverified_links": 2}, {"unverified_names": 1}, {"verified_names": 1},
    {"verified_links": 1}, {"verified_links_per_week": 1}, {"claimed_touches": "leave_out"}, {"largest_group": 3},
    {"largest_group": 6, "claimed_touches": "leave_out"},
)  # fmt: skip
_KIOSKS: tuple[tuple[int, int], ...] = (*((0, 0),) * 5, (14, 6), (9, 2))
"""How many visits one browser in a shop makes, and how many orders its many customers place."""
_COMPANIES: tuple[tuple[Row, tuple[str, ...]], ...] = (
    ({}, ()),
    ({"x": "acme", "y": "acme"}, ()),
    ({"a": "acme", "b": "acme", "y": "beta", "2": "acme"}, ("u:x a:beta",)),
    ({}, ("u:x a:acme", "u:y a:acme", "v:{owner}s:a a:acme")),
    ({"x": "acme", "c": "beta", "a": "Beta", "0": "acme"}, ("a:acme a:beta",)),
    ({"a": "acme", "b": "beta", "c": "gamma"}, ("a:acme a:beta", "a:beta a:gamma", "u:z a:acme")),
    ({"a": "acme", "b": "null", "x": "beta", "1": "beta"}, ("m:m1 a:acme", "a:x a:beta")),
)
"""By a visitor, a user or the last digit of an event's number: for which account they act; and what claims say."""
_OWNED: tuple[tuple[int, ...], ...] = ((), (0, 1), (1,), (0, 1), (0,))
"""Of an organization with accounts, the goals whose paths accounts own."""
_PLACES: tuple[Row, ...] = ({}, {"city": "Bursa"}, {"city": "Bonn", "district": "Beuel"}, {})
_AGENTS = (None, "Phone/1 Mobile", "Desk/1", "Desk/{owner}")


@st.composite
def worlds(
    draw: st.DrawFn, name: str = "o", most_events: int = 20, most_loads: int = 3, *, may_be_crowded: bool = False
) -> World:
    """One organization of one or two sites, its events in the order in which they happen to stand, and its costs.

    :param may_be_crowded: now and then let some hundred strangers come, too, or many people use one browser.
    """

    def one_of(choices: tuple[Any, ...]) -> Any:
        return choices[draw(st.integers(0, len(choices) - 1))]

    sites = [site(name, f"{name}s", time_zone=one_of(_ZONES))]
    if draw(st.booleans()):
        sites.append(site(name, f"{name}t", domain="other.example", time_zone=one_of(_ZONES)))
    events = []
    days = one_of(_DAYS)
    for number in range(draw(st.integers(min(7, most_events), most_events))):
        place = one_of((sites[0], sites[0], sites[-1]))
        time = START + timedelta(days=one_of(days)) + one_of(_PAUSES)
        said = one_of(_ACTS) | one_of(_WHO)
        if said["type"] == "PAGE_VIEW":
            page = {"page_domain": place["domain"], "url": f"https://{place['domain']}/{number % 3}"}
            agent = one_of(_AGENTS)
            where = (
                {"city": "Bursa"}
                if number % 4 == 1
                else {"city": "Bonn", "district": "Beuel"}
                if number % 4 == 2
                else {}
            )
            said = page | where | {"user_agent": agent and agent.format(owner=name)} | said | one_of(_SOURCES)
            if said["type"] == "PAGE_VIEW" and said.get("utm_source") == "letter" and number % 2:
                said["utm_source"] = f"letter of {name}"  # an evidence that nobody else has can go away again
        else:
            said = _come(one_of(_MANNERS), place, number, one_of(_SOURCES)) | said
        said["is_verified"] = number % 3 != 2
        events.append(event(f"e{number:02}", time, name, place["site_id"], **said))
    if may_be_crowded:
        events += _crowd(sites[-1], one_of(_CROWDS))
        events += _kiosk(sites[0], *one_of(_KIOSKS))
    events += _strangers(sites[0], _STRANGERS[_number_of(name) % len(_STRANGERS)])
    events += _tried_first(sites[0], _TRIED[_number_of(name) % len(_TRIED)])
    company, memberships = _COMPANIES[_number_of(name) % len(_COMPANIES)]
    rates = _RATES[_number_of(name) % len(_RATES)]
    events = [_paid_abroad(row) if rates else row for row in (_acting_for(row, company) for row in events)]
    world = World(
        organization(name, **one_of(_SETTINGS), **_LIMITS[_number_of(name) % len(_LIMITS)]),
        sites,
        [goal(name, **said) for said in one_of(_GOALS)],
        [{"organization_id": name, "platform": "", "campaign_id": "", **said} for said in one_of(_TARGETS)],
        events,
        draw(st.lists(_loads(name), min_size=draw(st.integers(0, 2)), max_size=most_loads)),
        draw(_claims(name)),
        [
            fit(START.date() + timedelta(days=end), one_of(choices), name, kind, version)
            for kind, choices in (("MARKOV", _EFFECTS), ("USUAL_CPA", _USUAL), ("PROCESS_LIMITS", _locked(sites)))
            for end, version in one_of(_FITS)
        ],
        {sites[0]["site_id"]: one_of(_IGNORED)},
        cost_sites=_mapped(sites, *_COST_SITES[_number_of(name) % len(_COST_SITES)]),
        own_models=_OWN_MODELS[_number_of(name) % len(_OWN_MODELS)],
        rates=[rate(START.date() + timedelta(days=day), units, scale, name) for day, units, scale in rates],
    )
    said = [text.format(owner=name).split() for text in memberships]
    claimed = [claim(one, other, START, name) for one, other in said]
    owned = _OWNED[_number_of(name) % len(_OWNED)] if company or memberships else ()
    goals = [row | {"path_owner": "account"} if n in owned else row for n, row in enumerate(world.goals)]
    return replace(world, claims=world.claims + claimed, goals=goals)


def _mapped(sites: list[Row], *places: tuple[str, str, int]) -> list[Row]:
    """Costs that are mapped to the first or the last of the sites."""
    owner = sites[0]["organization_id"]
    return [
        cost_site(sites[number]["site_id"], owner, account=account, campaign=campaign)
        for account, campaign, number in places
    ]


def _paid_abroad(row: Row) -> Row:
    """Every third order is paid in dollars."""
    is_order = row["type"] == "CONVERSION" and row["currency"] is None and row["event_id"][-1] in "0369"
    return row | {"currency": "USD"} if is_order else row


def _acting_for(row: Row, company: Row) -> Row:
    """An event that says for which account its visitor or user acts, now and then."""
    account = company.get(row["event_id"][-1]) or company.get(row["user_id"]) or company.get(row["visitor_id"])
    return row if account is None or row["event_id"][-2:] in {"07", "13"} else row | {"account_id": account}


def _come(manner: str, place: Row, number: int, source: Row) -> Row:
    """What an event that is no page view says of the visit in which it happened."""
    agent = {"user_agent": "Desk/1"}
    page = {"page_domain": place["domain"], "url": f"https://{place['domain']}/{number % 3}"}
    return {"page": page, "agent": agent, "landing": page | agent | source, "marks": source}.get(manner, {})


def _crowd(place: Row, days: tuple[tuple[int, int], ...]) -> list[Row]:
    """Strangers who come once, from a letter or from nowhere, and buy something."""
    owner, site_id, events = place["organization_id"], place["site_id"], []
    for day, (strangers, direct) in enumerate(days):
        for number in range(strangers):
            time = START + timedelta(days=day, minutes=number)
            source = {} if number < direct else {"utm_source": "letter", "utm_medium": "email"}
            who, said = f"{day}-{number}", {"page_domain": place["domain"], "url": f"https://{place['domain']}/"}
            events.append(event(f"l{who}", time, owner, site_id, visitor_id=who, **said, **source))
            events.append(event(f"p{who}", time, owner, site_id, visitor_id=who, type="CONVERSION", value_micros=5))
    return events


def _number_of(name: str) -> int:
    """The number in a world's name: what is chosen by it is not drawn, so that all that is drawn stays as it was."""
    return int(name[1:] or 0)


def _strangers(place: Row, shown: tuple[str, ...]) -> list[Row]:
    """Sign-ins that a page sent, which anybody can."""
    events = []
    for number, text in enumerate(shown):
        visitor, *names = text.rstrip("!").split()
        said: Row = {"visitor_id": None if visitor == "." else visitor, "is_verified": text.endswith("!")}
        said |= {"email_hash" if name[0] == "m" else "user_id": name for name in names}
        time, owner = START + timedelta(minutes=number), place["organization_id"]
        events.append(event(f"s{number}", time, owner, place["site_id"], type="IDENTIFY", **said))
    return events


def _tried_first(place: Row, minutes: tuple[int, ...]) -> list[Row]:
    """A sign-up that is a test, and, so many minutes after it, real ones by the same browser and on its own."""
    owner, said = place["organization_id"], {"name": "signup", "visitor_id": "t"}
    events = []
    for number, minute in enumerate(minutes):
        for kind in ("CONVERSION", "CUSTOM"):
            time = START + timedelta(minutes=minute)
            name, is_test = f"t{number}{kind[:2]}", number == 0
            events.append(event(name, time, owner, place["site_id"], type=kind, is_test=is_test, **said))
    return events


def _kiosk(place: Row, visits: int, orders: int) -> list[Row]:
    """Visits of the browser ``a``, every third of them from nowhere, and orders between them."""
    owner, site_id, events = place["organization_id"], place["site_id"], []
    page = {"visitor_id": "a", "page_domain": place["domain"], "url": f"https://{place['domain']}/"}
    order = {"visitor_id": "a", "type": "CONVERSION", "value_micros": 7_000_001}
    for number in range(visits):
        source = {} if number % 3 == 1 else {"utm_source": "letter", "utm_medium": "email"}
        time = START + timedelta(minutes=40 * number)
        events.append(event(f"k{number}", time, owner, site_id, **page, **source))
        if number >= visits - orders:
            events.append(event(f"q{number}", time + timedelta(minutes=number % 2), owner, site_id, **order))
    return events


def _locked(sites: list[Row]) -> tuple[dict[tuple[str, str, str], float], ...]:
    """Limits that every day lies within, and limits that hardly any does."""
    return tuple(
        {
            (sites[-1]["site_id"], measure, statistic): value
            for measure in ("behavioural_coverage", "direct_landing_rate")
            for statistic, value in limits.items()
        }
        for limits in (
            {"centre": 0.5, "lower_limit": -1.0, "upper_limit": 2.0},
            {"centre": 0.3, "lower_limit": 0.3, "upper_limit": 0.3},
        )
    )


@st.composite
def _claims(draw: st.DrawFn, name: str) -> list[Row]:
    """What the organization's own systems say of its people, each source once of a pair."""
    known = {}
    for one, other, source in draw(
        st.lists(st.tuples(_NAMES, _NAMES, st.sampled_from(("crm", "login", "separated"))), max_size=4)
    ):
        time = START + timedelta(days=draw(st.sampled_from((-1, 0, 1, 40))))
        row = claim(one.format(owner=name), other.format(owner=name), time, name, source)
        if one != other:
            known[row["identifier"], row["linked_identifier"], source] = row
    return list(known.values())


@st.composite
def _loads(draw: st.DrawFn, name: str) -> list[Row]:
    rows = {}
    for _ in range(draw(st.integers(1, 6))):
        said = _ADS[draw(st.integers(0, len(_ADS) - 1))] | _AMOUNTS[draw(st.integers(0, len(_AMOUNTS) - 1))]
        day = date(2026, 3, 28) + timedelta(days=draw(st.sampled_from((0, 1, 1, 2, 8, 31))))
        row = cost(day, owner=name, account_id=draw(st.sampled_from(("p", "p", "q"))), **said)
        rows[
            tuple(
                row[k] for k in ("account_id", "cost_date", "platform", "campaign_id", "adset_id", "ad_id", "currency")
            )
        ] = row
    return list(rows.values())


def drawn(number: int, chance: int) -> list[World]:
    """Some worlds, a few of them crowded; the same for the same ``chance``."""
    found: list[World] = []

    @seed(chance)
    @settings(max_examples=number, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        found.append(data.draw(worlds(f"o{len(found)}", may_be_crowded=True)))

    draw()
    return found

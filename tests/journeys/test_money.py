"""Which ad a touch is put down to, and what its money is held to: small worlds whose answers were written by hand."""

import json
from datetime import date
from typing import Any

from tests.journeys.journey import EURO, journey, order, page, rows
from tests.oracle.world import Row, Tables, cost, fit, goal

CPC: Row = {"utm_source": "google", "utm_medium": "cpc"}
SOCIAL: Row = {"utm_source": "facebook", "utm_medium": "paid_social"}


def ad(campaign: str, adset: str = "", ad: str = "", spend: float = 1, day: int = 2, **said: Any) -> Row:
    """Costs of ``id:name`` at each level, on a day of March."""
    parts = {"campaign": campaign, "adset": adset, "ad": ad}
    named = {
        f"{level}_{what}": text
        for level, both in parts.items()
        for what, text in zip(("id", "name"), both.split(":") if ":" in both else (both, ""), strict=True)
    }
    return cost(date(2026, 3, day), round(spend * EURO), **named, **said)


SPRING = "c1:Spring"
ADS = [
    ad(SPRING, "s1:Set", "a1:Red"),
    ad(SPRING, "s1:Set", "a2:Blue"),
    ad(SPRING, "s2:S1", "a3:Red"),  # two ads of one name, and an ad set by the name of another's id
    ad(SPRING, "s2:S1", "a4:A1"),  # an ad by the name of another's id
    ad(SPRING, "s0:S1", "a0:A1"),
    ad(SPRING, "s2:S1", "X9:Big"),
    ad(SPRING, "s2:S1", "x9:Small"),  # ids that differ in case only
    ad(SPRING, "s3:Wide", "a5:Wide"),
    ad(SPRING, "s1:Set", "a8:Moved"),
    ad(SPRING, "s2:S1", "a8:Moved", day=3),  # an ad that was in two ad sets
    ad("c2:C1", "s4:Set", "a6:Green"),  # a campaign by the name of another's id
    ad("c0:C1"),
    ad("c4:Twin"),
    ad("c3:Twin"),  # two campaigns of one name
    ad(SPRING, "m1:Set", "b1:Blue", platform="META"),  # the same elsewhere
]
NONE = ("", "")
PLACED: dict[str, tuple[Row, tuple[str, str, str, str]]] = {
    "ids": ({**CPC, "campaign_ref": "c1", "ad_ref": "a1"}, ("GOOGLE_ADS", "c1", "s1", "a1")),
    "names": ({**CPC, "utm_campaign": "SPRING", "utm_content": "blue"}, ("GOOGLE_ADS", "c1", "s1", "a2")),
    "name_of_two": ({**CPC, "utm_campaign": "spring", "utm_content": "red"}, ("GOOGLE_ADS", "c1", *NONE)),
    "set_and_two": (
        {**CPC, "utm_campaign": "spring", "utm_content": "red", "utm_term": "set"}, ("GOOGLE_ADS", "c1", "s1", ""),
    ),
    "id_first": ({**CPC, "campaign_ref": "C1", "ad_ref": "A1"}, ("GOOGLE_ADS", "c1", "s1", "a1")),
    "id_of_two": ({**CPC, "campaign_ref": "c1", "ad_ref": "x9"}, ("GOOGLE_ADS", "c1", *NONE)),
    "set_id_first": ({**CPC, "campaign_ref": "c1", "utm_term": "s1"}, ("GOOGLE_ADS", "c1", "s1", "")),
    "moved": ({**CPC, "campaign_ref": "c1", "ad_ref": "a8"}, ("GOOGLE_ADS", "c1", "s1", "a8")),
    "name_of_moved": ({**CPC, "campaign_ref": "c1", "utm_content": "moved"}, ("GOOGLE_ADS", "c1", "s1", "a8")),
    "ad_ref_first": (
        {**CPC, "campaign_ref": "c1", "ad_ref": "a2", "utm_content": "big"}, ("GOOGLE_ADS", "c1", "s1", "a2"),
    ),
    "set_ref_first": (
        {**CPC, "campaign_ref": "c1", "adset_ref": "s2", "utm_term": "set"}, ("GOOGLE_ADS", "c1", "s2", ""),
    ),
    "set_of_its_own": (
        {**CPC, "campaign_ref": "c1", "adset_ref": "s3", "ad_ref": "a1"}, ("GOOGLE_ADS", "c1", "s3", "a1"),
    ),
    "ad_of_another": ({**CPC, "campaign_ref": "c2", "ad_ref": "a1"}, ("GOOGLE_ADS", "c2", *NONE)),
    "set_of_another": ({**CPC, "campaign_ref": "c2", "utm_term": "set"}, ("GOOGLE_ADS", "c2", "s4", "")),
    "name_of_twins": ({**CPC, "utm_campaign": "twin"}, ("GOOGLE_ADS", "twin", *NONE)),
    "unknown_name": ({**CPC, "utm_campaign": "Other"}, ("GOOGLE_ADS", "other", *NONE)),
    "unknown_id": ({**CPC, "campaign_ref": "Own", "utm_campaign": "Other"}, ("GOOGLE_ADS", "Own", *NONE)),
    "name_of_unknown": ({**CPC, "campaign_ref": "Own", "utm_campaign": "Spring"}, ("GOOGLE_ADS", "c1", *NONE)),
    "elsewhere": ({**SOCIAL, "utm_campaign": "spring", "utm_content": "blue"}, ("META", "c1", "m1", "b1")),
    "not_there": ({**SOCIAL, "campaign_ref": "c2", "utm_content": "red"}, ("META", "c2", *NONE)),
    "no_platform": ({"utm_source": "letter", "utm_medium": "email", "utm_campaign": "spring"}, ("", "spring", *NONE)),
}  # fmt: skip


@journey(
    [
        *(page(name, "02 10:00", visitor_id=f"by_{name}", **said) for name, (said, _) in PLACED.items()),
        *(order(f"of_{name}", "02 10:05", n, visitor_id=f"by_{name}") for n, name in enumerate(PLACED, 1)),
    ],
    loads=[ADS],
)
def test_a_touch_is_put_down_to_the_ad_that_it_names(tables: Tables) -> None:
    """Each order has a value of its own, by which its credit is known again."""
    wanted = {"grain": "AD", "basis": "TOUCH", "model": "LINEAR"}
    found = rows(tables, "daily_rollups", "platform", "campaign_id", "adset_id", "ad_id", "value_micros", **wanted)
    sums: dict[tuple[str, ...], int] = {}
    for value, (_, place) in enumerate(PLACED.values(), 1):
        sums[place] = sums.get(place, 0) + value * EURO
    assert found == sorted(((*place, value) for place, value in sums.items()), key=repr)


@journey(
    [],
    loads=[
        [
            ad("a/b%", "c/d%", "e/f%", 1),
            ad("(none)", "(none)", "(none)", 2),
            ad("", "", "", 4),
            ad("100%25", "(None)", "(none)/", 8),
        ]
    ],
)
def test_an_ads_path_is_spelled_so_that_no_two_are_the_same(tables: Tables) -> None:
    found = rows(tables, "daily_rollups", "entity_id", "spend_micros", grain="AD", basis="TOUCH")
    assert found == [
        ("GOOGLE_ADS/%28none)/%28none)/%28none)", 2 * EURO),
        ("GOOGLE_ADS/(none)/(none)/(none)", 4 * EURO),
        ("GOOGLE_ADS/100%2525/(None)/(none)%2F", 8 * EURO),
        ("GOOGLE_ADS/a%2Fb%25/c%2Fd%25/e%2Ff%25", 1 * EURO),
    ]
    found = rows(tables, "daily_rollups", "entity_id", "spend_micros", grain="CAMPAIGN", basis="TOUCH")
    assert [entity for entity, _ in found] == [
        "GOOGLE_ADS/%28none)", "GOOGLE_ADS/(none)", "GOOGLE_ADS/100%2525", "GOOGLE_ADS/a%2Fb%25",
    ]  # fmt: skip


@journey(
    [
        page("ad", "02 10:00", **CPC, campaign_ref="c1"),
        order("free", "05 10:00", 0),
        order("known", "06 10:00", 7, visitor_id="bea"),
    ],
    loads=[[ad(SPRING, spend=4, impressions=100, clicks=7)]],
)
def test_what_is_worth_nothing_and_what_came_from_nowhere_count(tables: Tables) -> None:
    """Credit without value; value without a touch, which stands on the conversion's day on both bases."""
    for basis, day in (("TOUCH", 2), ("CONVERSION", 5)):
        found = rows(
            tables, "daily_rollups", "rollup_date", "entity_id", "credit", "value_micros", "source_count",
            grain="PLATFORM", basis=basis, model="LAST_TOUCH",
        )  # fmt: skip
        assert found == [
            (date(2026, 3, day), "GOOGLE_ADS", 10**9, 0, 1),
            (date(2026, 3, 6), "(unattributed)", 10**9, 7 * EURO, 1),
        ]
    spent = rows(tables, "daily_rollups", "basis", "impressions", "clicks", "spend_micros", grain="AD", model="")
    assert spent == [("CONVERSION", 100, 7, 4 * EURO), ("TOUCH", 100, 7, 4 * EURO)]


def sold(event_id: str, time: str, campaign: str, euros: float = 10, **said: Any) -> list[Row]:
    """A visit by an ad of a campaign, and what it led to."""
    tags = {**CPC, "campaign_ref": campaign}
    return [
        page(f"p{event_id}", f"{time} 10:00", visitor_id=event_id, **tags),
        order(event_id, f"{time} 10:05", euros, visitor_id=event_id, **said),
    ]


def target(cpa: int | None, roas: float | None, platform: str = "", campaign: str = "") -> Row:
    cpa_micros = None if cpa is None else cpa * EURO
    return {
        "organization_id": "o", "platform": platform, "campaign_id": campaign, "target_cpa_micros": cpa_micros,
        "target_roas": roas,
    }  # fmt: skip


def judged(tables: Tables, model: str = "LAST_TOUCH", **where: Any) -> dict[str, tuple[Any, ...]]:
    """By entity: reason, spend, conversions, and the targets that it was held to. Worlds so small waste nothing yet."""
    found = {}
    for row in tables["waste_findings"]:
        if row["model"] == model and all(row[name] == value for name, value in where.items()):
            metrics = json.loads(row["explanation"])["metrics"]
            said = metrics["conversions"], metrics["targetCpa"], metrics["targetRoas"]
            found[row["entity_id"]] = (row["reason"], row["spend_micros"] / EURO, *said)
            assert (row["severity"], row["waste_micros"]) == ("low", 0)
    return found


@journey(
    [*sold("a", "04", "own"), *sold("b", "04", "platform"), *sold("c", "04", "roas")],
    loads=[
        [
            ad("own", spend=30, day=4),
            ad("platform", spend=50, day=4),
            ad("roas", spend=6, day=4),
            ad("nothing", spend=5, day=4),
            ad("own", spend=70, day=4, platform="META"),
            ad("else", spend=80, day=4, platform="BING_ADS"),
        ]
    ],
    targets=[
        target(90, 3.0),
        target(40, 2.0, "GOOGLE_ADS"),
        target(25, None, "GOOGLE_ADS", "own"),
        target(None, 4.0, "GOOGLE_ADS", "roas"),
        target(60, None, "META"),
    ],
)
def test_a_campaign_is_held_to_its_own_target_else_its_platforms_else_the_organizations(tables: Tables) -> None:
    assert judged(tables, grain="CAMPAIGN") == {
        "GOOGLE_ADS/own": ("insufficient_data", 30, 1, 25, 2),
        "GOOGLE_ADS/platform": ("insufficient_data", 50, 1, 40, 2),
        "GOOGLE_ADS/roas": ("insufficient_data", 6, 1, 40, 4),
        "GOOGLE_ADS/nothing": ("untagged", 5, 0, 40, 2),
        "META/own": ("untagged", 70, 0, 60, 3),
        "BING_ADS/else": ("untagged", 80, 0, 90, 3),
    }


@journey(
    [
        *sold("old", "01", "early"), *sold("first", "02", "first"), *sold("last", "04", "last"),
        *sold("paid", "04", "dollars", currency="USD"), *sold("sign", "04", "signed", name="signup"),
    ],
    loads=[
        [
            ad("early", spend=9, day=1),
            ad("early", spend=8, day=2),
            ad("first", spend=7, day=2),
            ad("last:Named", spend=6, day=4),
            ad("dollars", spend=5, day=4),
            ad("dollars", spend=5, day=4, currency="USD"),
            ad("signed", spend=4, day=3),
            ad("back", spend=-3, day=3),
            ad("zero", spend=0, day=3, impressions=5),
            ad("none:None at all", spend=3, day=3),
        ]
    ],
    goals=[goal(), goal(name="signup", event_name="signup", is_milestone=True)],
    primary_goal="signup",
    waste_window_days=3,
    targets=[target(1, None)],
)  # fmt: skip
def test_the_window_the_currency_and_the_goal_are_those_that_count(tables: Tables) -> None:
    """Three days that end on the newest one; a sale is none of the goal, and a refund of spend is no spend."""
    assert judged(tables, grain="CAMPAIGN", currency="EUR") == {
        "GOOGLE_ADS/early": ("untagged", 8, 0, 1, None),
        "GOOGLE_ADS/first": ("insufficient_data", 7, 0, 1, None),
        "GOOGLE_ADS/last": ("insufficient_data", 6, 0, 1, None),
        "GOOGLE_ADS/dollars": ("insufficient_data", 5, 0, 1, None),
        "GOOGLE_ADS/signed": ("insufficient_data", 4, 1, 1, None),
        "GOOGLE_ADS/none": ("untagged", 3, 0, 1, None),
    }
    names = dict(rows(tables, "waste_findings", "entity_id", "name", grain="CAMPAIGN", model="LINEAR", currency="EUR"))
    assert (names["GOOGLE_ADS/last"], names["GOOGLE_ADS/none"]) == ("Named", "None at all")
    windows = {row[0:2] for row in rows(tables, "waste_findings", "window_start", "window_end")}
    assert windows == {(date(2026, 3, 2), date(2026, 3, 4))}


@journey(
    [
        *sold("first", "02", "first"), *sold("last", "04", "last"), *sold("paid", "04", "dollars", currency="USD"),
        *sold("one", "03", "two"), *sold("two", "04", "two"), *sold("tiny", "04", "tiny"),
    ],
    loads=[
        [
            *(ad(name, spend=5, day=4) for name in ("first", "last", "dollars", "two")),
            ad("x", day=4, currency="USD"),
            ad("tiny", spend=0.000_001, day=4),
            ad("mite", spend=0.000_001, day=4),
        ]
    ],
    waste_window_days=2,
    targets=[target(1, None)],
)  # fmt: skip
def test_credit_of_another_day_or_currency_is_none(tables: Tables) -> None:
    """What was sold on the day before the window, and what was paid in dollars, is not what the euros bought."""
    assert judged(tables, grain="CAMPAIGN", currency="EUR") == {
        "GOOGLE_ADS/first": ("untagged", 5, 0, 1, None),
        "GOOGLE_ADS/last": ("insufficient_data", 5, 1, 1, None),
        "GOOGLE_ADS/dollars": ("insufficient_data", 5, 0, 1, None),
        "GOOGLE_ADS/two": ("insufficient_data", 5, 2, 1, None),
        "GOOGLE_ADS/tiny": ("insufficient_data", 0.000_001, 1, 1, None),
        "GOOGLE_ADS/mite": ("untagged", 0.000_001, 0, 1, None),
    }


def usual(day: int, euros: float, *names: str, version: int = 1) -> Row:
    values = {("", name, "usual_cpa_micros"): euros * EURO for name in names}
    return fit(date(2026, 3, day), values, kind="USUAL_CPA", version=version)


@journey(
    sold("a", "04", "sold"),
    loads=[[ad("sold", spend=5, day=4), ad("none", spend=9, day=4), ad("none", spend=9, day=4, currency="USD")]],
    fits=[
        usual(2, 100, "LAST_TOUCH/EUR"),
        usual(3, 3, "LAST_TOUCH/EUR"),
        usual(3, 2, "LAST_TOUCH/EUR", version=2),
        usual(4, 50, "LAST_TOUCH/EUR"),
    ],
)
def test_the_fit_that_serves_the_windows_last_day_says_what_is_usual(tables: Tables) -> None:
    """What no fit knows, the siblings say."""
    found = rows(tables, "waste_findings", "currency", "model", "fit_id", entity_id="GOOGLE_ADS/sold")
    assert [row for row in found if row[1] in {"LAST_TOUCH", "LINEAR"}] == [
        ("EUR", "LAST_TOUCH", "USUAL_CPA/o/2026-03-03/v2"),
        ("EUR", "LINEAR", ""),
    ]


@journey(
    [page("met", "02 10:00", click_id_names="fbclid"), order("free", "05 10:00", 0)],
    loads=[[ad("spring", spend=500, day=2, platform="META")]],
    targets=[target(10, None)],
)
def test_a_campaign_whose_visits_carry_no_more_than_a_click_id_is_untagged(tables: Tables) -> None:
    """Visits prove that META brought somebody, and not by which campaign: fix the tags, pause nothing."""
    assert judged(tables, grain="CAMPAIGN") == {"META/spring": ("untagged", 500, 0, 10, None)}
    said = [json.loads(row["explanation"]) for row in tables["waste_findings"] if row["grain"] == "CAMPAIGN"]
    assert {one["recommendation"]["action"] for one in said} == {"fix_tags"}


@journey(
    [
        page("met", "02 10:00", utm_source="google", utm_medium="cpc", utm_campaign="Brand"),
        order("free", "05 10:00", 0),
    ],
    loads=[[ad("c1:Brand", spend=500, day=2), ad("c2:Brand", spend=500, day=2)]],
    targets=[target(10, None)],
)
def test_campaigns_with_one_name_are_untagged_by_links_with_that_name(tables: Tables) -> None:
    """Such a link counts for neither of them, so that nothing can be said about either: pause nothing."""
    found = judged(tables, grain="CAMPAIGN")
    assert {entity: row[0] for entity, row in found.items()} == {
        "GOOGLE_ADS/c1": "untagged", "GOOGLE_ADS/c2": "untagged",
    }  # fmt: skip

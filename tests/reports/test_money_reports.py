"""Spend by channel, performance by week and month, spend by country and the tagging audit, on every engine."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import told
from tests.oracle.world import Row, World, at, cost, event, goal, organization, site
from touchline import pipeline
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.attribution import attribution_report, model_comparison
from touchline.reports.catalog import report_named
from touchline.reports.checks import conservation_checks
from touchline.reports.countries import countries_report
from touchline.reports.mix import mix_report
from touchline.reports.performance import performance_report
from touchline.reports.side_by_side import ModelCell
from touchline.reports.tagging import tagging_report
from touchline.reports.tree import tree_report

GOOGLE = {"utm_source": "google", "utm_medium": "cpc"}
SPRING = {"campaign_id": "7", "campaign_name": "Spring sale"}


def page(event_id: str, time: str, visitor: str, **said: Any) -> Row:
    return event(event_id, at(time), visitor_id=visitor, url=f"https://shop.example/{event_id}", **said)


def order(event_id: str, time: str, visitor: str, value: int = 10) -> Row:
    return event(event_id, at(time), visitor_id=visitor, type="CONVERSION", value_micros=value * 1_000_000)


def spent(day: int, micros: int, **said: Any) -> Row:
    place: Row = {**SPRING, "impressions": 7, "clicks": 5} | said
    return cost(date(2026, 3, day), micros, **place)


EVENTS = [
    page("a1", "2026-03-02 10:00", "a", **GOOGLE, utm_campaign="spring sale"), order("a2", "2026-03-02 10:05", "a"),
    page("b1", "2026-03-02 11:00", "b", **GOOGLE, utm_campaign="Spring Sale"),
    page("c1", "2026-03-02 12:00", "c", utm_source="google", utm_medium="display", utm_campaign="spring sale"),
    order("a3", "2026-03-10 10:00", "a", 30), order("d1", "2026-03-10 11:00", "d", 50),
    page("e1", "2026-03-11 10:00", "e", **GOOGLE, utm_campaign="autum sale"), order("e2", "2026-03-11 11:00", "e", 60),
    page("f1", "2026-03-11 10:00", "f", **GOOGLE),
    page("g1", "2026-03-11 10:00", "g", **GOOGLE, utm_campaign="twice"),
]  # fmt: skip
COSTS = [
    spent(2, 10_000_001, country="DE"), spent(2, 1_000_000, ad_id="x", country="FR"), spent(10, 40_000_000),
    spent(11, 9_000_000, campaign_id="8", campaign_name="Autumn sale"),
    spent(11, 1_000_000, campaign_id="9", campaign_name="Twice"), spent(11, 1, campaign_id="10", campaign_name="twice"),
    spent(11, 3_000_000, campaign_id="", campaign_name=""), spent(12, 77, currency="USD"),
]  # fmt: skip


def lift(**said: Any) -> Row:
    of = {"organization_id": "o", "channel": "", "platform": "", "campaign_id": "", "model": "", "end_date": None}
    return {**of, "start_date": date(2026, 3, 1), "low": None, "high": None, "source": "A holdout", **said}


TENTH = date(2026, 3, 10)
LIFTS = [
    lift(channel="Paid Search", factor=0.5, end_date=date(2026, 3, 9)),
    lift(channel="Paid Search", factor=0.25, low=0.125, high=0.5, start_date=TENTH, end_date=TENTH),
    lift(channel="Display", factor=9.0, model="FIRST_TOUCH"), lift(channel="Radio", factor=1.0),
    lift(platform="GOOGLE_ADS", campaign_id="7", factor=2.0, low=1.0, high=3.0),
]  # fmt: skip


@pytest.fixture(params=["duckdb", "postgresql", "clickhouse"], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    world = World(organization(), [site(time_zone="UTC")], [goal()], [], EVENTS, [COSTS], lifts=LIFTS)
    with closing(FRESH[request.param]()) as made:
        pipeline.run(told([world]).feed, made)
        yield made


def test_channels_have_the_spend_that_their_clicks_explain(engine: Engine) -> None:
    """Of the 2nd, two of three clicks are searches: 7,333,334 of 11,000,001; three searches have the campaignless 3."""
    found = attribution_report(engine, "o", by="channel")
    rows = {row.key: row for row in found.rows}
    assert {key: row.spend_micros for key, row in rows.items()} == {
        "Display": 3_666_667, "Paid Search": 7_333_334 + 3_000_000, "(no visit)": 50_000_001, "(unattributed)": None,
    }  # fmt: skip
    assert (found.totals.spend_micros, found.unassigned_spend_micros) == (64_000_002, 0)
    assert (rows["Paid Search"].cpa, rows["Paid Search"].paid_cpa) == pytest.approx((10.333334 / 3,) * 2)
    assert (found.totals.cpa, found.totals.paid_cpa) == pytest.approx((64.000002 / 4, 64.000002 / 3))


def test_the_tree_cuts_what_an_ad_cost_as_its_campaign_is_cut(engine: Engine) -> None:
    """Of the 2nd, Display has a third of 11,000,001: of the ad x 333,334, of what names no ad 3,333,333."""

    def spent_below(under: str) -> dict[str, int | None]:
        found = tree_report(engine, "o", under=under)
        assert sum(row.spend_micros or 0 for row in found.rows) == found.totals.spend_micros
        return {row.key: row.spend_micros for row in found.rows}

    channels = spent_below("")
    assert channels == {row.key: row.spend_micros for row in attribution_report(engine, "o", by="channel").rows}
    search = {key: micros for key, micros in spent_below("Paid Search").items() if micros is not None}
    assert search == {"Paid Search/GOOGLE_ADS:7": 7_333_334, "Paid Search/GOOGLE_ADS:": 3_000_000}
    assert spent_below("Display/GOOGLE_ADS:7") == {"Display/GOOGLE_ADS:7/": 3_666_667}
    assert spent_below("Display/GOOGLE_ADS:7/") == {
        "Display/GOOGLE_ADS:7//": 3_333_333, "Display/GOOGLE_ADS:7//x": 333_334,
    }  # fmt: skip
    assert spent_below("Paid Search/GOOGLE_ADS:7/") == {
        "Paid Search/GOOGLE_ADS:7//": 6_666_668, "Paid Search/GOOGLE_ADS:7//x": 666_666,
    }  # fmt: skip
    assert spent_below("(no visit)/GOOGLE_ADS:7") == {"(no visit)/GOOGLE_ADS:7/": 40_000_000}
    below = tree_report(engine, "o", under="Display/GOOGLE_ADS:7")
    assert [(place.level, place.name) for place in below.above] == [("channel", "Display"), ("campaign", "Spring sale")]
    assert (below.level, below.rows[0].name, below.rows[0].clicks) == (
        "adset",
        "Google Ads, Spring sale, no ad set known",
        None,
    )


def test_every_sum_is_held_at_the_grain_of_channels_too(engine: Engine) -> None:
    found = conservation_checks(engine, "o")
    assert [check.name for check in found if not check.is_held] == []
    assert {check.name for check in found if "all channels" in check.name} >= {"Spend of all channels (EUR)"}


def test_weeks_have_blended_and_paid_costs_and_new_customers(engine: Engine) -> None:
    """Ada buys again in the second week and is new in the first one only; Dan has no touch."""
    found = performance_report(engine, "o")
    assert [(row.start, row.is_whole, row.new_customers) for row in found.rows] == [
        (date(2026, 3, 2), True, 1), (date(2026, 3, 9), False, 2),
    ]  # fmt: skip
    assert [row.conversions for row in found.rows] == pytest.approx([1, 3])
    second = found.rows[1]
    assert (second.spend_micros, second.value_micros) == (53_000_001, 140_000_000)
    assert (second.blended_cpa, second.paid_cpa) == pytest.approx((53.000001 / 3, 53.000001 / 2))
    assert (second.cac, second.roi) == pytest.approx((53.000001 / 2, (140 - 53.000001) / 53.000001))
    assert (second.paid_value_micros, second.new_value_micros) == (90_000_000, 110_000_000)
    assert found.customers_since == date(2026, 3, 2)
    assert found.totals is not None
    assert (found.totals.new_customers, found.totals.spend_micros) == (3, 64_000_002)


def test_new_and_returning_customers_share_all_credit_under_every_model(engine: Engine) -> None:
    """Ada's second order is the only one of a returning customer; search led to it, and to Eva's first."""
    compared = model_comparison(engine, "o", by="channel")
    for row in (*compared.rows, compared.totals):
        assert [cell.new_conversions + cell.returning_conversions for cell in row.models] == pytest.approx(
            [cell.conversions for cell in row.models]
        )
    search = next(row for row in compared.rows if row.key == "Paid Search")
    assert {(cell.new_conversions, cell.returning_conversions) for cell in search.models} == {(2.0, 1.0)}
    assert {(cell.new_conversions, cell.new_value_micros) for cell in compared.totals.models} == {(3.0, 120_000_000)}
    split = attribution_report(engine, "o", by="customer", model="LINEAR")
    found = {row.key: (row.conversions, row.value_micros, row.influenced) for row in split.rows}
    assert found == {"new": (3.0, 120_000_000, 2), "returning": (1.0, 30_000_000, 1)}
    for by in ("campaign", "week"):
        totals = attribution_report(engine, "o", by=by, model="LINEAR").totals
        assert (totals.new_conversions, totals.returning_value_micros) == (3.0, 30_000_000), by
    second = performance_report(engine, "o").rows[1]
    assert (second.new_conversions, second.returning_conversions, second.returning_value_micros) == (
        2.0,
        1.0,
        30_000_000,
    )
    assert (second.paid_new_conversions, second.paid_returning_conversions) == (1.0, 1.0)
    assert second.paid_cac == pytest.approx(53.000001)
    touched = performance_report(engine, "o", basis="TOUCH").rows[0]
    assert (touched.new_customers, touched.new_conversions, touched.returning_conversions) == (1, 1.0, 1.0)


def test_a_month_is_one_row_and_the_touch_is_another_day(engine: Engine) -> None:
    assert [row.start for row in performance_report(engine, "o", per="month").rows] == [date(2026, 3, 1)]
    by_touch = performance_report(engine, "o", basis="TOUCH").rows[0]
    assert (by_touch.value_micros, by_touch.new_customers) == (40_000_000, 1)
    with pytest.raises(UsageError, match="per is one of day, week, month"):
        performance_report(engine, "o", per="year")  # type: ignore[arg-type]


def test_countries_have_what_exports_say(engine: Engine) -> None:
    found = countries_report(engine, "o")
    assert [(row.platform, row.country, row.spend_micros) for row in found.rows] == [
        ("GOOGLE_ADS", "", 53_000_001), ("GOOGLE_ADS", "DE", 10_000_001), ("GOOGLE_ADS", "FR", 1_000_000),
    ]  # fmt: skip
    assert found.spend_micros == 64_000_002


def test_the_audit_names_what_is_not_matched_and_the_command_that_mends_it(engine: Engine) -> None:
    found = tagging_report(engine, "o")
    listed = {(row.kind, row.name): (row.spend_micros, row.visits, row.likely) for row in found.rows}
    assert listed == {
        ("no_visits", "Autumn sale"): (9_000_000, 0, "autum sale"), ("no_visits", "Twice"): (1_000_000, 0, ""),
        ("no_visits", "twice"): (1, 0, ""), ("unknown_name", "autum sale"): (0, 1, "8"),
        ("shared_name", "twice"): (0, 1, ""), ("no_name", ""): (0, 1, ""),
    }  # fmt: skip
    assert found.rows[0].command == "touchline alias add 'autum sale' --platform GOOGLE_ADS --campaign 8"
    assert found.spend_micros == 10_000_001
    assert next(row.value_micros for row in found.rows if row.kind == "unknown_name") == 60_000_000
    with pytest.raises(UsageError, match="at least one row"):
        tagging_report(engine, "o", limit=0)


def calibrated(cell: ModelCell) -> tuple[float | None, ...]:
    return cell.calibrated_conversions, cell.calibrated_low, cell.calibrated_high, cell.calibrated_share


def test_each_day_has_its_own_factor_and_days_without_one_are_in_no_sum(engine: Engine) -> None:
    """Search has an order on the 2nd (0.5), one on the 10th (0.25), and one on the 11th, which has no factor."""
    found = model_comparison(engine, "o")
    rows = {row.key: {cell.model: calibrated(cell) for cell in row.models} for row in (*found.rows, found.totals)}
    assert rows["Paid Search"]["LINEAR"] == pytest.approx((0.75, None, None, 2 / 3))
    assert rows["Display"]["FIRST_TOUCH"] == rows["(unattributed)"]["LINEAR"] == (None,) * 4
    assert rows[""]["LINEAR"] == pytest.approx((0.75, None, None, 2 / 4))
    of_day = model_comparison(engine, "o", start=TENTH, end=TENTH)
    (search,) = (row for row in of_day.rows if row.key == "Paid Search")
    assert calibrated(search.models[0]) == (0.25, 0.125, 0.5, 1.0)
    campaigns = {row.key: row.models for row in model_comparison(engine, "o", by="campaign").rows}
    assert calibrated(campaigns["GOOGLE_ADS/7"][0]) == pytest.approx((4.0, 2.0, 6.0, 1.0))
    table = report_named("models").table_of(found)
    assert {"LINEAR_calibrated", "LINEAR_calibrated_low", "LINEAR_calibrated_share"} < set(table.columns)


def test_weeks_have_what_the_factors_of_channels_make_of_them(engine: Engine) -> None:
    first, second = performance_report(engine, "o").rows
    assert (first.calibrated_conversions, first.calibrated_share) == (0.5, 1.0)
    assert (second.calibrated_conversions, second.calibrated_share) == pytest.approx((0.25, 1 / 3))


@pytest.mark.parametrize("per", ["day", "week", "month"])
def test_the_table_of_a_mix_model_keeps_all_that_a_week_cost_and_earned(engine: Engine, per: Any) -> None:
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    for row in mix_report(engine, "o", per=per, model="LINEAR").rows:
        sums[row.start].update({"spend": row.spend_micros or 0, "credit": row.credit, "value": row.value_micros})
    weeks = performance_report(engine, "o", per=per, model="LINEAR").rows
    assert {week.start for week in weeks} <= set(sums)
    for week in weeks:
        found = sums.pop(week.start)
        expected = (week.spend_micros or 0, week.conversions, week.value_micros)
        assert (found["spend"], found["credit"] / 1e9, found["value"]) == expected
    assert not any(any(found.values()) for found in sums.values())

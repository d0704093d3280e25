"""Measures of whole days: tables with numbers that do not agree, which no run would write."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from touchline.engines.duckdb import DuckDB
from touchline.reports.day_measures import DAY_MEASURES, known
from touchline.reports.queries import rows
from touchline.table import Kind, Table
from touchline.tables import (
    AD_COSTS,
    ARRIVALS,
    ATTRIBUTION_LINKS,
    CAMPAIGN_CLICKS,
    CAMPAIGNS,
    CHANNEL_SPEND,
    CONVERSIONS,
    DAILY_ROLLUPS,
    HEALTH_MEASURES,
)

WHOLE = 1_000_000_000
DAY = date(2026, 3, 1)
_EMPTY: dict[Kind, Any] = {
    Kind.TEXT: "", Kind.INTEGER: 0, Kind.WIDE: 0, Kind.BOOLEAN: False, Kind.DATE: DAY, Kind.DOUBLE: 0.0,
    Kind.TIMESTAMP: None,
}  # fmt: skip


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    made = DuckDB()
    for table in (
        AD_COSTS, ARRIVALS, ATTRIBUTION_LINKS, CAMPAIGN_CLICKS, CAMPAIGNS, CHANNEL_SPEND, CONVERSIONS, DAILY_ROLLUPS,
        HEALTH_MEASURES,
    ):  # fmt: skip
        made.create(table)
    yield made
    made.close()


def put(engine: DuckDB, table: Table, *given: dict[str, Any]) -> None:
    usual = {column.name: None if column.is_nullable else _EMPTY[column.kind] for column in table.columns}
    engine.append(table, table.arrow([usual | {"organization_id": "o"} | row for row in given]))


def measured(engine: DuckDB, measure: str) -> list[tuple[Any, ...]]:
    found = rows(engine, f"by_day.{measure}", organization_id="o", currency="EUR", model="LINEAR")
    return [(row["site_id"], row["goal"], row["platform"], row["numerator"], row["denominator"]) for row in found]


def test_credit_that_conversions_do_not_give_is_a_difference(engine: DuckDB) -> None:
    counted = {"site_id": "s", "goal": "buy", "period": DAY, "measure": "behavioural_coverage", "numerator": 1}
    put(engine, HEALTH_MEASURES, counted | {"denominator": 2}, counted | {"goal": "lead", "denominator": 1})
    given = {"site_id": "s", "rollup_date": DAY, "basis": "CONVERSION", "grain": "ORGANIZATION", "goal": "buy"}
    put(
        engine, DAILY_ROLLUPS, given | {"model": "LINEAR", "credit": 2 * WHOLE - 1},
        given | {"model": "LAST_TOUCH", "credit": 3 * WHOLE},
        given | {"model": "LINEAR", "basis": "TOUCH", "credit": 7},
    )  # fmt: skip
    assert measured(engine, "credit_difference") == [
        ("s", "buy", "", WHOLE + 1, 4 * WHOLE), ("s", "lead", "", 2 * WHOLE, 2 * WHOLE),
    ]  # fmt: skip


def test_spend_that_costs_do_not_say_is_a_difference(engine: DuckDB) -> None:
    put(engine, AD_COSTS, {"cost_date": DAY, "currency": "EUR", "spend_micros": 30, "ad_id": "1"},
        {"cost_date": DAY, "currency": "EUR", "spend_micros": 20, "ad_id": "2"})  # fmt: skip
    spent = {"rollup_date": DAY, "currency": "EUR", "grain": "ORGANIZATION", "spend_micros": 44}
    put(engine, DAILY_ROLLUPS, spent | {"basis": "CONVERSION"}, spent | {"basis": "TOUCH", "spend_micros": 1})
    assert measured(engine, "spend_difference") == [("", "", "", 6, 50)]


def test_models_disagree_by_half_the_differences_of_their_shares(engine: DuckDB) -> None:
    given = {"site_id": "s", "rollup_date": DAY, "basis": "CONVERSION", "grain": "CHANNEL", "goal": "buy"}
    shares = {"Email": (3, 1), "Direct": (1, 2), "Referral": (0, 1)}  # of four: 1/2 * (2 + 1 + 1) / 4 = 1/2
    put(
        engine, DAILY_ROLLUPS,
        *(
            given | {"entity_id": channel, "model": model, "credit": credit}
            for channel, both in shares.items()
            for model, credit in zip(("LAST_TOUCH", "LINEAR"), both, strict=True)
        ),
    )  # fmt: skip
    assert measured(engine, "model_disagreement") == [("s", "buy", "", 4, 8)]


def test_arrivals_are_parts_of_what_arrived(engine: DuckDB) -> None:
    arrived = {
        "site_id": "s", "period": DAY, "accepted": 80, "duplicates": 12, "conflicting": 1, "clock_corrected": 3,
        "late_hours": 7, "late_days": 2, "robots": 20, "consent_refusals": 10, "rejected": 8,
    }  # fmt: skip
    put(engine, ARRIVALS, arrived, {"site_id": "t", "period": DAY, "robots": 5}, arrived | {"organization_id": "other"})
    expected = {
        "rejected_rate": (8, 100), "duplicate_rate": (12, 92), "late_rate": (7, 80), "clock_correction_rate": (3, 80),
        "consent_refusal_rate": (10, 90),
    }  # fmt: skip
    for measure, (above, below) in expected.items():
        assert measured(engine, measure) == [("s", "", "", above, below)], measure
    assert measured(engine, "robot_rate") == [("s", "", "", 20, 100), ("t", "", "", 5, 5)]


def test_own_conversions_are_held_against_those_that_the_platform_reports(engine: DuckDB) -> None:
    cost = {"cost_date": DAY, "platform": "META", "currency": "EUR"}
    put(
        engine, AD_COSTS, cost | {"ad_id": "1", "platform_conversion_micros": 3_000_000}, cost | {"ad_id": "2"},
        cost | {"platform": "GOOGLE_ADS"},
    )  # fmt: skip
    own = {"site_id": "s", "rollup_date": DAY, "basis": "TOUCH", "grain": "PLATFORM", "platform": "META"}
    put(engine, DAILY_ROLLUPS, own | {"model": "LINEAR", "credit": 2 * WHOLE}, own | {"model": "TIME", "credit": 9})
    assert measured(engine, "own_to_reported_rate") == [("", "", "META", 2 * WHOLE, 3 * WHOLE)]


def test_campaigns_without_costs_are_unknown_on_platforms_that_have_costs(engine: DuckDB) -> None:
    put(engine, CAMPAIGNS, {"platform": "META", "campaign_id": "1", "grain": "CAMPAIGN"})
    clicks = {"site_id": "s", "cost_date": DAY, "platform": "META", "channel": "Paid Social"}
    put(
        engine, CAMPAIGN_CLICKS, clicks | {"campaign_id": "1", "click_count": 3},
        clicks | {"campaign_id": "9", "click_count": 1}, clicks | {"campaign_id": "", "click_count": 5},
        clicks | {"platform": "TIKTOK", "campaign_id": "7", "click_count": 7},
    )  # fmt: skip
    assert measured(engine, "known_campaign_rate") == [("s", "", "META", 3, 4)]


def test_a_site_without_a_case_does_not_know_what_needs_one() -> None:
    row = {"measure": "click_id_capture_rate", "period": DAY, "denominator": 5}
    never, once = row | {"site_id": "a", "numerator": 0}, row | {"site_id": "b", "numerator": 1}
    later, other = row | {"site_id": "b", "numerator": 0}, never | {"measure": "no_touch_rate"}
    assert known([never, once, later, other]) == [once, later, other]


def test_measures_of_days_are_not_judged() -> None:
    assert DAY_MEASURES
    assert not any(measure.is_judged for measure in DAY_MEASURES.values())

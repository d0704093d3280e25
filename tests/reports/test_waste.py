"""Waste: one grain, one model, no money twice."""

from datetime import date
from typing import Any

import pytest

from tests.reports.conftest import ORGANIZATION
from touchline.demo import DemoShop
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.waste import Grain, waste_report

DEMO = "fernwood-home"


def test_waste_of_the_corner_shop(engine: Engine) -> None:
    """Two campaigns of a few days and euros: too little to tell, and one that no visit names. Neither is waste."""
    report = waste_report(engine, ORGANIZATION, model="LAST_TOUCH")
    assert [(one.entity_id, one.reason, one.spend_micros, one.waste_micros, one.p_over) for one in report.findings] == [
        ("GOOGLE_ADS/c1", "insufficient_data", 30_000_000, 0, None),
        ("META/c2", "untagged", 20_000_000, 0, None),
    ]
    assert (report.spend_micros, report.waste_micros, report.waste_share) == (50_000_000, 0, 0.0)
    assert report.window.end == date(2026, 3, 7)
    assert report.window.days == 30
    assert report.findings[0].recommendations


def test_a_loser_of_a_small_shop_is_given_time(demo_engine: Engine, shop: DemoShop) -> None:
    report = waste_report(demo_engine, DEMO, model="LINEAR")
    loser = next(finding for finding in report.findings if finding.campaign_id == shop.truth.loser.campaign_id)
    assert (loser.reason, loser.spend_micros) == ("insufficient_data", shop.truth.loser.spend_micros)
    assert loser.expected_waste_micros is not None
    assert 0.3 < loser.expected_waste_micros / loser.spend_micros < 1
    assert loser.explanation["missing"]["conversions"] == pytest.approx(3 - loser.spend_micros / 60e6, abs=0.1)
    assert loser.explanation["metrics"]["cpa"] is None


@pytest.mark.parametrize("grain", ["PLATFORM", "CAMPAIGN", "ADSET", "AD"])
def test_waste_never_exceeds_the_spend(demo_engine: Engine, shop: DemoShop, grain: Grain) -> None:
    report = waste_report(demo_engine, DEMO, grain=grain, limit=1)
    assert report.spend_micros == shop.truth.costs.total_micros
    assert sum(row.waste_micros for row in report.summary) == report.waste_micros <= report.spend_micros
    assert sum(row.findings for row in report.summary) == report.count
    assert len(report.findings) == min(report.count, 1)


def test_filters_leave_out(demo_engine: Engine) -> None:
    every = waste_report(demo_engine, DEMO)
    high = waste_report(demo_engine, DEMO, severity="high")
    assert high.findings == tuple(finding for finding in every.findings if finding.severity == "high")
    wasted = [finding.waste_micros for finding in every.findings]
    assert wasted == sorted(wasted, reverse=True)
    assert waste_report(demo_engine, DEMO, min_waste_micros=1).count == sum(amount > 0 for amount in wasted)


def test_no_data_is_no_waste(empty: Engine) -> None:
    report = waste_report(empty, ORGANIZATION)
    assert (report.findings, report.spend_micros, report.waste_share) == ((), 0, None)


@pytest.mark.parametrize("wrong", [{"grain": "CHANNEL"}, {"severity": "dire"}])
def test_nonsense_is_refused(engine: Engine, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="not '"):
        waste_report(engine, ORGANIZATION, **wrong)

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
    report = waste_report(engine, ORGANIZATION, model="LAST_TOUCH")
    assert [(finding.entity_id, finding.waste_micros) for finding in report.findings] == [
        ("GOOGLE_ADS/c1", 30_000_000),
        ("META/c2", 20_000_000),
    ]
    assert (report.spend_micros, report.waste_micros, report.waste_share) == (50_000_000, 50_000_000, 1.0)
    assert report.window.end == date(2026, 3, 7)
    assert report.window.days == 30
    assert report.findings[0].recommendations


def test_loser_is_found(demo_engine: Engine, shop: DemoShop) -> None:
    report = waste_report(demo_engine, DEMO, model="LINEAR")
    loser = next(finding for finding in report.findings if finding.campaign_id == shop.truth.loser.campaign_id)
    assert (loser.reason, loser.spend_micros) == ("no_conversions", shop.truth.loser.spend_micros)
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
    least = every.findings[0].waste_micros
    assert waste_report(demo_engine, DEMO, min_waste_micros=least).count == 1


def test_no_data_is_no_waste(empty: Engine) -> None:
    report = waste_report(empty, ORGANIZATION)
    assert (report.findings, report.spend_micros, report.waste_share) == ((), 0, None)


@pytest.mark.parametrize("wrong", [{"grain": "CHANNEL"}, {"severity": "dire"}])
def test_nonsense_is_refused(engine: Engine, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="not '"):
        waste_report(engine, ORGANIZATION, **wrong)

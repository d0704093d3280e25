"""Health: coverage, signals, and what customers say."""

import pytest

from tests.quantifiers import each
from tests.reports.conftest import ORGANIZATION
from touchline.demo import DemoShop
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.health.measures import MEANINGS
from touchline.reports.health import health_report


def test_coverage_of_the_corner_shop(engine: Engine) -> None:
    report = health_report(engine, ORGANIZATION)
    rates = {rate.measure: (rate.numerator, rate.denominator) for rate in report.rates}
    assert rates["behavioural_coverage"] == (2, 4)
    assert rates["direct_only_rate"] == (1, 4)
    assert rates["no_touch_rate"] == (1, 4)
    assert rates["direct_landing_rate"] == (2, 6)
    assert report.signals == ()
    assert each(series.centre is None for series in report.series)
    assert report.is_healthy is None
    assert "too few days" in report.verdict


def test_answers_are_held_against_the_last_touch(engine: Engine) -> None:
    report = health_report(engine, ORGANIZATION)
    assert {answer.answer: answer.agrees for answer in report.answers} == {
        "Your newsletter": True,
        '"><script>alert(1)</script>': None,
    }
    assert (report.answered, report.agreement, report.untrackable) == (2, 1.0, 1)


def test_window_counts_back_from_the_newest_day(engine: Engine) -> None:
    report = health_report(engine, ORGANIZATION, days=1)
    assert (report.window.start, report.window.days) == (report.window.end, 1)
    assert report.rates[0].denominator == 1


def test_broken_day_of_the_demo_is_found(demo_engine: Engine, shop: DemoShop) -> None:
    report = health_report(demo_engine, "fernwood-home")
    assert sum(rate.value or 0 for rate in report.rates[:3]) == pytest.approx(1)
    for series in report.series:
        marked = {point.period for point in series.points if point.is_signal}
        assert marked == {signal.period for signal in report.signals if signal.measure == series.measure}
        assert len(series.points) <= (report.window.days or 0)
    assert report.agreement is not None
    surveys = shop.truth.surveys
    agreed = report.agreement * (report.answered - report.untrackable)
    assert agreed / report.answered == pytest.approx(surveys.agree / surveys.answered, abs=0.15)


def test_no_data_is_no_verdict(empty: Engine) -> None:
    report = health_report(empty, ORGANIZATION)
    assert (report.is_healthy, report.agreement, report.window.start) == (None, None, None)
    assert [rate.value for rate in report.rates] == [None] * len(MEANINGS)


def test_no_days_are_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="one day at least"):
        health_report(engine, ORGANIZATION, days=0)

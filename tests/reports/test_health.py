"""Health: coverage, signals, and what customers say."""

from datetime import date, timedelta

import pytest

from tests.quantifiers import each
from tests.reports.conftest import ORGANIZATION
from touchline.demo import DemoShop
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.reports.day_measures import ALL_MEASURES
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
    assert [rate.value for rate in report.rates] == [None] * len(ALL_MEASURES)


def test_no_days_are_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="one day at least"):
        health_report(engine, ORGANIZATION, days=0)


def test_measures_of_whole_days_of_the_corner_shop(engine: Engine) -> None:
    rates = {rate.measure: (rate.numerator, rate.denominator) for rate in health_report(engine, ORGANIZATION).rates}
    whole = 1_000_000_000
    assert rates["unattributed_value_share"] == (50, 200)  # Carl's 25.01 and what Eve keeps
    assert rates["known_campaign_rate"] == (2, 2)
    assert rates["unmatched_spend_share"] == (20_000_000, 50_000_000)
    assert rates["model_disagreement"] == (whole, 8 * whole)  # Anna's two touches are all that models differ about
    assert rates["credit_difference"][0] == rates["spend_difference"][0] == 0
    assert rates["credit_difference"][1] % (4 * whole) == 0 < rates["credit_difference"][1]
    assert rates["spend_difference"][1] == 50_000_000
    assert rates["self_reported_agreement"] == (1, 2)


def test_what_nobody_collects_is_not_known(engine: Engine) -> None:
    rates = {rate.measure: rate for rate in health_report(engine, ORGANIZATION).rates}
    for measure in ("click_id_capture_rate", "named_click_rate", "own_to_reported_rate", "old_click_rate"):
        assert rates[measure].value is None, measure


def test_every_rate_says_what_it_counts_and_who_fixes_it(engine: Engine) -> None:
    for rate in health_report(engine, ORGANIZATION).rates:
        said = ALL_MEASURES[rate.measure]
        assert (rate.counted, rate.out_of, rate.worse) == (said.numerator, said.denominator, said.worse)
        assert (rate.owner, rate.meaning) == (said.owner, said.meaning)


def test_volumes_have_costs_and_how_fresh_they_are(engine: Engine) -> None:
    found = {(one.measure, one.goal or one.platform): one for one in health_report(engine, ORGANIZATION).volumes}
    google = found["costs", "GOOGLE_ADS"]
    assert (google.total, google.newest, google.days_behind) == (1, date(2026, 3, 1), 6)
    assert found["landings", ""].days_behind == 0
    assert found["events", ""].total > found["landings", ""].total == 6


def test_goals_and_channels_add_up_to_all(demo_engine: Engine) -> None:
    whole = health_report(demo_engine, "fernwood-home")
    goals = {volume.goal for volume in whole.volumes} - {""}
    channels = {"Paid Search", "Email", "Direct"}
    by_goal = [health_report(demo_engine, "fernwood-home", goal=goal) for goal in goals]
    by_channel = [health_report(demo_engine, "fernwood-home", channel=channel) for channel in channels]
    sums = {rate.measure: (rate.numerator, rate.denominator) for rate in whole.rates}
    for name, measure in ALL_MEASURES.items():
        parts = [(rate.numerator, rate.denominator) for one in by_goal for rate in one.rates if rate.measure == name]
        assert len(parts) == (len(goals) if "goal" in measure.slices else 0), name
        if parts:
            assert tuple(map(sum, zip(*parts, strict=True))) == sums[name], name
        parts = [(rate.numerator, rate.denominator) for one in by_channel for rate in one.rates if rate.measure == name]
        assert len(parts) == (len(channels) if "channel" in measure.slices else 0), name
        assert sum(below for _, below in parts) <= sums[name][1]
    assert {one.goal for report in by_goal for one in report.volumes} == goals | {""}
    assert {report.volumes for report in by_channel} == {()}


def test_weeks_are_days_added_up(demo_engine: Engine) -> None:
    days, weeks = (health_report(demo_engine, "fernwood-home", per=per) for per in ("day", "week"))
    assert days.rates == weeks.rates
    for daily, weekly in zip(days.series, weeks.series, strict=True):
        assert (daily.site_id, daily.measure) == (weekly.site_id, weekly.measure)
        sums: dict[date, int] = {}
        for point in daily.points:
            monday = point.period - timedelta(days=point.period.weekday())
            sums[monday] = sums.get(monday, 0) + point.denominator
        assert {point.period: point.denominator for point in weekly.points} == sums
    assert [one.total for one in weeks.volumes] == [sum(point.volume for point in one.points) for one in weeks.volumes]


def test_broken_day_is_a_signal_of_the_goal_that_it_touched(demo_engine: Engine, shop: DemoShop) -> None:
    whole = {one.measure for one in health_report(demo_engine, "fernwood-home").signals}
    found = health_report(demo_engine, "fernwood-home", channel="Direct")
    assert {one.measure for one in found.signals} <= whole | {"unresolved_visit_rate"}
    for signal in health_report(demo_engine, "fernwood-home").signals:
        assert signal.sentence.endswith(f"Ask {signal.owner}.")


def test_unknown_parts_are_refused(engine: Engine) -> None:
    with pytest.raises(UnknownError, match="channel 'Radio'"):
        health_report(engine, ORGANIZATION, channel="Radio")
    with pytest.raises(UnknownError, match="goal"):
        health_report(engine, ORGANIZATION, goal="nothing")
    with pytest.raises(UsageError, match="by goal or by channel"):
        health_report(engine, ORGANIZATION, goal="purchase", channel="Email")


def test_a_goal_and_a_channel_are_named_in_the_verdict(demo_engine: Engine) -> None:
    of_goal = health_report(demo_engine, "fernwood-home", goal="signup")
    assert "% of conversions of signup have at least one touch" in of_goal.verdict
    assert (
        "% of visits by Email are of browsers" in health_report(demo_engine, "fernwood-home", channel="Email").verdict
    )

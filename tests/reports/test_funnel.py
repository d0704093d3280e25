"""The coverage funnel: steps that one can count by hand, and the day of the demo that leaks."""

from datetime import date, timedelta

import pytest

from tests.quantifiers import each
from tests.reports.conftest import ORGANIZATION
from touchline.demo import DemoShop
from touchline.engines import Engine
from touchline.errors import UnknownError
from touchline.health.measures import OWNERS
from touchline.reports.funnel import STEPS, FunnelReport, FunnelStep, funnel_report, verdict_of


def counts(report: FunnelReport) -> dict[str, int | None]:
    return {step.step: step.count for step in report.steps}


def test_steps_of_the_corner_shop(engine: Engine) -> None:
    report = funnel_report(engine, ORGANIZATION)
    assert counts(report) == {
        "ad_clicks": 50, "click_landings": 0, "sessions": 6, "known_visitors": 0, "conversions": 4,
        "touched_conversions": 3, "sourced_conversions": 2, "cost_joined_conversions": 1,
    }  # fmt: skip
    assert [step.share for step in report.steps] == [None, 0.0, None, 0.0, None, 0.75, pytest.approx(2 / 3), 0.5]
    assert {step.usual_share for step in report.steps} == {None}
    assert {step.missing for step in report.steps} == {None}
    assert report.leaks == ()


def test_days_before_say_what_is_usual(engine: Engine) -> None:
    report = funnel_report(engine, ORGANIZATION, start=date(2026, 3, 6), end=date(2026, 3, 7))
    assert (report.before.start, report.before.end) == (date(2026, 3, 1), date(2026, 3, 5))
    touched = report.steps[5]  # before, both conversions had a touch; here, one of two
    assert (touched.step, touched.count, touched.share, touched.usual_share) == ("touched_conversions", 1, 0.5, 1.0)
    assert touched.missing == pytest.approx(1)
    assert report.verdict == "No day leaks.", "one conversion of two is no loss to be named"


@pytest.mark.parametrize(
    ("missing", "said"),
    [(300.0, ["70% of the step before instead of 100%"]), (99.0, []), (0.0, []), (101.0, ["The greatest loss"])],
)
def test_a_loss_is_named_where_it_is_a_tenth_of_what_is_usual_and_no_chance(missing: float, said: list[str]) -> None:
    count = int(1000 - missing)
    step = FunnelStep(
        "touched_conversions", "Conversions with a touch", "engineering", count, count / 1000, 1.0, missing
    )
    verdict = verdict_of([step], [])
    assert [one in verdict for one in said] == [True] * len(said)
    assert verdict.startswith("No day leaks.")
    assert (verdict == "No day leaks.") is not bool(said)


def test_a_goal_is_of_conversions_alone(demo_engine: Engine) -> None:
    every = counts(funnel_report(demo_engine, "fernwood-home", goal=""))
    parts = [
        counts(funnel_report(demo_engine, "fernwood-home", goal=goal)) for goal in ("purchase", "signup", "first_use")
    ]
    for step, count in every.items():
        counted = [part[step] or 0 for part in parts]
        assert (sum(counted) == count) if "conversions" in step else (counted == [count] * 3), step
    with pytest.raises(UnknownError):
        funnel_report(demo_engine, "fernwood-home", goal="nothing")


def test_the_broken_day_of_the_demo_leaks_and_no_other_day_does(demo_engine: Engine, shop: DemoShop) -> None:
    broken = shop.truth.broken_day
    for start, end in ((None, None), (broken - timedelta(days=1), broken + timedelta(days=1))):
        report = funnel_report(demo_engine, "fernwood-home", start=start, end=end)
        assert {leak.period for leak in report.leaks} <= {broken}
    report = funnel_report(demo_engine, "fernwood-home", start=broken, end=broken)
    landings = report.steps[1]
    assert (landings.step, landings.count) == ("click_landings", 0)
    assert landings.usual_share is not None
    assert landings.usual_share > 0.5
    assert landings.missing is not None
    assert landings.missing > 1


def test_nothing_has_reached_a_step_of_an_empty_shop(empty: Engine) -> None:
    report = funnel_report(empty, ORGANIZATION)
    counted = counts(report)
    assert counted.pop("ad_clicks") is counted.pop("cost_joined_conversions") is None  # there are no costs
    assert {*counted.values()} == {0}
    assert report.verdict == "Nothing has reached any step yet."


def test_every_step_names_who_fixes_it() -> None:
    assert {file.details["owner"] for file in STEPS.values()} <= {*OWNERS}
    assert each(file.details["says"] for file in STEPS.values())

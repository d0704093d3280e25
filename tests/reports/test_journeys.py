"""Journeys: paths in words, and a bucket for all the rest."""

from itertools import groupby

import pytest

from tests.quantifiers import each
from tests.reports.conftest import ORGANIZATION
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.journeys import Step, journeys_report


def test_paths_of_the_corner_shop(engine: Engine) -> None:
    report = journeys_report(engine, ORGANIZATION)
    assert [(row.name, row.conversions) for row in report.rows] == [
        ("Direct", 1),
        ("Organic Search", 1),
        ("Paid Search → Direct → Email", 1),
        ("(no touch)", 1),
    ]
    longest = report.rows[2]
    assert longest.steps == (Step("Paid Search", 1), Step("Direct", 1), Step("Email", 1))
    assert longest.median_touches == 3
    assert longest.median_days == pytest.approx(4 + 5 / 1440)
    assert (report.rows[3].median_days, report.rows[3].median_touches) == (None, None)
    assert [(count.touches, count.conversions) for count in report.touches] == [(0, 1), (1, 2), (3, 1)]
    assert [(flow.first, flow.between, flow.last, flow.conversions) for flow in report.flows] == [
        ("Direct", "", "", 1), ("Organic Search", "", "", 1), ("Paid Search", "Direct", "Email", 1)
    ]  # fmt: skip
    assert [(lag.days, lag.conversions) for lag in report.lags] == [(0, 2), (4, 1)]


def test_what_is_left_is_one_row(engine: Engine) -> None:
    report = journeys_report(engine, ORGANIZATION, limit=1)
    assert [(row.name, row.paths, row.conversions) for row in report.rows] == [
        ("Direct", 1, 1),
        ("(other paths)", 2, 2),
        ("(no touch)", 1, 1),
    ]
    assert report.rows[1].median_touches == 2.0
    assert sum(row.value_micros for row in report.rows) == report.value_micros == 200_010_000


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_journeys_of_the_demo_add_up(demo_engine: Engine, limit: int) -> None:
    report = journeys_report(demo_engine, "fernwood-home", limit=limit, goal="")
    assert sum(row.conversions for row in report.rows) == report.conversions > 0
    assert sum(count.conversions for count in report.touches) == report.conversions
    without = sum(row.conversions for row in report.rows if row.name == "(no touch)")
    for parts in (report.flows, report.lags):
        assert sum(part.conversions for part in parts) == report.conversions - without
    assert sum(row.share or 0 for row in report.rows) == pytest.approx(1)


def test_repeats_are_counted(demo_engine: Engine) -> None:
    report = journeys_report(demo_engine, "fernwood-home", limit=500, goal="")
    repeated = [row for row in report.rows if any(step.touches > 1 for step in row.steps)]
    assert repeated
    for row in repeated:
        assert "×" in row.name
        channels = [step.channel for step in row.steps]
        assert channels == [channel for channel, _ in groupby(channels)]
    exact = [row for row in report.rows if row.steps and not row.further_steps]
    assert each(row.median_touches == sum(step.touches for step in row.steps) for row in exact)


def test_no_conversion_is_no_row(empty: Engine) -> None:
    assert journeys_report(empty, ORGANIZATION).rows == ()


def test_limit_is_one_at_least(engine: Engine) -> None:
    with pytest.raises(UsageError, match="at least one path"):
        journeys_report(engine, ORGANIZATION, limit=0)

"""``tl.xmr``: published charts, locked baselines, simulated series, refused input."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import touchline as tl
from touchline.errors import InputError, UsageError

LOANS = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]
"""Costs of mortgage loans: D. C. Montgomery, *Introduction to Statistical Quality Control*, 7th edition, table 6.6."""


def test_a_published_chart() -> None:
    chart = tl.xmr(LOANS, screen=False)
    assert chart.center == pytest.approx(300.5, rel=1e-3)
    assert chart.moving_range == pytest.approx(7.79, rel=1e-3)
    assert chart.lower == pytest.approx(279.78, rel=1e-3)
    assert chart.upper == pytest.approx(321.22, rel=1e-3)
    assert chart.moving_range_upper == pytest.approx(25.45, rel=1e-3)
    assert [signal for signal in chart.signals if signal.rule == 1] == []


FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""NIST/SEMATECH, *e-Handbook of Statistical Methods*, 6.3.2.2, individuals control charts."""
VISCOSITY = [
    33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84,
]  # fmt: skip
"""Aircraft primer paint: D. C. Montgomery, *Introduction to Statistical Quality Control*, 4th edition, table 5-6."""


@pytest.mark.parametrize(
    ("values", "center", "lower", "upper", "moving_range"),
    [(FLOW, 50.81, 45.8159, 55.8041, 1.8778), (VISCOSITY, 33.52, 32.24, 34.80, 0.4807)],
    ids=["flow", "viscosity"],
)
@pytest.mark.parametrize("constants", ["published", "exact"])
def test_further_published_charts(
    values: list[float], center: float, lower: float, upper: float, moving_range: float, constants: Any
) -> None:
    chart = tl.xmr(values, screen=False, constants=constants)
    found = (chart.center, chart.lower, chart.upper, chart.moving_range)
    assert found == pytest.approx((center, lower, upper, moving_range), rel=1e-3)
    assert [signal.rule for signal in chart.signals if signal.rule == 1] == []


@pytest.mark.parametrize(
    ("center", "constants", "limit", "range_limit"),
    [
        ("mean", "published", 2.66, 3.268), ("mean", "exact", 2.658681, 3.266532),
        ("median", "published", 3.145, 3.865), ("median", "exact", 3.145074, 3.864129),
    ],
)  # fmt: skip
def test_the_constants(center: Any, constants: Any, limit: float, range_limit: float) -> None:
    chart = tl.xmr([10.0, 11.0] * 10, center=center, constants=constants)
    assert isinstance(chart.upper, float)
    assert chart.upper - chart.center == pytest.approx(limit, rel=1e-6)
    assert chart.moving_range_upper == pytest.approx(range_limit, rel=1e-6)


def test_limits_stay_locked_and_later_points_are_judged_by_them() -> None:
    chart = tl.xmr([10, 12, 11, 13, 11, 12, 30, 31], baseline=6)
    assert chart.upper == tl.xmr([10, 12, 11, 13, 11, 12]).upper
    assert [signal.indices for signal in chart.signals if signal.rule == 1] == [(6,), (7,)]
    assert [signal.indices for signal in chart.moving_range_signals] == [(6,)]
    flags = [True] * 6 + [False] * 2
    assert tl.xmr([10, 12, 11, 13, 11, 12, 30, 31], baseline=slice(0, 6)).upper == chart.upper
    assert tl.xmr([10, 12, 11, 13, 11, 12, 30, 31], baseline=flags).upper == chart.upper


def test_counts_are_divided_by_their_denominators_and_rates_are_not() -> None:
    hits, trials = np.array([40, 90, 41, 88]), [50, 100, 50, 100]
    assert tl.xmr(hits, denominators=trials).center == tl.xmr(hits / trials, denominators=trials).center
    assert tl.xmr(hits, denominators=trials).values.tolist() == [0.8, 0.9, 0.82, 0.88]


def test_a_constant_series_has_no_signal() -> None:
    assert tl.xmr([0.1] * 30).signals == ()
    assert tl.xmr([0.1 + 0.2, 0.3] * 15).signals == ()


def _false_alarms(series: list[tuple[NDArray[Any], NDArray[Any] | None]]) -> float:
    charts = [tl.xmr(values, denominators=sizes, baseline=20) for values, sizes in series]
    return float(np.mean([any(s.rule == 1 and s.indices[0] >= 20 for s in chart.signals) for chart in charts]))


@pytest.mark.parametrize("rate", [0.005, 0.02, 0.1, 0.5, 0.85, 0.99])
def test_stable_rates_over_any_denominators_are_quiet(rate: float) -> None:
    """A quarter of stable series may have a point outside in 30 new points; 3 sigma of chance are added."""
    rng = np.random.default_rng(3)
    sizes = [rng.integers(8, 121, 50) for _ in range(400)]
    assert _false_alarms([(rng.binomial(size, rate) / size, size) for size in sizes]) <= 0.25 + 0.065


def test_one_broken_day_in_the_baseline_hides_no_later_shift() -> None:
    rng = np.random.default_rng(4)
    series = rng.normal(size=(400, 25))
    series[np.arange(400), rng.integers(0, 20, 400)] += 8
    series[:, 20:] -= 3
    assert _false_alarms([(values, None) for values in series]) >= 0.9 - 0.045


def test_arrow_and_pandas_like_columns_are_read() -> None:
    assert tl.xmr(pa.array(LOANS)).center == tl.xmr(LOANS).center


def test_the_chart_shows_values_limits_and_ranges() -> None:
    drawn = tl.xmr([10, 12, 11, 13, 11, 12, 30], baseline=6).chart().to_dict()
    values, ranges = drawn["vconcat"]
    assert (len(values["layer"]), len(ranges["layer"])) == (5, 4)
    rows = drawn["datasets"][values["data"]["name"]]
    assert [row["point"] for row in rows if row["signal"]] == [6]
    assert [row["limit 1"] for row in rows] == [pytest.approx(15.756)] * 7


@pytest.mark.parametrize(
    ("values", "options", "problem"),
    [
        ([1.0], {}, "at least two numbers"),
        ([1.0, None, 2.0], {}, r"values\[1\] is nan"),
        ([1.0, "a"], {}, "values are numbers"),
        ([[1.0, 2.0]], {}, "at least two numbers"),
        ([0.1, 0.2], {"denominators": [10]}, "at least two numbers"),
        ([0.1, 0.2], {"denominators": [10, 20, 30]}, "2 values came with 3 denominators"),
        ([0.1, 0.2], {"denominators": [10, 0]}, r"denominators\[1\] is 0"),
    ],
)
def test_what_is_no_series_is_refused(values: Any, options: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        tl.xmr(values, **options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rules": "mine"}, "rules is one of wheeler, nhs, western_electric, nelson, not 'mine'"),
        ({"center": "mode"}, "center is one of mean, median, not 'mode'"),
        ({"constants": "round"}, "constants is one of published, exact, not 'round'"),
        ({"baseline": 1}, "first 2 to 3 points, not 1"),
        ({"baseline": 4}, "first 2 to 3 points, not 4"),
        ({"baseline": [True, False]}, "3 flags"),
        ({"baseline": [True, False, True]}, "no two neighbors"),
    ],
)
def test_what_is_no_option_is_refused(options: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        tl.xmr([1.0, 2.0, 3.0], **options)


def test_screening_leaves_limits_of_some_width() -> None:
    """The only moving range that is not 0 is beyond its own limit, and all that the limits can be made of."""
    chart = tl.xmr([5] * 8 + [6])
    assert chart.lower == pytest.approx(5.1111 - 0.3325, abs=1e-3)
    assert chart.upper == pytest.approx(5.1111 + 0.3325, abs=1e-3)
    assert [signal.indices for signal in chart.signals if signal.rule == 1] == [(8,)]


def test_rare_counts_have_no_signal_where_nothing_happens() -> None:
    chart = tl.xmr([0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    assert isinstance(chart.lower, float)
    assert chart.lower <= 0
    assert [signal for signal in chart.signals if signal.rule == 1] == []


def test_the_nearest_whole_number_of_cases_is_on_the_center() -> None:
    """Of 20 in 200 with a center of 9.99 %, all would be above it: they are as near as they can be, and no run."""
    cases = [20, 19, 21, 20, 18, 21, 20, 20, 22, 19, 20, 19] + [20] * 8
    chart = tl.xmr(cases, denominators=[200] * 20, baseline=12)
    assert abs(chart.center - 0.1) > 1e-6
    assert [signal for signal in chart.signals if signal.rule == 3] == []
    higher = tl.xmr(cases[:12] + [21] * 8, denominators=[200] * 20, baseline=12)
    assert [signal.indices for signal in higher.signals if signal.rule == 3] == [tuple(range(12, 20))]


def test_whole_floats_over_denominators_are_counts() -> None:
    """A column of counts with one gap is a column of floats in pandas."""
    counts, sizes = [8, 3, 11, 4, 6, 0], [400, 150, 430, 180, 390, 410]
    assert (
        tl.xmr([float(one) for one in counts], denominators=sizes).center == tl.xmr(counts, denominators=sizes).center
    )

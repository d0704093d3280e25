"""Natural limits over varying denominators, and of rare cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.health.natural_limits import NaturalLimits, at_least_binomial, natural_limits

WHOLE = st.lists(st.integers(20, 1_000), min_size=3, max_size=30)


def limits(values: list[float], sizes: list[float] | None = None, **options: object) -> NaturalLimits:
    chosen = {"center": "mean", "constants": "exact", "screen": False} | options
    points = np.array(values, dtype=np.float64)
    given_sizes = None if sizes is None else np.array(sizes, dtype=np.float64)
    return natural_limits(points, given_sizes, np.ones(len(points), dtype=np.bool_), **chosen)  # type: ignore[arg-type]


@given(WHOLE, st.integers(1, 500))
def test_equal_denominators_change_nothing(values: list[int], size: int) -> None:
    plain, sized = limits(list(values)), limits(list(values), [size] * len(values))
    assert sized.center == pytest.approx(plain.center)
    assert sized.upper == pytest.approx(plain.upper)
    assert sized.lower == pytest.approx(plain.lower)
    assert sized.ranges_upper == pytest.approx(plain.ranges_upper)


def test_a_small_denominator_has_wide_limits() -> None:
    found = limits([2.0, 3.0, 2.0, 3.0], [100, 400, 100, 400])
    assert found.center == pytest.approx((2 * 200 + 3 * 800) / 1000)
    width = found.upper - found.center
    assert width[0] == pytest.approx(2 * width[1])
    normal = 1 / np.sqrt((1 / 100 + 1 / 400) / 2)
    assert width[0] == pytest.approx(1.5 * np.sqrt(np.pi) * normal / 10)


def test_screening_leaves_out_what_one_broken_point_adds() -> None:
    values = [10.0, 11.0] * 9
    broken = [*values[:9], 40.0, *values[10:]]
    assert limits(broken, screen=True).average_range == pytest.approx(1.0)
    assert limits(broken, screen=False).average_range > 4


def test_a_rate_that_was_always_0_has_limits_of_some_width() -> None:
    """Nothing in 20 × 50: a rate of 0.0005 by Jeffreys. One case of 50 comes once in 40 days, two hardly ever."""
    found = limits([0.0] * 20, [50] * 20)
    assert (found.center, found.average_range) == (0.0, 0.0)
    assert found.upper == pytest.approx(np.full(20, 1 / 50))
    assert found.lower == pytest.approx(np.zeros(20))
    mirrored = limits([1.0] * 20, [50] * 20)
    assert mirrored.lower == pytest.approx(np.full(20, 49 / 50))


def test_rare_counts_have_limits_of_some_width() -> None:
    assert limits([0, 0, 0, 0, 0, 0, 1, 0, 0, 0]).upper[0] == 2
    assert limits([2, 3, 2, 3]).upper[0] == pytest.approx(2.5 + 1.5 * np.sqrt(np.pi))


def test_common_rates_keep_the_limits_of_their_moving_ranges() -> None:
    lower, upper = at_least_binomial(np.full(2, 0.79), np.full(2, 0.81), np.array([1000.0, 10.0]), 0.8)
    assert (lower.tolist(), upper.tolist()) == ([0.79, 0.4], [0.81, 1.0])

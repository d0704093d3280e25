"""Natural process limits: what holds for every series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.health import ProcessLimits, process_limits

WHOLE = st.integers(-1_000, 1_000)
SERIES = st.lists(WHOLE, min_size=2, max_size=40)
"""Whole numbers, so that sums and differences are exact."""


def limits(values: list[int] | list[float]) -> ProcessLimits:
    return process_limits(np.array(values, dtype=np.float64))


def triple(found: ProcessLimits) -> tuple[float, float, float]:
    return found.centre, found.lower, found.upper


def test_by_hand() -> None:
    """Median of 10, 12, 11, 15, 10 is 11; moving ranges 2, 1, 4, 5 have the median 3."""
    found = limits([10, 12, 11, 15, 10])
    assert found.centre == 11
    assert triple(found) == pytest.approx((11, 11 - 3 * 3.145, 11 + 3 * 3.145))


@given(st.floats(-1e9, 1e9), st.integers(2, 30))
def test_a_constant_series_has_the_constant_as_its_limits(constant: float, days: int) -> None:
    assert triple(limits([constant] * days)) == (constant, constant, constant)


@given(SERIES)
def test_the_centre_lies_in_the_middle_of_the_limits(values: list[int]) -> None:
    found = limits(values)
    assert found.lower <= found.centre <= found.upper
    assert found.upper - found.centre == pytest.approx(found.centre - found.lower)


@given(SERIES, WHOLE)
def test_limits_move_with_the_series(values: list[int], shift: int) -> None:
    expected = [value + shift for value in triple(limits(values))]
    assert triple(limits([value + shift for value in values])) == pytest.approx(expected)


@given(SERIES, st.integers(1, 100))
def test_limits_grow_with_the_series(values: list[int], factor: int) -> None:
    expected = [value * factor for value in triple(limits(values))]
    assert triple(limits([value * factor for value in values])) == pytest.approx(expected)


@given(SERIES)
def test_a_mirrored_series_has_mirrored_limits(values: list[int]) -> None:
    centre, lower, upper = triple(limits(values))
    assert triple(limits([-value for value in values])) == pytest.approx((-centre, -upper, -lower))


@given(st.lists(WHOLE, min_size=7, max_size=40), st.data(), st.integers(10_000, 10**9))
def test_how_broken_one_day_is_does_not_matter(values: list[int], data: st.DataObject, broken: int) -> None:
    """From seven days on one day's two moving ranges are a minority: it cannot widen the limits by being worse."""
    day = data.draw(st.integers(0, len(values) - 1))
    bad, worse = [[*values[:day], value, *values[day + 1 :]] for value in (10_000, broken)]
    assert limits(bad) == limits(worse)


def test_one_broken_day_does_not_hide_itself() -> None:
    steady = [50.0, 51.0, 50.0, 49.0] * 5
    assert limits([*steady[:9], 0.0, *steady[10:]]) == limits(steady)
    assert limits(steady).lower > 0


@pytest.mark.parametrize("values", [[], [1.0]])
def test_fewer_than_two_days_have_no_limits(values: list[float]) -> None:
    with pytest.raises(ValueError, match=f"at least two values, not {len(values)}"):
        limits(values)

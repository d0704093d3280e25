"""Limits that fit each day's denominator, leave ordinary weekends inside, and do not let a broken day hide itself."""

import numpy as np
import pytest
from scipy.stats import binom

from tests.benchmarks.health_alarms import rates_day_by_day, rates_of
from touchline.health.rate_limits import TAIL, rate_limits
from touchline.health.signals import limits_of_rates, signals


def test_limits_are_binomial_quantiles_of_each_day() -> None:
    """Of counts that vary by chance, exactly: the next case beyond would be too improbable, the last is not."""
    sizes = np.array([10, 20, 50, 100, 400, 2000] * 3, dtype=np.float64)
    limits = rate_limits(np.round(sizes * 0.3), sizes, None)
    for size, lower, upper in zip(sizes, limits.lower, limits.upper, strict=True):
        most, least = int(np.floor(upper * size)), int(np.ceil(lower * size))
        rate = limits.center[0]
        assert binom.sf(most, size, rate) <= TAIL <= binom.sf(most - 2, size, rate)
        assert binom.cdf(least - 1, size, rate) <= TAIL <= binom.cdf(least + 1, size, rate)


def test_days_that_vary_more_than_by_chance_have_wider_limits() -> None:
    sizes = np.full(40, 400.0)
    by_chance, wild = np.array([200, 210] * 20, np.float64), np.array([160, 240] * 20, np.float64)
    widths = [float(np.ptp([limits.lower[0], limits.upper[0]])) for limits in (
        rate_limits(by_chance, sizes, None), rate_limits(wild, sizes, None)
    )]  # fmt: skip
    assert widths[1] > 2 * widths[0]


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_broken_days_neither_move_the_center_nor_widen_the_limits(broken: int) -> None:
    sizes = np.full(20, 200.0)
    whole = rate_limits(np.array([180, 184] * 10, np.float64), sizes, None)
    counts = np.array([180, 184] * 10, np.float64)
    counts[5 : 5 + broken] = 60
    limits = rate_limits(counts, sizes, None)
    assert limits.center[0] == pytest.approx(whole.center[0], abs=0.01)
    assert limits.lower[5] > 0.6


def test_a_huge_broken_day_does_not_hide_itself() -> None:
    counts, sizes = np.array([[9, 10]] * 15 + [[3000, 10_000]], np.float64).T
    limits = rate_limits(counts, sizes, None)
    assert limits.center[0] == pytest.approx(0.9, abs=0.02)
    assert limits.lower[-1] > 0.8


def test_an_ordinary_weekend_is_no_signal_and_a_weekend_on_a_weekday_is() -> None:
    week = [300, 300, 300, 300, 300, 500, 520]
    sizes = np.full(43, 1000)
    assert signals(limits_of_rates(rates_of(np.array(week * 6 + [300]), sizes), {})) == []
    (found,) = signals(limits_of_rates(rates_of(np.array(week * 6 + [500]), sizes), {}))
    assert (found["period"].isoformat(), found["direction"]) == ("2026-02-16", "above")
    assert found["centre"] == pytest.approx(0.3, abs=0.001)


def test_weekdays_that_differ_by_chance_alone_share_a_center() -> None:
    sizes = np.full(56, 100.0)
    counts = np.random.default_rng(2).binomial(100, 0.4, 56).astype(np.float64)
    limits = rate_limits(counts, sizes, np.arange(56) % 7)
    assert np.ptp(limits.center) < 0.03


@pytest.mark.parametrize("days", [14, 20, 27])
def test_the_first_weekends_are_no_signals_and_a_broken_day_of_the_first_weeks_is(days: int) -> None:
    sizes, counts = np.full(days, 1000), np.array([300, 300, 300, 300, 300, 500, 520] * 4)[:days]
    assert signals(limits_of_rates(rates_of(counts, sizes), {})) == []
    counts[9] = 950
    assert [found["period"].day for found in signals(limits_of_rates(rates_of(counts, sizes), {}))] == [14]


def test_a_lost_referrer_is_seen_in_the_first_weeks_though_saturdays_differ_a_lot() -> None:
    """Moving ranges took the Saturdays for days that vary: the lower limits of all days were 0."""
    sizes = np.array([3000] * 7 + [800] * 10)
    rates = np.array([0.22, 0.2, 0.21, 0.22, 0.21, 0.33, 0.6] * 2 + [0.22, 0.2, 0.0])
    (found,) = signals(limits_of_rates(rates_of(np.round(sizes * rates).astype(np.int64), sizes), {}))
    assert (found["value"], found["direction"]) == (0.0, "below")


def test_stable_rates_that_are_judged_on_every_day_are_rarely_signals() -> None:
    """At most 2 % in the long run; of 40 series, 4 are too many with a chance of less than 1 %."""
    for pattern, cells in rates_day_by_day(np.random.default_rng(6), 40).rows:
        assert max(cells) <= 0.08, pattern


def test_a_weekend_with_too_few_cases_to_be_judged_has_a_center_of_its_own() -> None:
    """Of stable series with about 8 cases on weekend days, whose rate is another one, 9.5 % had a signal."""
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(60):
        share = np.array([1.3, 1.3, 1.2, 1.2, 1.1, 0.5, 0.4])[np.arange(50) % 7]
        sizes = rng.poisson(20 * share)
        found += bool(
            signals(limits_of_rates(rates_of(rng.binomial(sizes, np.minimum(0.35 / share, 0.95)), sizes), {}))
        )
    assert found <= 2


@pytest.mark.parametrize(
    ("rates", "most"),
    [
        (np.where(np.arange(500) < 250, 0.8, 0.6), 80), (np.linspace(0.8, 0.5, 500), 15), (np.full(500, 0.3), 2),
    ],
    ids=["a change that stays", "a slow decline", "nothing"],
)  # fmt: skip
def test_what_stays_is_usual_after_about_ten_weeks(rates: np.ndarray, most: int) -> None:
    rng = np.random.default_rng(1)
    sizes = rng.poisson(200, len(rates))
    found = signals(limits_of_rates(rates_of(rng.binomial(sizes, rates), sizes), {}))
    assert len(found) <= most

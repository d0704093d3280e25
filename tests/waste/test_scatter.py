"""What days say of a unit's rate where its conversions come in bursts, and where all units have good and bad days."""

from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln

from touchline.waste.evidence import COMPLETE, Days
from touchline.waste.scatter import told

UNITS, DAYS = 120, 30
UNIT, AGE = (positions.ravel() for positions in np.indices((UNITS, DAYS)))


def days_of(conversions: Any, spend: Any) -> Days:
    return Days(UNIT, AGE, spend.ravel(), conversions.ravel().astype(float), np.zeros(UNITS * DAYS))


def test_conversions_that_come_one_by_one_are_what_they_are() -> None:
    chance = np.random.default_rng(1)
    spend = np.full((UNITS, DAYS), 50.0)
    known = told(days_of(chance.binomial(1, 0.5, (UNITS, DAYS)), spend), COMPLETE, UNITS)
    np.testing.assert_allclose(known.exposure, 1500.0)
    assert known.dispersion == 1.0


def test_bursts_say_what_their_likelihood_says() -> None:
    """Near the unit's rate, the logarithm of the negative binomial likelihood has the slope and bend that are given."""
    chance = np.random.default_rng(2)
    spend = 50 * np.exp(0.3 * chance.standard_normal((UNITS, DAYS)))
    conversions = chance.poisson(chance.gamma(spend / 50 / 2) * 2)
    known = told(days_of(conversions, spend), COMPLETE, UNITS)
    assert known.dispersion == pytest.approx(3, rel=0.15)
    over = known.dispersion - 1
    sums, counts = spend.sum(1), conversions.sum(1)
    rate = (counts + 1) / (sums + sums.sum() / counts.sum())

    def log_likelihood(unit: int, at: float) -> float:
        shape = at * spend[unit] / over
        terms = gammaln(conversions[unit] + shape) - gammaln(shape) - shape * np.log(known.dispersion)
        return float(terms.sum())

    for unit in range(5):
        step = rate[unit] * 1e-3
        before, here, after = (log_likelihood(unit, rate[unit] + step * n) for n in (-1, 0, 1))
        slope, bend = (after - before) / (2 * step), (after - 2 * here + before) / step**2
        k, exposure = known.conversions[unit], known.exposure[unit]
        assert k / rate[unit] - exposure == pytest.approx(slope, abs=0.02 * exposure)
        assert -k / rate[unit] ** 2 == pytest.approx(bend, rel=0.02)


def test_a_day_that_is_bad_for_everybody_is_nobodys_burst() -> None:
    chance = np.random.default_rng(3)
    works = np.exp(0.6 * chance.standard_normal(DAYS))
    spend = np.full((UNITS, DAYS), 100.0)
    known = told(days_of(chance.poisson(spend / 50 * works), spend), COMPLETE, UNITS)
    assert known.dispersion == pytest.approx(1, abs=0.1)
    assert known.exposure.sum() == pytest.approx(spend.sum(), rel=0.05)


def test_what_moves_one_unit_alone_is_a_burst() -> None:
    chance = np.random.default_rng(4)
    sold = chance.negative_binomial(1, 0.3, 30).astype(np.float64)
    one = Days(np.zeros(30, np.int64), np.arange(30), np.full(30, 50.0), sold, np.zeros(30))
    assert told(one, COMPLETE, 1).dispersion > 1.5

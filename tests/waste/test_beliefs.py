"""The closed forms against numeric integration, and what the prior learns from siblings."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, poisson

from touchline.waste.evidence import Days, by_day, dispersion
from touchline.waste.outages import broken_days
from touchline.waste.posterior import JUDGED, control, posterior
from touchline.waste.prior import SHAPE, Prior, fitted

PARTS = Prior(SHAPE / np.array([0.01, 0.03]), np.array([[0.7, 0.3]]))


def integrated(conversions: int, exposure: float, of: Any) -> float:
    """E[``of``(rate)] after the conversions, by numeric integration over the rate."""

    def weight(rate: float) -> float:
        before = sum(
            w * gamma.pdf(rate, SHAPE, scale=1 / b) for w, b in zip(PARTS.weights[0], PARTS.inverse_scales, strict=True)
        )
        return float(before * poisson.pmf(conversions, rate * exposure))

    whole, _ = quad(weight, 0, 0.1, points=[0.01, 0.02, 0.03], limit=200)
    part, _ = quad(lambda rate: weight(rate) * of(rate), 0, 0.1, points=[0.01, 0.02, 0.03], limit=200)
    return float(part / whole)


@pytest.mark.parametrize(("conversions", "exposure"), [(0, 50.0), (0, 400.0), (3, 200.0), (9, 300.0)])
def test_the_closed_forms_are_the_integrals(conversions: int, exposure: float) -> None:
    counts, spent, parent = np.array([float(conversions)]), np.array([exposure]), np.array([0])
    believed = posterior(PARTS, counts, spent, parent)
    against = believed.against(np.array([0.02]))
    assert against.over[0] == pytest.approx(integrated(conversions, exposure, lambda rate: rate < 0.02), rel=1e-4)
    assert against.share[0] == pytest.approx(
        integrated(conversions, exposure, lambda rate: max(0, 1 - rate / 0.02)), rel=1e-4
    )
    assert believed.mean[0] == pytest.approx(integrated(conversions, exposure, lambda rate: rate), rel=1e-6)
    assert believed.square[0] == pytest.approx(integrated(conversions, exposure, lambda rate: rate**2), rel=1e-6)


def test_a_value_that_is_certain_moves_the_target_by_itself() -> None:
    believed = posterior(PARTS, np.array([60.0]), np.array([2000.0]), np.array([0]))
    plain = believed.against(np.array([0.032]))
    valued = believed.times(np.array([50.0]), np.array([2500.0]), np.array([1.6]))
    assert valued.over[0] == pytest.approx(plain.over[0], abs=0.02)
    assert valued.share[0] == pytest.approx(plain.share[0], abs=0.01)
    assert (valued.low[0], valued.high[0]) == (pytest.approx(plain.low[0]), pytest.approx(plain.high[0]))


def test_an_uncertain_value_makes_less_certain() -> None:
    believed = posterior(PARTS, np.array([40.0]), np.array([2000.0]), np.array([0]))
    least = np.array([1.0])
    sure, unsure = (believed.times(np.array([35.0]), np.array([second]), least) for second in (35.0**2, 1.5 * 35.0**2))
    assert unsure.over[0] < sure.over[0]
    assert unsure.high[0] - unsure.low[0] > sure.high[0] - sure.low[0]


def test_the_prior_finds_two_kinds_and_which_parent_has_them() -> None:
    chance = np.random.default_rng(1)
    parents = np.repeat([0, 1], 60)
    rates = np.where(parents == 0, 0.005, 0.04)
    exposure = np.full(120, 2000.0)
    prior = fitted(chance.poisson(rates * exposure).astype(float), exposure, parents, hint=0.02)
    np.testing.assert_allclose(prior.weights.sum(1), 1)
    is_high = SHAPE / prior.inverse_scales > 0.02
    assert prior.weights[0][is_high].sum() < 0.15
    assert prior.weights[1][is_high].sum() > 0.85
    assert prior.quantile(parents, 0.25) == pytest.approx(0.005, rel=0.2)
    assert prior.quantile(parents, 0.75) == pytest.approx(0.04, rel=0.2)


def test_alone_a_unit_is_judged_by_what_is_thought_beforehand() -> None:
    """Its own conversions must not speak twice: once as its sibling, once as its own."""
    prior = fitted(np.array([0.0]), np.array([50.0]), np.array([0]), hint=0.02)
    believed = posterior(prior, np.array([0.0]), np.array([50.0]), np.array([0]))
    assert 0.5 < believed.against(np.array([0.02])).over[0] < 0.9


def test_the_control_lets_through_no_more_than_may_be_false() -> None:
    over = np.array([0.999] * 30 + [0.93] * 30 + [0.1] * 40)
    factor = control(over)
    adjusted = over / (over + factor * (1 - over))
    assert factor > 1
    assert (adjusted >= JUDGED).sum() == 30
    assert control(np.array([0.9999] * 10 + [0.01] * 90)) == 1.0
    assert control(np.array([])) == 1.0


@pytest.mark.parametrize("phi", [1.0, 2.0, 4.0])
def test_the_dispersion_is_that_of_the_counts(phi: float) -> None:
    chance = np.random.default_rng(2)
    mean = np.full((200, 30), 1.5)
    counts = chance.poisson(chance.gamma(mean / (phi - 1)) * (phi - 1) if phi > 1 else mean)
    unit, age = (positions.ravel() for positions in np.indices(mean.shape))
    days = Days(unit, age, np.ones(6000), counts.ravel().astype(float), np.zeros(6000))
    assert dispersion(days, days.spend, 200) == pytest.approx(phi, rel=0.12)


def test_fractions_of_conversions_scatter_no_wider() -> None:
    days = by_day(Days(np.zeros(30, np.int64), np.arange(30), np.ones(30), np.full(30, 0.3), np.zeros(30)))
    assert dispersion(days, days.spend, 1) == 1.0


def test_a_run_of_days_is_broken_if_chance_hardly_ever_makes_it() -> None:
    """Two a day before: (24/30)^48 is one in 45,000; (25/30)^50 is one in 9,100."""
    for length, is_broken in ((6, True), (5, False)):
        sold = np.full(30, 2.0)
        sold[:length] = 0
        expected = (sold == 0) & is_broken
        assert broken_days(np.full(30, 100.0), sold, due=60).tolist() == expected.tolist()


@pytest.mark.parametrize(("due", "is_broken"), [(2.9, False), (3.0, True)])
def test_where_nobody_ever_converted_it_counts_how_many_should_have(due: float, is_broken: bool) -> None:
    assert broken_days(np.ones(5), np.zeros(5), due=due).tolist() == [is_broken] * 5

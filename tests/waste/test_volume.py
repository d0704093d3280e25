"""What the spend of a unit says of its rate, and what stands in for a target where parents differ."""

import numpy as np
import pytest

from touchline.waste.prior import SHAPE, Prior
from touchline.waste.stand_ins import stand_ins
from touchline.waste.volume import by_spend


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.4])
def test_the_slope_is_that_of_the_rates(slope: float) -> None:
    chance = np.random.default_rng(5)
    spend = 20 * np.exp(chance.standard_normal(400))
    rate = 0.02 * (spend / 20) ** slope * np.exp(0.5 * chance.standard_normal(400))
    exposure = 30 * spend
    factors = by_spend(chance.poisson(rate * exposure).astype(float), exposure, spend)
    low, high = (np.argmin(spend), np.argmax(spend))
    found = np.log(factors[high] / factors[low]) / np.log(spend[high] / spend[low])
    assert found == pytest.approx(slope, abs=0.1)
    assert np.average(np.log(factors), weights=spend) == pytest.approx(0, abs=1e-9)


def test_few_units_and_none_that_sold_say_nothing_of_spend() -> None:
    two, none = np.array([1.0, 9.0]), np.zeros(9)
    np.testing.assert_array_equal(by_spend(two, two * 50, two), 1)
    np.testing.assert_array_equal(by_spend(none, none + 50, np.arange(1.0, 10)), 1)
    of_idle = by_spend(np.array([3.0, 9, 2, 0]), np.array([100.0, 300, 50, 0]), np.array([10.0, 30, 5, 0]))
    assert of_idle[3] == 1


def test_a_stand_in_is_no_closer_than_what_others_pay_can_be_known() -> None:
    alike = stand_ins(Prior(SHAPE / np.array([0.02]), np.ones((1, 1))), np.zeros(9, np.int64))
    assert alike.for_units[0] == pytest.approx(50, rel=0.01)
    assert [one / alike.for_units[0] for one in alike.for_units] == pytest.approx([1, 1.12, 1.25])
    assert alike.for_money == pytest.approx([alike.usual] * 3)


def test_where_few_parents_differ_units_have_the_benefit_of_the_doubt() -> None:
    parts = SHAPE / np.array([0.01, 0.04])
    few, many = (
        stand_ins(Prior(parts, np.tile(np.eye(2), (pairs, 1))), np.arange(2 * pairs).repeat(6)) for pairs in (1, 20)
    )
    assert few.for_units[0] == pytest.approx(many.for_units[0])
    assert few.for_units[2] > 1.5 * many.for_units[2]
    assert few.for_money[0] < many.for_money[0] < many.for_money[2] < few.for_money[2]

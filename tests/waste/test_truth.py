"""On invented accounts whose truth is known, judgements keep their bars; the usual rules do not."""

import pytest

from tests.waste import measures
from tests.waste.accounts import SHAPES, account
from tests.waste.measures import scored

_SEEDS = range(6)
_FEWER = range(4)
_JUDGED = [name for name in SHAPES if name != "nobody bad"]
_SLOW_TO_TELL = {"low volume", "half still to come", "money goes where it works"}
"""Where half of the bad units can hardly be told from unlucky ones, even by whoever knows how costs are spread."""
_ELSEWHERE = {
    "better than the target", "few parents that differ", "two parents, two levels", "money goes where it works",
}  # fmt: skip
_TARGETLESS = [name for name in _JUDGED if name not in _ELSEWHERE]
"""Where the target lies near what the units cost."""


@pytest.mark.parametrize("name", _JUDGED)
def test_few_good_units_are_found_and_the_money_is_the_truth(name: str) -> None:
    score = scored(measures.with_target, (account(SHAPES[name], seed) for seed in _SEEDS))
    assert score.good_found <= 0.01
    assert score.precision >= 0.95
    assert score.recall >= (0.4 if name in _SLOW_TO_TELL else 0.5)
    assert score.money == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("name", _TARGETLESS)
def test_without_a_target_the_siblings_say_nearly_the_same(name: str) -> None:
    score = scored(measures.without_target, (account(SHAPES[name], seed) for seed in _FEWER))
    assert score.money == pytest.approx(1, abs=0.3)


def test_where_nobody_is_bad_hardly_anybody_is_found() -> None:
    score = scored(measures.with_target, (account(SHAPES["nobody bad"], seed) for seed in _SEEDS))
    assert score.good_found <= 0.002


def test_a_target_of_value_keeps_the_same_bars() -> None:
    """Everybody's order is worth 100, so a ROAS of 2 is a cost per conversion of 50."""
    shape = SHAPES["around the target"]
    score = scored(measures.with_value_target, (account(shape, seed, order_value=100) for seed in _SEEDS))
    assert score.good_found <= 0.01
    assert score.precision >= 0.95
    assert score.recall >= 0.5
    assert score.money == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("rule", [measures.days_without_conversions, measures.cost_above_target])
def test_the_usual_rules_find_many_good_units_and_too_much_money(rule: measures.Rule) -> None:
    score = scored(rule, (account(SHAPES["around the target"], seed) for seed in _SEEDS))
    assert score.good_found > 0.05
    assert score.money > 1.2


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = [measures.share_in_interval(account(SHAPES["around the target"], seed)) for seed in _SEEDS]
    assert 0.75 <= sum(held) / len(held) <= 0.9

"""How often a rule is right about invented accounts, and how far its money is from the truth."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

import touchline as tl
from tests.waste.accounts import TARGET, Account

Rule = Callable[[Account], tuple[Any, Any]]
"""Which units a rule finds, and how much money of each it calls wasted."""


@dataclass(frozen=True)
class Score:
    """Of several accounts together."""

    good_found: float
    """The share of the units within their target that are found."""
    precision: float
    """The share of those found that are over it; NaN where none is found."""
    recall: float
    """The share of the units at twice the target or more that are found; NaN where there are none."""
    money: float
    """The mean, over the accounts of which it is said, of the money called wasted by what is really wasted."""
    unsaid: float
    """The share of the accounts of which no money is said, for lack of a target."""


def scored(rule: Rule, accounts: Iterable[Account]) -> Score:
    """The rule's score."""
    good, good_found, found, bad, bad_found, ratios = 0, 0, 0, 0, 0, []
    for account in accounts:
        is_found, money = rule(account)
        is_good, is_bad = account.cost <= TARGET, account.cost >= 2 * TARGET
        good, good_found = good + is_good.sum(), good_found + (is_found & is_good).sum()
        bad, bad_found = bad + is_bad.sum(), bad_found + (is_found & is_bad).sum()
        found += is_found.sum()
        ratios.append(money.sum() / account.truth.sum())
    return Score(
        good_found / good, 1 - good_found / found if found else np.nan, bad_found / bad if bad else np.nan,
        float(np.nanmean(ratios)) if not np.isnan(ratios).all() else np.nan, float(np.isnan(ratios).mean()),
    )  # fmt: skip


def with_target(account: Account) -> tuple[Any, Any]:
    """``find_waste`` with the target."""
    return _found(tl.find_waste(account.daily, target_cpa=TARGET, lag_cdf=account.lag_cdf))


def with_value_target(account: Account) -> tuple[Any, Any]:
    """``find_waste`` with the target that orders worth 100 make of it."""
    return _found(tl.find_waste(account.daily, target_roas=100 / TARGET, lag_cdf=account.lag_cdf))


def share_in_interval(account: Account) -> Any:
    """In how many units the interval holds the true waste; where both are 0, it does."""
    made = tl.find_waste(account.daily, target_cpa=TARGET, lag_cdf=account.lag_cdf)
    low, high = made["interval_low"].to_numpy(), made["interval_high"].to_numpy()
    return np.mean((low <= account.truth) & (account.truth <= high))


def without_target(account: Account) -> tuple[Any, Any]:
    """``find_waste`` left to find one among the units."""
    return _found(tl.find_waste(account.daily, lag_cdf=account.lag_cdf))


def with_true_prior(account: Account) -> tuple[Any, Any]:
    """The judge that nobody can be: it knows how the costs of such units are spread, and the target."""
    over, money = _ideal(account)
    return over >= 0.9, money


def with_true_prior_and_few_good(account: Account) -> tuple[Any, Any]:
    """The same, which finds the likeliest of them only, as many as leave 1 % of the good units expected among them."""
    over, money = _ideal(account)
    order = np.argsort(-over)
    is_found = np.zeros(len(over), bool)
    is_found[order] = np.cumsum(1 - over[order]) <= 0.01 * (1 - over).sum()
    return is_found & (over >= 0.9), money


def _ideal(account: Account) -> tuple[Any, Any]:
    """P(over the target) and the expected waste by unit, from Poisson counts and the true prior."""
    ages = np.arange(account.spend.shape[1])[::-1]
    due = (account.spend * account.lag_cdf[ages]).sum(1)[:, None] / account.possible_costs[None, :]
    log = account.conversions.sum(1)[:, None] * np.log(due) - due
    chance = np.exp(log - log.max(1, keepdims=True))
    chance /= chance.sum(1, keepdims=True)
    share = np.maximum(0, 1 - TARGET / account.possible_costs)
    return chance @ (share > 0), account.spend.sum(1) * (chance @ share)


def days_without_conversions(account: Account) -> tuple[Any, Any]:
    """The usual rule: the spend of every day without a conversion is waste; found is a unit that wastes half."""
    wasted = (account.spend * (account.conversions == 0)).sum(1)
    return wasted > account.spend.sum(1) / 2, wasted


def cost_above_target(account: Account) -> tuple[Any, Any]:
    """The other usual rule: what was spent beyond the target for the conversions so far is waste."""
    over = np.maximum(0, account.spend.sum(1) - TARGET * account.conversions.sum(1))
    return over > 0.3 * TARGET * account.conversions.sum(1), over


def _found(made: Any) -> tuple[Any, Any]:
    return made["p_over"].to_numpy() >= 0.9, made["expected_waste"].to_numpy()

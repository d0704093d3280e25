"""Invented ad accounts whose truth is known: what every unit's conversions really cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.stats import norm

TARGET = 50.0
LAST_DAY = date(2026, 6, 30)
_ATOMS = 4_000
Costs = Callable[[np.random.Generator, Any], Any]
"""Each unit's true cost per conversion as a multiple of the target, from the positions of their parents."""


@dataclass(frozen=True)
class Shape:
    """What kind of account it is."""

    costs: Costs
    daily_spend: float = 25.0
    """Of the middle unit."""
    spend_spread: float = 1.0
    parents: int = 8
    units: int = 200
    days: int = 30
    lag_median: float = 3.0
    lag_spread: float = 1.0
    dispersion: float = 1.0
    """How many times the variance of daily conversions is their mean."""
    weekend: float = 1.0
    """How many times as often a click of Saturday or Sunday converts."""
    shocks: float = 0.0
    """By how much the logarithm of all conversions of a day varies: sales, news, weather."""
    touches: int = 1
    """Among how many units each conversion's credit is shared."""
    spend_follows: float = 0.0
    """The exponent with which a unit's spend falls with its cost per conversion: money goes where it works."""

    @property
    def is_plain(self) -> bool:
        """Whether conversions are Poisson counts of nothing but the spend, the cost and the lag."""
        is_even = self.dispersion == 1 and self.weekend == 1 and not self.shocks
        return is_even and self.touches == 1 and not self.spend_follows


@dataclass(frozen=True)
class Account:
    """The table, and what only its maker knows."""

    daily: pa.Table
    lag_cdf: Any
    cost: Any
    """What a conversion of each unit really costs."""
    spend: Any
    conversions: Any
    """By unit and day."""
    possible_costs: Any
    """Costs that units of such accounts might have, each as likely as the others: the true prior."""

    @property
    def truth(self) -> Any:
        """The money that each unit really wastes."""
        return self.spend.sum(1) * np.maximum(0, 1 - TARGET / self.cost)


def _scattered(middle: float, spread: float) -> Costs:
    return lambda chance, parents: middle * np.exp(spread * chance.standard_normal(len(parents)))


def _two_kinds(chance: np.random.Generator, parents: Any) -> Any:
    is_bad = chance.random(len(parents)) < 0.25
    return np.where(is_bad, chance.uniform(2, 5, len(parents)), chance.uniform(0.5, 1, len(parents)))


def _few_bad(chance: np.random.Generator, parents: Any) -> Any:
    good = 0.9 * np.exp(0.2 * chance.standard_normal(len(parents)))
    return np.where(chance.random(len(parents)) < 0.1, chance.uniform(2, 8, len(parents)), good)


def _some_dead(chance: np.random.Generator, parents: Any) -> Any:
    good = 0.8 * np.exp(0.3 * chance.standard_normal(len(parents)))
    return np.where(chance.random(len(parents)) < 0.15, 1e6, good)


def _at_or_twice(chance: np.random.Generator, parents: Any) -> Any:
    return np.where(chance.random(len(parents)) < 0.2, 2.0, 1.0)


def _half_bad(chance: np.random.Generator, parents: Any) -> Any:
    good = 0.8 * np.exp(0.3 * chance.standard_normal(len(parents)))
    return np.where(chance.random(len(parents)) < 0.5, chance.uniform(2, 4, len(parents)), good)


def _by_parent(chance: np.random.Generator, parents: Any) -> Any:
    of_parent = np.exp(0.5 * chance.standard_normal(parents.max() + 1))[parents]
    return of_parent * np.exp(0.5 * chance.standard_normal(len(parents)))


def _nobody_bad(chance: np.random.Generator, parents: Any) -> Any:
    return 0.9 * chance.uniform(0.8, 1.2, len(parents))


def _two_levels(chance: np.random.Generator, parents: Any) -> Any:
    return np.where(parents == 0, 0.6, 1.7) * np.exp(0.3 * chance.standard_normal(len(parents)))


SHAPES = {
    "around the target": Shape(_scattered(1.0, 0.6)),
    "better than the target": Shape(_scattered(0.8, 0.6)),
    "widely scattered": Shape(_scattered(1.0, 1.0)),
    "heavy-tailed spend": Shape(_scattered(1.0, 0.7), spend_spread=1.8),
    "two kinds": Shape(_two_kinds),
    "few bad ones": Shape(_few_bad),
    "some without any": Shape(_some_dead),
    "few parents that differ": Shape(_by_parent, parents=3),
    "many parents that differ": Shape(_by_parent, parents=40),
    "slow conversions": Shape(_scattered(1.0, 0.6), lag_median=8.0),
    "bursts": Shape(_scattered(1.0, 0.6), dispersion=2.0),
    "low volume": Shape(_scattered(1.0, 0.8), daily_spend=8.0),
    "spend of few": Shape(_scattered(1.0, 0.6), spend_spread=2.5),
    "two parents, two levels": Shape(_two_levels, parents=2),
    "weekdays": Shape(_scattered(1.0, 0.6), weekend=0.4),
    "shared shocks": Shape(_scattered(1.0, 0.6), shocks=0.6),
    "half still to come": Shape(_scattered(1.0, 0.6), lag_median=16.0, lag_spread=1.3),
    "few siblings": Shape(_scattered(1.0, 0.6), units=12, parents=2),
    "heavy bursts": Shape(_scattered(1.0, 0.7), daily_spend=40.0, dispersion=4.0),
    "shared credit": Shape(_scattered(1.0, 0.6), touches=3),
    "money goes where it works": Shape(_scattered(1.2, 0.6), spend_follows=0.7),
    "two weeks": Shape(_scattered(1.0, 0.6), days=14, daily_spend=50.0),
    "nobody bad": Shape(_nobody_bad),
}
HARD_SHAPES = {
    "at the target or twice": Shape(_at_or_twice),
    "wild days": Shape(_scattered(1.0, 0.6), shocks=1.0),
    "half bad": Shape(_half_bad),
    "very low volume": Shape(_scattered(1.0, 0.6), daily_spend=4.0),
}
"""Shapes of which a bar is missed; the pages say by how much."""


def _of_days(shape: Shape, chance: np.random.Generator) -> Any:
    """How many times as well each day works, 1 on average."""
    weekday = (np.arange(shape.days) + LAST_DAY.weekday() - shape.days + 1) % 7
    works = np.where(weekday >= 5, shape.weekend, 1.0)
    if shape.shocks:
        works = works * np.exp(shape.shocks * chance.standard_normal(shape.days))
    return works / works.mean()


def _shared(conversions: Any, touches: int, chance: np.random.Generator) -> Any:
    """The same with each conversion's credit drawn in parts, so that a unit's day holds fractions."""
    return chance.poisson(conversions * touches) / touches


def account(shape: Shape, seed: int, *, order_value: float = 0.0) -> Account:
    """An account of this shape."""
    chance = np.random.default_rng(seed)
    parents = chance.integers(0, shape.parents, shape.units)
    usual = shape.daily_spend * np.exp(shape.spend_spread * chance.standard_normal(shape.units))
    spend = usual[:, None] * np.exp(0.3 * chance.standard_normal((shape.units, shape.days)))
    cost = TARGET * shape.costs(chance, parents)
    spend = spend * np.clip(cost / TARGET, 0.1, 10)[:, None] ** -shape.spend_follows
    lag_cdf = norm.cdf(np.log(np.arange(1, 91) / shape.lag_median) / shape.lag_spread)
    mean = spend / cost[:, None] * lag_cdf[np.arange(shape.days)[::-1]] * _of_days(shape, chance)
    if shape.dispersion > 1:
        mean = chance.gamma(mean / (shape.dispersion - 1) + 1e-12) * (shape.dispersion - 1)
    conversions = chance.poisson(mean)
    if shape.touches > 1:
        conversions = _shared(conversions, shape.touches, chance)
    value = conversions * order_value * np.exp(0.3 * chance.standard_normal(conversions.shape))
    days = [LAST_DAY - timedelta(days=shape.days - 1 - n) for n in range(shape.days)]
    names = np.repeat(np.arange(shape.units), shape.days)
    daily = pa.table(
        {
            "unit": names,
            "parent": parents[names],
            "date": pa.array(days * shape.units),
            "spend": spend.ravel(),
            "conversions": conversions.ravel(),
            "value": value.ravel(),
        }
    )
    return Account(daily, lag_cdf, cost, spend, conversions, _possible(shape))


@lru_cache(maxsize=1)
def _possible(shape: Shape) -> Any:
    chance = np.random.default_rng(1)
    parents = (chance.integers(0, shape.parents, shape.units) for _ in range(-(-_ATOMS // shape.units)))
    return TARGET * np.concatenate([shape.costs(chance, theirs) for theirs in parents])

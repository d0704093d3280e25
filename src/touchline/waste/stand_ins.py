"""What a conversion may cost where nobody says so: what the siblings pay, as far as they tell it."""

import math
from dataclasses import dataclass

import numpy as np

from touchline.waste.prior import SHAPE, Floats, Ints, Prior

_SHARES = (0.5, 0.42, 0.34)
"""As much as the units pay whose rate these shares of the units do not reach, each as likely as the others; a unit is
over what it may cost if it is over most of them."""
_APART = (1.0, 1.12, 1.25)
"""How many times the middle cost they are at least: nobody's target is known more closely from what others pay."""
_HIGHER, _AROUND = (0.0, 0.5, 1.0), (-1.0, 0.0, 1.0)
"""By how many standard errors of the middle they are higher where parents differ: for units, and for money."""


@dataclass(frozen=True)
class StandIns:
    """Costs per conversion that stand in for a target, each as likely as the others, in rising order."""

    for_units: tuple[float, ...]
    """What a unit has to be over, most of them, to be found."""
    for_money: tuple[float, ...]
    """What waste is counted from."""

    @property
    def usual(self) -> float:
        """The one in the middle."""
        return self.for_money[1]


def stand_ins(prior: Prior, parents: Ints) -> StandIns:
    """What the units pay, as far as it tells what they may pay.

    Where few parents differ much, other parents might as well have put the middle elsewhere. A unit has the benefit of
    that doubt; the money is the mean over it.
    """
    quantiles = [1 / prior.quantile(parents, share) for share in _SHARES]
    costs = [max(cost, quantiles[0] * apart) for cost, apart in zip(quantiles, _APART, strict=True)]
    doubt = _doubt(prior, parents)
    return StandIns(
        tuple(cost * math.exp(doubt * errors) for cost, errors in zip(costs, _HIGHER, strict=True)),
        tuple(costs[1] * math.exp(doubt * errors) for errors in _AROUND),
    )


def _doubt(prior: Prior, parents: Ints) -> float:
    """The standard error of the logarithm of the middle rate, by how much the parents differ; 0 for a single one."""
    share: Floats = np.bincount(parents, minlength=len(prior.weights)) / len(parents)
    count = np.count_nonzero(share)
    if count == 1:
        return 0.0
    middles = prior.weights @ np.log(SHAPE / prior.inverse_scales)
    return float(np.sqrt((share**2 * (middles - share @ middles) ** 2).sum()) * count / (count - 1))

"""How the rate of a unit goes with its spend: money often goes where it works, so little spend is a sign, too."""

import numpy as np

from touchline.waste.evidence import Flags
from touchline.waste.prior import Floats

_SLOPE_DOUBT = 0.2
"""How steep the slope is thought to be before there is data: 0, give or take this."""
_SPREAD_BOUNDS = (0.02, 5.0)
"""Between which values the variance of the rates around the slope is taken to lie, as a share of their square."""
_ROUNDS = 30
_LONGEST_STEP = 1.0
_FEWEST = 3


def by_spend(conversions: Floats, exposure: Floats, spend: Floats) -> Floats:
    r"""The rate that the spend of each unit makes likely, compared with that of the average unit of money.

    The logarithm of the rate is a line of the logarithm of the spend :math:`x`, whose slope :math:`\beta` is fitted to
    the counts (negative binomial, with the unit's own scatter around the line) and pulled to 0. Returned is
    :math:`\exp(\beta (x - \bar{x}))` with :math:`\bar{x}` the mean over the money spent, 1 where nothing can be told.

    >>> spend = np.array([100.0, 1000.0, 100.0])
    >>> by_spend(np.array([1.0, 40.0, 2.0]), spend, spend).round(1)
    array([0.7, 1.1, 0.7])
    """
    is_known = (spend > 0) & (exposure > 0)
    if np.count_nonzero(is_known) < _FEWEST or not conversions[is_known].any():
        return np.ones_like(exposure)
    log = np.log(np.where(is_known, spend, 1.0))
    slope = _slope(conversions, exposure, np.where(is_known, log - log[is_known].mean(), 0.0), is_known)
    away = np.where(is_known, log - np.average(log[is_known], weights=spend[is_known]), 0.0)
    return np.exp(slope * away)


def _slope(conversions: Floats, exposure: Floats, log: Floats, is_known: Flags) -> float:
    """The slope by Newton's steps; the weights of the units and their scatter follow it."""
    level, slope, spread, pull = np.log(conversions.sum() / exposure.sum()), 0.0, 0.3, _SLOPE_DOUBT**-2
    for _ in range(_ROUNDS):
        mean = exposure * np.exp(level + slope * log)
        weight = is_known / (1 + spread * mean)
        off, bend = weight * (conversions - mean), weight * mean
        mixed, steep = (bend * log).sum(), (bend * log**2).sum() + pull
        steps = np.linalg.solve([[bend.sum(), mixed], [mixed, steep]], [off.sum(), (off * log).sum() - pull * slope])
        further = np.clip(steps, -_LONGEST_STEP, _LONGEST_STEP)
        level, slope = level + further[0], slope + further[1]
        around = (weight**2 * ((conversions - mean) ** 2 - mean)).sum() / (bend**2).sum()
        spread = float(np.clip(around, *_SPREAD_BOUNDS))
    return float(slope)

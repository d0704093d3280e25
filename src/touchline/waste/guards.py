"""What keeps spend from being judged at all: no conversion can be recorded, or none that can be told to be a unit's."""

import numpy as np

from touchline.waste.evidence import Flags, Units
from touchline.waste.prior import Floats

TRACKING_BREAK, INSUFFICIENT_DATA = "tracking_break", "insufficient_data"
_IMPOSSIBLE = 9.2
"""Minus the logarithm of one in 10,000."""
_BREAK_DAYS = 2
NEEDED_CONVERSIONS = 3.0
"""The spend should have bought as many at the target before a unit is judged: none then comes by chance in 5 %."""
NEEDED_DAYS = 7
"""A unit younger than that is still learning."""
_LAG_SHARE = 0.8


def broken_days(weights: Floats, conversions: Floats, *, due: float) -> Flags:
    """By age: whether nobody's conversions were recorded on days on which some should have been.

    A run of days without any conversion is broken if, by what the ``K`` conversions of the other days say, it comes by
    chance in less than one case of 10,000: ``(others / (others + run))^K``.

    :param weights: by age, how much a day should bring compared with others.
    :param conversions: by age, those of anybody.
    :param due: how many conversions should have come in all, where none has.
    """
    if not conversions.sum():
        return np.full(len(weights), due >= NEEDED_CONVERSIONS)
    is_empty = conversions == 0
    starts = np.flatnonzero(np.diff(is_empty, prepend=~is_empty[:1]))
    runs = np.cumsum(np.isin(np.arange(len(weights)), starts)) - 1
    in_run = np.bincount(runs, weights)
    others = weights.sum() - in_run
    ratio = np.divide(in_run, others, out=np.zeros_like(in_run), where=others > 0)
    return np.asarray(is_empty & (conversions.sum() * np.log1p(ratio) > _IMPOSSIBLE)[runs])


def is_tracking_broken(broken: Flags) -> bool:
    """Whether too many days are broken for the others to tell anything."""
    return bool(broken.sum() >= _BREAK_DAYS)


def needed_days(lag_cdf: Floats) -> int:
    """How old a unit's first day has to be: as long as learning takes, and until most of its conversions are in."""
    return max(NEEDED_DAYS, int(np.argmax(lag_cdf >= _LAG_SHARE * lag_cdf[-1])) + 1)


def missing(units: Units, lag_cdf: Floats, target_cpa: Floats) -> tuple[Floats, Floats, Floats]:
    """How many days, how much spend and how many expected conversions each unit lacks to be judged; 0 where none.

    The days are those until the unit is old enough and, at the pace of its days so far, its spend large enough.
    """
    conversions = np.maximum(0.0, NEEDED_CONVERSIONS - units.exposure / target_cpa)
    spend = conversions * target_cpa / np.maximum(units.maturity, lag_cdf[-1] / 2)
    pace = np.divide(units.spend, units.days, out=np.ones_like(units.spend), where=units.days > 0)
    age = np.maximum(0, needed_days(lag_cdf) - 1 - units.oldest)
    return np.maximum(np.ceil(spend / pace), age), spend, conversions

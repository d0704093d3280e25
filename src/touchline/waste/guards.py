"""What keeps spend from being judged: conversions or costs that were not recorded, and too little of either."""

import numpy as np

from touchline.waste.evidence import Days, Flags, Units
from touchline.waste.prior import Floats, Ints

TRACKING_BREAK, LATE_COSTS, INSUFFICIENT_DATA = "tracking_break", "late_costs", "insufficient_data"
_BREAK_DAYS = 2
_LATE_DAYS = 2
"""Costs are late if clicks of as many days after the last cost converted."""
NEEDED_CONVERSIONS = 3.0
"""The spend should have bought as many at the target before a unit is judged: none then comes by chance in 5 %."""
NEEDED_DAYS = 7
"""A unit younger than that is still learning."""
_LAG_SHARE = 0.8


def is_tracking_broken(broken: Flags) -> bool:
    """Whether too many days are broken for the others to tell anything."""
    return bool(broken.sum() >= _BREAK_DAYS)


def has_late_costs(days: Days, feeds: Ints) -> Flags:
    """By unit: whether costs of its feed end before the days that are looked at do, while its clicks go on to convert.

    What was paused brings no clicks, and so no conversions of later days.

    :param feeds: by unit, the position of what its costs come with, such as the platform; from 0.
    """
    count, length = int(feeds.max(initial=-1)) + 1, int(days.age.max(initial=-1)) + 1
    feed = feeds[days.unit]
    newest = np.full(count, length)
    is_spent = days.spend > 0
    np.minimum.at(newest, feed[is_spent], days.age[is_spent])
    is_after = (days.conversions > 0) & (days.age < newest[feed])
    later = np.unique(feed[is_after] * length + days.age[is_after]) // max(length, 1)
    later_days = np.bincount(later, minlength=count)
    is_late = (newest < length) & (later_days >= _LATE_DAYS)
    return np.asarray(is_late[feeds])


def lacks_target(has_none: Flags, stands_out: Flags) -> Flags:
    """By unit: whether it has no target, and none of those without one stands out from the others.

    Units that are alike may all do well or all badly; only a target tells.

    :param stands_out: whether a unit likely costs more than its siblings usually do.
    """
    return np.asarray(has_none & ~(has_none & stands_out).any())


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

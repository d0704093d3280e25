"""What is known of the units that are judged: daily rows as arrays, added up to one row per unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from touchline.waste.prior import Floats, Ints

Flags = NDArray[np.bool_]

COMPLETE: Floats = np.ones(1)
"""The lag curve of conversions that are all known on the day of the click."""


@dataclass(frozen=True)
class Days:
    """Rows of units by day; a row's conversions are those that its spend led to, whenever they came."""

    unit: Ints
    """The position of its unit, from 0."""
    age: Ints
    """Days before the day of the judgement, from 0."""
    spend: Floats
    conversions: Floats
    value: Floats


@dataclass(frozen=True)
class Units:
    """One row per unit, in step with ``parents``."""

    parents: Ints
    """The position of its parent, from 0."""
    spend: Floats
    exposure: Floats
    """Spend times the share of its conversions that are in by now."""
    conversions: Floats
    value: Floats
    days: Ints
    """Days with spend."""
    oldest: Ints
    """The age of the first day with spend; -1 where there is none."""
    target_cpa: Floats
    """The most that a conversion may cost; NaN where no target says so."""
    target_roas: Floats
    """The least value per currency unit of spend; NaN where no target says so."""
    is_own_target: Flags
    """Whether somebody set the target for it; else it is what is usual, and no finding is grave."""
    is_tagged: Flags
    """Whether any visit ever named it; spend that no visit can meet is a matter of tags."""
    is_ambiguous: Flags
    """Whether all visits that name it may as well be of others: nobody need have paid for them."""
    feeds: Ints
    """The position of what its costs come with, such as the platform, from 0."""
    clicks: Floats
    """As the ad platform counts them; 0 where it does not."""
    visits: Floats
    """That name it; 0 where nobody counts them."""
    repeated: Floats
    """Of its spend, what other rows of the same day state in the same way."""
    landings: Floats
    """Visits that surely one of its ads brought; 0 where nobody counts them, as of what follows."""
    engaged: Floats
    """Of these, those that went on for a second."""
    of_customers: Floats
    """Of these, those of people who had reached the goal before."""
    late_exposure: Floats
    """Of the exposure, that of the later half of the days that are looked at."""
    late_conversions: Floats
    """Of the conversions, likewise."""

    @property
    def maturity(self) -> Floats:
        """The share of the conversions of its spend that are in by now; 1 where there is no spend."""
        return np.divide(self.exposure, self.spend, out=np.ones_like(self.spend), where=self.spend > 0)


def summed(positions: Ints, values: Floats, count: int) -> Floats:
    """By position, the sum of its values."""
    return np.bincount(positions, values, count).astype(np.float64)


def by_day(days: Days) -> Days:
    """One row per unit and day, in that order."""
    span = int(days.age.max(initial=0)) + 1
    keys, which = np.unique(days.unit * span + days.age, return_inverse=True)
    spend, conversions, value = (
        np.bincount(which, values, len(keys)).astype(np.float64)
        for values in (days.spend, days.conversions, days.value)
    )
    return Days(keys // span, keys % span, spend, conversions, value)


def maturities(lag_cdf: Floats, age: Ints) -> Floats:
    """The share of conversions that are in at an age; beyond the end of the curve, its last share."""
    return np.asarray(lag_cdf[np.minimum(age, len(lag_cdf) - 1)])


@dataclass(frozen=True)
class Aims:
    """What each unit is held to; see :class:`Units`."""

    target_cpa: Floats
    target_roas: Floats
    is_own_target: Flags
    is_tagged: Flags
    is_ambiguous: Flags
    feeds: Ints
    clicks: Floats
    visits: Floats
    repeated: Floats
    landings: Floats
    engaged: Floats
    of_customers: Floats


def of_others(part: Floats, whole: Floats, is_counted: Flags) -> Floats:
    """By unit, the share of the other counted units' whole that is the part; 0 where there are no others.

    >>> of_others(np.array([1.0, 6.0]), np.array([10.0, 8.0]), np.array([True, True])).tolist()
    [0.75, 0.1]
    """
    parts, wholes = (np.where(is_counted, values, 0.0) for values in (part, whole))
    others, of_them = wholes.sum() - wholes, parts.sum() - parts
    return np.asarray(np.divide(of_them, others, out=np.zeros_like(others), where=others > 0))


def added_up(days: Days, parents: Ints, lag_cdf: Floats, aims: Aims) -> Units:
    """The units of the rows, of which each is one unit's day."""
    count = len(parents)

    def total(values: Floats) -> Floats:
        return np.bincount(days.unit, values, count).astype(np.float64)

    is_spent = days.spend > 0
    oldest = np.full(count, -1)
    np.maximum.at(oldest, days.unit[is_spent], days.age[is_spent])
    exposure = days.spend * maturities(lag_cdf, days.age)
    is_late = days.age <= (days.age.max(initial=0) + days.age.min(initial=days.age.max(initial=0))) // 2
    return Units(
        parents, total(days.spend), total(exposure), total(days.conversions),
        total(days.value), np.bincount(days.unit[is_spent], minlength=count), oldest, aims.target_cpa,
        aims.target_roas, aims.is_own_target, aims.is_tagged, aims.is_ambiguous, aims.feeds, aims.clicks, aims.visits,
        aims.repeated, aims.landings, aims.engaged, aims.of_customers, total(exposure * is_late),
        total(days.conversions * is_late),
    )  # fmt: skip


def dispersion(days: Days, exposure: Floats, count: int) -> float:
    """How many times as widely as Poisson counts the conversions of a unit's days scatter, at least 1.

    With counts ``k`` of a unit's days, their sum ``K`` and the shares ``p`` of the days in its exposure,
    ``Σk² + Σp²·K - K - Σp²·K²`` has the mean ``(φ - 1)·K·(1 - Σp²)`` where the variance is ``φ`` times the mean.
    """
    sums, counts = np.bincount(days.unit, exposure, count), np.bincount(days.unit, days.conversions, count)
    share = np.divide(exposure, sums[days.unit], out=np.zeros_like(exposure), where=sums[days.unit] > 0)
    squares = np.bincount(days.unit, share**2, count)
    excess = np.bincount(days.unit, days.conversions**2, count) - counts - squares * counts * (counts - 1)
    room = (counts * (1 - squares)).sum()
    return float(min(max(1.0, 1 + excess.sum() / room), _WIDEST)) if room > 0 else 1.0


_WIDEST = 20.0

"""The limits of a rate from day to day: as wide as each day's denominator makes them, with weekdays taken out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, betainc

from touchline.health.natural_limits import FACTORS, screened_mean

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TAIL = 1.5e-4
"""The chance beyond a limit on one day. Of stable series of 50 days, fewer than 2 % have a day there that is also far
enough from the center, judged once or on every day (``python -m tests.benchmarks.health_alarms``)."""
WEEKS = 4
"""Days of each weekday that are needed to take weekdays out."""
_WEEK = 7
_ALL = slice(None)
_FEWEST_PAIRS = 10
"""Of days a week apart, for these to say how much days vary."""
_MUCH = 4
"""Days that vary by this factor more than the same weekdays do have weekdays that differ, not by chance."""
_LIKE = 4
"""A weekday whose other days are a part of this number of the way to a limit may have a level of its own."""


class RateLimits(NamedTuple):
    """Where a stable rate stays; shape ``(n,)`` each."""

    center: Floats
    lower: Floats
    upper: Floats


def rate_limits(
    counts: Floats, sizes: Floats, weekdays: NDArray[np.int64] | None, wanted: slice = _ALL
) -> RateLimits:  # fmt: skip
    r"""The limits of each day of a rate, from the series itself, such that a broken day does not hide itself.

    .. math:: \hat p_t \pm z \sqrt{\varphi \, \hat p_t (1 - \hat p_t) / n_t}

    as quantiles of the binomial distribution of :math:`n_t / \varphi` cases, so that they fit rare cases, too. The
    dispersion :math:`\varphi \ge 1` is that of the I-prime chart: from the screened moving ranges of the days'
    standardized distances from the center. The center is the rate of all days within limits made first from medians.
    Where each weekday has four days, it has a center of its own, as far as weekdays differ by more than chance
    (James-Stein), and limits wider by :math:`\sqrt{m / (m - 1)}` for the :math:`m` days that it is made of. Before
    that, a day may also be like the other days of its weekday, as far as those are apart from the center; without any
    other day of its weekday that is ordinary, as in the first two weeks, it may be anything. Where days vary much more
    than those of one weekday do, the dispersion is that of pairs of days a week apart.

    :param counts: shape ``(n,)``, in time order: the numerators.
    :param sizes: shape ``(n,)``: the denominators, above 0.
    :param weekdays: shape ``(n,)``: numbers from 0 to 6; ``None``: weekdays stay in.
    :param wanted: of which days the limits are returned; they are made of all days.
    """
    groups = _groups(weekdays, len(counts))
    is_typical = _typical(counts, sizes, groups)
    center, widening = _centers(counts, sizes, groups, is_typical)
    dispersion = _dispersion(counts, sizes, center)
    if weekdays is not None and not groups.any():
        within = _dispersion_within(counts, sizes, center, weekdays)
        dispersion = within if within < dispersion / _MUCH else dispersion
    limits = _limits(center[wanted], sizes[wanted], dispersion * widening[wanted])
    if weekdays is None or groups.any():
        return limits
    known = counts * is_typical, sizes * is_typical
    return _or_like_its_weekday((counts, sizes, weekdays), known, wanted, limits, dispersion)


def _groups(weekdays: NDArray[np.int64] | None, days: int) -> NDArray[np.int64]:
    """To which of the centers each day belongs: its weekday's, or the only one."""
    if weekdays is None or np.unique(weekdays, return_counts=True)[1].min() < WEEKS:
        return np.zeros(days, dtype=np.int64)
    return weekdays


def _or_like_its_weekday(
    days: tuple[Floats, Floats, NDArray[np.int64]],
    known: tuple[Floats, Floats],
    wanted: slice,
    limits: RateLimits,
    dispersion: float,
) -> RateLimits:
    """Limits that also hold what the other days of the weekday let expect; all, without any.

    Where the others are far from the center, the day may be as far from them as their number lets it be; where they are
    a little apart, more than half a standard deviation of theirs, the limits reach as much further.
    """
    _, sizes, weekdays = days
    parts, wholes = (np.bincount(weekdays, of_days)[weekdays] - of_days for of_days in known)
    parts, wholes, own = parts[wanted], wholes[wanted], sizes[wanted]
    has_others = wholes > 0
    wholes = np.where(has_others, wholes, 1.0)
    alike = _limits(_smoothed(parts, wholes), own, dispersion * (1 + own / wholes))
    others = parts / wholes
    nearly_upper, nearly_lower = (
        limits.center + (limit - limits.center) / _LIKE for limit in (limits.upper, limits.lower)
    )
    is_other = (others > nearly_upper) | (others < nearly_lower)
    chance = np.sqrt(limits.center * (1 - limits.center) * dispersion / wholes)
    away = np.where(np.abs(others - limits.center) > chance / 2, others - limits.center, 0.0)
    lower = np.minimum(limits.lower, np.where(is_other, alike.lower, limits.lower + away))
    upper = np.maximum(limits.upper, np.where(is_other, alike.upper, limits.upper + away))
    lower, upper = np.where(has_others, lower, 0.0), np.where(has_others, upper, 1.0)
    return RateLimits(limits.center, np.maximum(lower, 0.0), np.minimum(upper, 1.0))


def _smoothed(counts: Floats | float, sizes: Floats | float) -> Floats:
    """Rates that are never 0 or 1: the means of Jeffreys' posterior."""
    return np.asarray((np.asarray(counts) + 0.5) / (np.asarray(sizes) + 1))


def _typical(counts: Floats, sizes: Floats, groups: NDArray[np.int64]) -> Flags:
    """Which days are within limits about their group's median, or about the rate of its other days.

    A broken day is far from both; an ordinary one next to a broken one is near the median; where cases are so rare that
    the median is 0, ordinary days are near the others' rate.
    """
    weights = np.minimum(1.0, _medians(sizes, groups) / sizes)
    parts, wholes = (np.bincount(groups, of * weights)[groups] - of * weights for of in (counts, sizes))
    others = _smoothed(parts, wholes)
    medians = np.clip(_medians(counts / sizes, groups), *_bounds(sizes))
    is_near = np.zeros(len(counts), dtype=np.bool_)
    for center in (medians, others):
        is_near |= _is_within(counts, sizes, center, _dispersion(counts, sizes, center))
    return is_near


def _medians(values: Floats, groups: NDArray[np.int64]) -> Floats:
    """Of each value, the median of its group.

    >>> _medians(np.array([3.0, 1.0, 8.0, 2.0]), np.array([0, 0, 4, 0]))
    array([2., 2., 8., 2.])
    """
    ordered, number = values[np.lexsort((values, groups))], np.bincount(groups)
    first = np.cumsum(number) - number
    middle = (ordered[first + (number - 1) // 2] + ordered[first + number // 2]) / 2
    return np.asarray(middle[groups])


def _centers(
    counts: Floats, sizes: Floats, groups: NDArray[np.int64], is_typical: Flags
) -> tuple[Floats, Floats]:  # fmt: skip
    """Each day's center, and by what its variance grows because the center is an estimate."""
    used = is_typical if is_typical.any() else np.ones(len(counts), dtype=np.bool_)
    number = int(groups.max()) + 1
    parts, wholes, days = (
        np.bincount(groups[used], values[used], number) for values in (counts, sizes, np.ones(len(counts)))
    )
    overall = float(_smoothed(parts.sum(), wholes.sum()))
    if number == 1 or days.min() < 2:
        return np.full(len(counts), overall), np.ones(len(counts))
    own = parts / wholes
    dispersion = _dispersion(counts[used], sizes[used], np.clip(own, *_bounds(sizes))[groups[used]])
    differ = float((wholes * (own - overall) ** 2).sum()) / (overall * (1 - overall) * dispersion)
    trust = max(0.0, 1 - (_WEEK - 1) / differ) if differ > 0 else 0.0
    center = np.clip(overall + trust * (own - overall), *_bounds(sizes))
    return center[groups], (1 + trust / (days - 1))[groups]


def _bounds(sizes: Floats) -> tuple[float, float]:
    least = 0.5 / (float(sizes.sum()) + 1)
    return least, 1 - least


def _dispersion(counts: Floats, sizes: Floats, center: Floats) -> float:
    """By how much the days' variance is greater than that of binomial counts."""
    distances = (counts / sizes - center) / np.sqrt(center * (1 - center) / sizes)
    return _squared(np.abs(np.diff(distances)))


def _dispersion_within(counts: Floats, sizes: Floats, center: Floats, weekdays: NDArray[np.int64]) -> float:
    """The same, from each day and the one a week before it, so that days are no more apart than weekdays make them.

    Infinite where such pairs are too few.
    """
    order = np.argsort(weekdays, kind="stable")
    before, after = order[:-1], order[1:]
    alike = weekdays[before] == weekdays[after]
    before, after = before[alike], after[alike]
    if len(before) < _FEWEST_PAIRS:
        return np.inf
    variance = center[after] * (1 - center[after]) * (1 / sizes[before] + 1 / sizes[after]) / 2
    ranges = np.abs(counts[after] / sizes[after] - counts[before] / sizes[before]) / np.sqrt(variance)
    return _squared(ranges)


def _squared(ranges: Floats) -> float:
    factors = FACTORS["mean", "exact"]
    return max(1.0, (factors.limits * screened_mean(ranges, factors.ranges) / 3) ** 2)


def _limits(center: Floats, sizes: Floats, dispersion: Floats) -> RateLimits:
    """The quantiles: what the next case more or fewer would be improbable at."""
    alike = np.maximum(sizes / dispersion, 1.0)
    most = bdtrik(1 - TAIL, np.floor(alike), center) + 1
    least = np.floor(alike) - bdtrik(1 - TAIL, np.floor(alike), 1 - center) - 1
    return RateLimits(center, least / np.floor(alike), most / np.floor(alike))


def _is_within(counts: Floats, sizes: Floats, center: Floats, dispersion: float) -> Flags:
    """Whether days are within their limits, without the limits: probabilities cost less than quantiles.

    Within two standard deviations no day is beyond a limit, so that only the others are looked at.
    """
    alike = np.floor(np.maximum(sizes / dispersion, 1.0))
    rates = counts / sizes
    is_within: Flags = np.abs(rates - center) <= 2 * np.sqrt(center * (1 - center) / alike)
    far = np.flatnonzero(~is_within)
    if len(far):
        rates, alike, center = rates[far], alike[far], center[far]
        is_within[far] = _is_probable(rates * alike, alike, center) & _is_probable(
            (1 - rates) * alike, alike, 1 - center
        )
    return is_within


def _is_probable(cases: Floats, alike: Floats, rate: Floats) -> Flags:
    """Whether as many cases or more are not too improbable."""
    at_least = np.maximum(cases, 1.0)
    beyond = betainc(at_least, alike - at_least + 1, rate)
    return np.asarray((cases < 1) | (beyond >= TAIL))

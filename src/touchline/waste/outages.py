"""Days on which conversions of anybody were not recorded, all of them or most."""

from functools import lru_cache

import numpy as np
from scipy.special import bdtr, xlogy

from touchline.waste.evidence import Flags
from touchline.waste.guards import NEEDED_CONVERSIONS
from touchline.waste.prior import Floats, Ints

_IMPOSSIBLE = 9.2
"""Minus the logarithm of one in 10,000."""
_LEFT = 0.3
"""The most that a partial outage lets through, compared with the other days."""
_PARTIAL_DAYS = 7
"""A drop that is shorter may be a holiday."""
_OTHER_DAYS = 5
"""From this number of other days on, of the average weight, they tell what is usual."""
_CHANCE = 1e-4
"""The probability below which such a drop is no chance; there are many stretches of days to look at."""
_MOST_DAYS = 800
"""How far back partial outages are looked for."""
_WEEK = 7
_WEEKDAY_CONVERSIONS = 2.0
"""How many conversions on an average weekday the thought that all weekdays are alike weighs."""


def broken_days(weights: Floats, conversions: Floats, *, due: float, newest_partial: int = 0) -> Flags:
    """By age: whether conversions of anybody are missing on days on which some should have been.

    A run of days without any conversion is broken if, by what the ``K`` conversions of the other days say, it comes by
    chance in less than one case of 10,000: ``(others / (others + run))^K``. A stretch of a week or more is broken if
    its days have at most 30 % of the conversions of the others, and chance makes that in less than one case of
    10,000, counts being divided by how widely those of the other days scatter. What is usual on a weekday is no break.

    :param weights: by age, how much a day should bring compared with others.
    :param conversions: by age, those of anybody.
    :param due: how many conversions should have come in all, where none has.
    :param newest_partial: the oldest age at which a partial outage may end where conversions of late days are still to
        come, and no lag curve says how many.
    """
    if not conversions.sum():
        return np.full(len(weights), due >= NEEDED_CONVERSIONS)
    return _of_counts(weights.tobytes(), conversions.tobytes(), newest_partial)


@lru_cache(maxsize=256)
def _of_counts(weights: bytes, conversions: bytes, newest_partial: int) -> Flags:
    """The same, computed once for the many accounts of an organization: every grain and model has the same days."""
    weight, count = np.frombuffer(weights), np.frombuffer(conversions)
    usual = weight * _of_weekdays(weight, count)
    return _empty_runs(usual, count) | _thin_stretches(usual, count, newest_partial)


def _of_weekdays(weights: Floats, conversions: Floats) -> Floats:
    """How many times as much the weekday of each day brings as an average one; 1 where each is seen only once."""
    if len(weights) < 2 * _WEEK:
        return np.ones(len(weights))
    weekday = np.arange(len(weights)) % _WEEK
    came, weight = np.bincount(weekday, conversions), np.bincount(weekday, weights)
    due = weight * conversions.sum() / weights.sum() if weights.sum() else weight
    return np.asarray(((came + _WEEKDAY_CONVERSIONS) / (due + _WEEKDAY_CONVERSIONS))[weekday])


def _empty_runs(weights: Floats, conversions: Floats) -> Flags:
    is_empty = conversions == 0
    starts = np.flatnonzero(np.diff(is_empty, prepend=~is_empty[:1]))
    runs = np.cumsum(np.isin(np.arange(len(weights)), starts)) - 1
    in_run = np.bincount(runs, weights)
    others = weights.sum() - in_run
    ratio = np.divide(in_run, others, out=np.zeros_like(in_run), where=others > 0)
    return np.asarray(is_empty & (conversions.sum() * np.log1p(ratio) > _IMPOSSIBLE)[runs])


def _thin_stretches(weights: Floats, conversions: Floats, newest_partial: int) -> Flags:
    """The stretch that differs most from the other days, if it is one of those that are broken."""
    is_broken, days, best = np.zeros(len(weights), bool), len(weights), 0.0
    square = np.divide(conversions**2, weights, out=np.zeros_like(weights), where=weights > 0)
    sums = [np.append(0.0, np.cumsum(values)) for values in (weights, conversions, square)]
    for first in range(min(_MOST_DAYS, days - _PARTIAL_DAYS + 1)):
        ends = np.arange(first + _PARTIAL_DAYS, days + 1)
        inside = [values[ends] - values[first] for values in sums]
        others = [values[-1] - part for values, part in zip(sums, inside, strict=True)]
        is_thin = (others[0] * days >= _OTHER_DAYS * sums[0][-1]) & (ends > newest_partial) & (others[1] > 0)
        is_thin &= inside[1] * others[0] <= _LEFT * others[1] * inside[0]
        if is_thin.any():
            is_thin &= _chance(inside[0], inside[1], others, days - (ends - first)) < _CHANCE
            differs = np.where(is_thin, _difference(inside, others), 0.0)
            if differs.max() > best:
                best = float(differs.max())
                is_broken[:] = False
                is_broken[first : ends[int(differs.argmax())]] = True
    return is_broken


def _difference(inside: list[Floats], others: list[Floats]) -> Floats:
    """By how much two rates explain the conversions better than one does, as a logarithm of the likelihood."""
    rate = (inside[1] + others[1]) / (inside[0] + others[0])
    return sum((xlogy(part[1], part[1]) - xlogy(part[1], part[0] * rate) for part in (inside, others)), np.zeros(1))


def _chance(weight: Floats, count: Floats, others: list[Floats], days: Ints) -> Floats:
    """P(so few of all conversions in the stretch), with counts divided by the scatter of the other days."""
    rate = np.divide(others[1], others[0], out=np.zeros_like(weight), where=others[0] > 0)
    around = np.divide(others[2] - others[1] * rate, rate, out=np.zeros_like(weight), where=rate > 0)
    scatter = np.maximum(1.0, around / np.maximum(1, days - 1))
    few, whole = np.floor(count / scatter), np.floor((count + others[1]) / scatter)
    share = np.divide(weight, weight + others[0], out=np.zeros_like(weight), where=weight > 0)
    return np.asarray(bdtr(few, whole.astype(np.int64), share))

"""Days on which conversions of anybody were not recorded, all of them or most."""

import numpy as np
from scipy.special import bdtr

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
"""From so many other days on, they tell what is usual."""
_CHANCE = 1e-4
"""The probability below which such a drop is no chance; there are many stretches of days to look at."""
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
    usual = weights * _of_weekdays(weights, conversions)
    return _empty_runs(usual, conversions) | _thin_stretches(usual, conversions, newest_partial)


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
    is_broken = np.zeros(len(weights), bool)
    if len(weights) < _PARTIAL_DAYS + _OTHER_DAYS:
        return is_broken
    square = np.divide(conversions**2, weights, out=np.zeros_like(weights), where=weights > 0)
    sums = [np.append(0.0, np.cumsum(values)) for values in (weights, conversions, square)]
    days = len(weights)
    for first in range(days - _PARTIAL_DAYS + 1):
        ends = np.arange(first + _PARTIAL_DAYS, days + 1)
        is_open = (days - (ends - first) >= _OTHER_DAYS) & ((first > 0) | (ends > newest_partial))
        weight, count, _ = inside = [values[ends] - values[first] for values in sums]
        others = [values[-1] - part for values, part in zip(sums, inside, strict=True)]
        is_thin = is_open & (count * others[0] <= _LEFT * others[1] * weight)
        if is_thin.any():
            chance = _chance(weight, count, others, days - (ends - first))
            longest = np.flatnonzero(is_thin & (chance < _CHANCE))
            is_broken[first : ends[longest[-1]] if len(longest) else first] = True
    return is_broken


def _chance(weight: Floats, count: Floats, others: list[Floats], days: Ints) -> Floats:
    """P(so few of all conversions in the stretch), with counts divided by the scatter of the other days."""
    rate = np.divide(others[1], others[0], out=np.zeros_like(weight), where=others[0] > 0)
    around = np.divide(others[2] - others[1] * rate, rate, out=np.zeros_like(weight), where=rate > 0)
    scatter = np.maximum(1.0, around / np.maximum(1, days - 1))
    few, whole = np.floor(count / scatter), np.floor((count + others[1]) / scatter)
    share = np.divide(weight, weight + others[0], out=np.zeros_like(weight), where=weight > 0)
    return np.asarray(bdtr(few, whole.astype(np.int64), share))

"""Which days a volume, such as a goal's conversions, collapsed on: much less than its own last weeks let expect."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, nbdtrik

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOWS = {1: 1e-4, 2: 3e-4, 3: 1e-4, 5: 1.5e-3, 7: 5e-4}
"""Over how many days, up to the one that is judged, a volume is added up, and how improbable the sum must be. A stop of
much shows at once, one of little over several days; long windows of much are judged by what is missing. Of stable
series of 50 days, fewer than 2 % alarm (``python -m tests.benchmarks.health_alarms``)."""
BASELINE = 28
"""Days before the window that say what is usual."""
SHORTEST = 14
"""Days of the baseline without a signal that are needed."""
LEAST_LOSS = 0.5
"""The share of what was to be expected that has to be missing."""
_WEEK = 7
_FEWEST_ALIKE = 2
"""Of each weekday in the baseline, for weekdays to be told apart."""


class Expected(NamedTuple):
    """What windows are held against; shape ``(n,)`` each, NaN where the baseline is too short."""

    mean: Floats
    """How many there would be by the baseline."""
    variance: Floats
    """Of that number: by chance, from the baseline's own uncertainty, and from days that vary more than by chance."""
    most: Floats
    """How many there may be at most, whatever their probability."""
    trust: Floats
    """How far weekdays differ by more than chance, from 0 to 1."""


class Collapse(NamedTuple):
    """A day up to which a volume was too small."""

    day: int
    """The place of the day in the series."""
    since: int
    """The place of the first day of the window, or of the first of those that the windows of days before reach to."""
    value: float
    """Of one day of the window, on average."""
    expected: float
    limit: float
    """Below this a window's average is a signal."""
    days: int = 1
    """How many days the window has."""


class DayLimits(NamedTuple):
    """What single days are held against; shape ``(n,)`` each, NaN where the baseline is too short."""

    center: Floats
    lower: Floats


class Judged(NamedTuple):
    """A volume from day to day, judged."""

    collapses: list[Collapse]
    limits: DayLimits
    """Of a day up to which the volume did not collapse."""


def collapses(volumes: NDArray[np.int64], arrived: float | None = None) -> list[Collapse]:
    """The days up to which a volume was improbably small, and at least half of it missing: see :func:`judged`."""
    return judged(volumes, arrived).collapses


def judged(volumes: NDArray[np.int64], arrived: float | None = None) -> Judged:
    r"""The days up to which a volume was improbably small, and at least half of it missing; and each day's limits.

    A window's sum has, by the baseline before it, a negative binomial distribution: Poisson counts whose rate has a
    Gamma posterior from the baseline, with variances multiplied by the baseline's dispersion :math:`\varphi \ge 1`.
    Each day of a window is expected to be like its own weekday, as far as weekdays differ by more than chance
    (James-Stein). Days with a signal leave the baselines of later days, so that a stop does not become usual at once;
    after three to four weeks it is. The day itself has to be low, too: a window ends with the stop. Where orders come
    in heaps, and on other days none, no distribution of sums fits: a window is no collapse either if days as low as its
    own were so frequent before that they come in a row by chance, as far as weekdays do not explain them.

    :param volumes: shape ``(n,)``: one number for each day, without gaps.
    :param arrived: how much of the last day is over, from 0 to 1, where it may still go on: such a day only prolongs
        a full stop. ``None``: it is over.
    """
    counts = volumes.astype(np.float64)
    found: dict[int, tuple[int, float, float]] = {}
    is_clean = np.ones(len(counts), dtype=np.bool_)
    while True:
        new: dict[int, tuple[int, float, float]] = {}
        for width, tail in WINDOWS.items():
            expected = _expected(counts, is_clean, width, arrived)
            is_low = counts <= (1 - LEAST_LOSS) * expected.mean / width
            for day in np.flatnonzero(is_low & _is_collapse(_trailing(counts, width), expected, tail)).tolist():
                if _as_low_before(counts, is_clean, day, width) * (1 - expected.trust[day]) < tail ** (1 / width):
                    new.setdefault(day, (width, float(expected.mean[day]), float(expected.variance[day])))
        new = {day: window for day, window in new.items() if day not in found}
        if not new:
            merged = _merged(counts, _by_clean_days(counts, is_clean, found, arrived))
            return Judged(merged, _of_single_days(counts, is_clean, arrived))
        found |= new
        for day, (width, _, _) in new.items():
            is_clean[day - width + 1 : day + 1] = False


def _as_low_before(counts: Floats, is_clean: Flags, day: int, width: int) -> float:
    """The share of the baseline's days that were as low as the window's highest."""
    before = slice(max(0, day - width - BASELINE + 1), day - width + 1)
    usual = counts[before][is_clean[before]]
    highest = counts[max(0, day - width + 1) : day + 1].max()
    return float(np.count_nonzero(usual <= highest)) / len(usual)


def _of_single_days(counts: Floats, is_clean: Flags, arrived: float | None) -> DayLimits:
    expected = _expected(counts, is_clean, 1, arrived)
    return DayLimits(expected.mean, np.asarray(_limit(expected.mean, expected.variance, WINDOWS[1])))


def _limit(mean: Floats | float, variance: Floats | float, tail: float) -> Floats | float:
    """Below this a window's sum is improbable, and too much of it missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = mean / variance
        improbable: Floats | float = nbdtrik(tail, mean * share / (1 - share), share)
    return np.where(np.isnan(mean), np.nan, np.fmin(improbable, (1 - LEAST_LOSS) * mean))


def _is_collapse(sums: Floats, expected: Expected, tail: float) -> Flags:
    with np.errstate(invalid="ignore", divide="ignore"):
        share = expected.mean / expected.variance
        is_improbable = betainc(_size(expected.mean, share), sums + 1, share) < tail
        return np.asarray(is_improbable & (sums <= (1 - LEAST_LOSS) * expected.mean) & (sums <= expected.most))


def _size(mean: Floats, share: Floats) -> Floats:
    """The negative binomial distribution's number of successes, from its mean and the mean's share of the variance."""
    return mean * share / (1 - share)


def _trailing(values: Floats, width: int) -> Floats:
    """The sum of each value and those before it, ``width`` in all; fewer at the start."""
    sums = np.cumsum(np.concatenate([np.zeros(width), values]))
    return np.asarray(sums[width:] - sums[:-width])


def _before(values: Floats, width: int) -> Floats:
    """The sum over the baseline before the window of ``width`` days that ends at each day."""
    return np.concatenate([np.zeros(width), _trailing(values, BASELINE)])[: len(values)]


def _expected(counts: Floats, is_clean: Flags, width: int, arrived: float | None) -> Expected:
    clean = is_clean.astype(np.float64)
    days, total, squares = (_before(values, width) for values in (clean, counts * clean, counts**2 * clean))
    most = np.full(len(counts), np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(days >= SHORTEST, (total + 0.5) / days, np.nan)
        flat = (squares - total**2 / days) / (days - 1) / rate
        by_weekday = _by_weekday(counts * clean, clean, width, rate)
        mean = rate * width + by_weekday.trust * (by_weekday.mean - rate * width)
        dispersion = np.maximum(1.0, flat + by_weekday.trust * (by_weekday.dispersion - flat))
        known = rate * days + by_weekday.trust * (by_weekday.known - rate * days)
        if len(mean) and arrived is not None:
            mean[-1] *= (width - 1 + arrived) / width if width > 1 else np.nan
            most[-1] = 0
        return Expected(mean, dispersion * mean * (1 + mean / known), most, by_weekday.trust)


class _Weekdays(NamedTuple):
    mean: Floats
    """What the same days of the weeks before had, on average."""
    known: Floats
    """How many these were in all."""
    dispersion: Floats
    """Within weekdays."""
    trust: Floats
    """How far weekdays differ by more than chance, from 0 to 1."""


def _by_weekday(counts: Floats, clean: Floats, width: int, rate: Floats) -> _Weekdays:
    ahead = np.zeros(BASELINE + _WEEK)
    days = np.arange(len(counts))[:, None] + len(ahead) - np.arange(_WEEK)
    # the same weekdays, one to four weeks before, of each of the seven days that end at the day: shape (4, n, 7)
    alike, are_clean = (
        np.stack([np.concatenate([ahead, values])[days - _WEEK * week] for week in range(1, BASELINE // _WEEK + 1)])
        for values in (counts, clean)
    )
    number, sums = are_clean.sum(axis=0), alike.sum(axis=0)
    within = ((alike**2).sum(axis=0) - sums**2 / number).sum(axis=1)
    usual = rate[:, None] * number
    dispersion = within / (rate * (number - 1).sum(axis=1))
    differ = ((sums - usual) ** 2 / usual).sum(axis=1) / np.maximum(1.0, dispersion)
    trust = np.clip(1 - (_WEEK - 1) / differ, 0.0, 1.0)
    is_known = (number.min(axis=1) >= _FEWEST_ALIKE) & np.isfinite(trust)
    found = (
        (sums / number)[:, :width].sum(axis=1), sums[:, :width].sum(axis=1), dispersion, trust
    )  # fmt: skip
    return _Weekdays(*(np.where(is_known, values, 0.0) for values in found))


def _by_clean_days(
    counts: Floats, is_clean: Flags, found: dict[int, tuple[int, float, float]], arrived: float | None
) -> dict[int, tuple[int, float, float]]:
    """What was to be expected by all days without a signal, where these are enough."""
    by_width = {
        width: _expected(counts, is_clean, width, arrived) for width in {width for width, _, _ in found.values()}
    }
    return {
        day: (width, float(by_width[width].mean[day]), float(by_width[width].variance[day]))
        if np.isfinite(by_width[width].mean[day])
        else (width, mean, variance)
        for day, (width, mean, variance) in found.items()
    }


def _merged(counts: Floats, found: dict[int, tuple[int, float, float]]) -> list[Collapse]:
    """The days in time order; those of one stop have its first day."""
    merged: list[Collapse] = []
    for day, (width, mean, variance) in sorted(found.items()):
        first = day - width + 1
        since = merged[-1].since if merged and merged[-1].day >= first - 1 else first
        value, limit = float(counts[first : day + 1].sum()), float(_limit(mean, variance, WINDOWS[width]))
        merged.append(Collapse(day, min(since, first), value / width, mean / width, limit / width, width))
    return merged

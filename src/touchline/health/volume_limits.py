"""Which days a volume, such as a goal's conversions, collapsed on: much less than its own last weeks let expect."""

from collections.abc import Iterator, Mapping
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import betainc, nbdtrik, pdtr, pdtrc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOWS = {1: 1e-4, 2: 1e-3, 3: 1e-4, 5: 1.5e-3, 7: 5e-4}
"""Over how many days, up to the one that is judged, a volume is added up, and how improbable the sum must be. A stop of
much shows at once, one of little over several days; long windows of much are judged by what is missing. Of stable
series of 50 days, fewer than 2 % alarm (``python -m tests.benchmarks.health_alarms``)."""
_WIDTHS, _TAILS = np.array([*WINDOWS]), np.array([*WINDOWS.values()])
BASELINE = 28
"""Days before the window that say what is usual."""
SHORTEST = 14
"""Days of the baseline without a signal that are needed."""
LEAST_LOSS = 0.5
"""The share of what was to be expected that has to be missing."""
_WEEK = 7
_SURE = 22.46
"""The sum of squares that seven weekdays reach by chance once in 1,000 times (chi-squared, six degrees of freedom)."""
_DOUBTED, _DOUBTED_LONG = 0.01, 0.1
"""Up to this probability, more low days than expected are not there by chance; the less probable, the surer. Long
windows have many low days in a row by chance, so that it takes less to doubt them."""
_RUN_TAIL, _LOW_TAIL = 3e-5, 1e-3
"""How improbable low days have to be together, where such days are more than expected, and where they are not."""
_FEWEST_ALIKE = 2
"""Of each weekday in the baseline, for weekdays to be told apart."""
_FIRST_LOW = 28
"""Days without one as low that make a single day a signal; after fewer, it takes a second one."""
_LONG = 3
"""Windows of this number of days or more are long."""
_LEAST_ALIKE = 0.5
"""Of what is usual on a window's days, the least that other weekdays need to say how often such days are low."""
_HISTORY = 2 * BASELINE
"""Days before the window that say how weekdays differ, and how often days are low whatever is usual."""
_SURELY_CHANCE = 14
"""How many days of purely random counts the dispersion is taken to have been seen on, in addition to the baseline's:
one of 28 days alone is uncertain by a quarter."""


class Expected(NamedTuple):
    """What windows are held against, NaN where the baseline is too short; shape ``(widths, n)`` but for ``most``."""

    mean: Floats
    """How many there would be by the baseline."""
    variance: Floats
    """Of that number: by chance, from the baseline's own uncertainty, and from days that vary more than by chance."""
    most: Floats
    """How many there may be at most, whatever their probability; shape ``(n,)``."""
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
    found: dict[int, _Window] = {}
    is_clean = np.ones(len(counts), dtype=np.bool_)
    while True:
        expected = _expected(counts, is_clean, arrived)
        new: dict[int, _Window] = {}
        for place, day in _collapsed(counts, is_clean, expected):
            if day not in found:
                new.setdefault(day, _window(expected, place, day))
        if not new:
            merged = _merged(counts, {day: _by_clean_days(expected, day, one) for day, one in found.items()})
            return Judged(merged, _of_single_days(expected))
        found |= new
        for day, one in new.items():
            is_clean[day - one.width + 1 : day + 1] = False


class _Window(NamedTuple):
    """A window that collapsed, by what it was held against."""

    place: int
    """Of its width among :data:`WINDOWS`."""
    width: int
    mean: float
    variance: float


def _window(expected: Expected, place: int, day: int) -> _Window:
    return _Window(place, int(_WIDTHS[place]), float(expected.mean[place, day]), float(expected.variance[place, day]))


def _collapsed(counts: Floats, is_clean: Flags, expected: Expected) -> Iterator[tuple[int, int]]:
    """The windows that collapsed: the place of each one's width, and its last day; the shortest first.

    Probabilities cost the most, so that they are asked only of windows of which enough is missing.
    """
    sums = _trailing(counts, _WIDTHS[:, None])
    with np.errstate(invalid="ignore"):
        most = (1 - LEAST_LOSS) * expected.mean
        places, days = np.nonzero((counts <= most / _WIDTHS[:, None]) & (sums <= most) & (sums <= expected.most))
    mean, tails = expected.mean[places, days], _TAILS[places]
    share = mean / expected.variance[places, days]
    is_improbable = betainc(_size(mean, share), sums[places, days] + 1, share) < tails
    for place, day in zip(places[is_improbable].tolist(), days[is_improbable].tolist(), strict=True):
        trust, tail = float(expected.trust[place, day]), float(_TAILS[place])
        first = day - int(_WIDTHS[place]) + 1
        before, window = np.arange(max(0, first - _HISTORY), max(0, first)), np.arange(max(0, first), day + 1)
        lows = {float(counts[window].min()), float(counts[window].max())}
        if all(_is_unlike_chance(counts, before[is_clean[before]], window, low, trust, tail) for low in lows):
            yield place, day


def _is_unlike_chance(
    counts: Floats, before: NDArray[np.int64], window: NDArray[np.int64], low: float, trust: float, tail: float
) -> bool:
    r"""Whether as many days of a window as are low would rarely be so by chance, each of them for itself.

    .. math:: \binom{w}{m} \prod_{j < m} \Big(q_j + (1 - q_j) \frac{(n + 1) e + j}{n + 1 + j}\Big)

    of :math:`m` low days among :math:`w`, where :math:`q_j` is how often the Poisson distribution of what is usual on
    the day is as low, and :math:`e` how many more of the :math:`n` days before were low than that lets expect. Where
    days are empty for themselves, not because little is usual, the days before say how often, and a Beta distribution
    says how well so few days know that. Each four weeks are held against what was usual in them, so that growth is no
    excess. Weekdays that are low as a rule count on neither side, and those with less than half of what is usual on the
    window's days do not speak for these. A single day as low as none of too short a past is no evidence.

    :param before: the places of the days of the history.
    :param window: those of the window's days.
    :param low: days up to this count are low.
    """
    if len(window) == 1 and len(before) < _FIRST_LOW:
        return False
    doubted = _DOUBTED if len(window) < _LONG else _DOUBTED_LONG
    is_recent = before >= window[0] - BASELINE
    usual = _usual(before[is_recent] % _WEEK, counts[before[is_recent]], trust)
    is_quiet = _quiet_weekdays(before % _WEEK, counts[before] <= low)
    window = window[~is_quiet[window % _WEEK]]
    are_low = int((counts[window] <= low).sum())
    if not are_low:
        return False
    is_alike = ~is_quiet & (usual >= _LEAST_ALIKE * usual[window % _WEEK].min())
    parts = [_low_days(counts, days, low, trust, is_alike) for days in (before[is_recent], before[~is_recent])]
    number, were_low, expected = (sum(values) for values in zip(*parts, strict=True))
    if not number:
        return False
    more = 0.0
    if were_low > expected:
        surely = max(0.0, 1 - float(pdtrc(were_low - 1, expected)) / doubted)
        more = surely * (were_low - expected) / (number - expected)
    places = np.arange(are_low)
    again = ((number + 1) * more + places) / (number + 1 + places) if more else 0.0
    likeliest = np.sort(pdtr(low, usual[window % _WEEK]))[-are_low:]
    chance = comb(len(window), are_low) * float(np.prod(likeliest + (1 - likeliest) * again))
    return chance < min(tail, _RUN_TAIL if more else _LOW_TAIL)


def _low_days(
    counts: Floats, days: NDArray[np.int64], low: float, trust: float, is_alike: Flags
) -> tuple[int, int, float]:
    """Of the days of weekdays that are alike: how many, how many are low, and how many would be by what is usual."""
    if not len(days):
        return 0, 0, 0.0
    usual = _usual(days % _WEEK, counts[days], trust)
    days = days[is_alike[days % _WEEK]]
    return len(days), int((counts[days] <= low).sum()), float(pdtr(low, usual[days % _WEEK]).sum())


def _usual(weekdays: NDArray[np.int64], counts: Floats, trust: float) -> Floats:
    """By weekday, what its days have on average, as far as weekdays differ by more than chance."""
    number, overall = np.bincount(weekdays, minlength=_WEEK), float(counts.mean())
    own = np.bincount(weekdays, counts, _WEEK) / np.maximum(number, 1)
    return np.where(number > 0, overall + trust * (own - overall), overall)


def _quiet_weekdays(weekdays: NDArray[np.int64], is_low: Flags) -> Flags:
    """By weekday, whether most of its days are low, where that hangs on the weekday surely."""
    number, low = np.bincount(weekdays, minlength=_WEEK), np.bincount(weekdays, is_low, _WEEK)
    share = float(is_low.mean())
    variance = number * share * (1 - share)
    differ = np.divide((low - number * share) ** 2, variance, out=np.zeros(_WEEK), where=variance > 0).sum()
    return np.asarray((2 * low > number) & (differ > _SURE))


def _of_single_days(expected: Expected) -> DayLimits:
    mean, variance = expected.mean[0], expected.variance[0]
    return DayLimits(mean, np.asarray(_limit(mean, variance, float(_TAILS[0]))))


def _limit(mean: Floats | float, variance: Floats | float, tail: float) -> Floats | float:
    """Below this a window's sum is improbable, and too much of it missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = mean / variance
        improbable: Floats | float = nbdtrik(tail, mean * share / (1 - share), share)
    return np.where(np.isnan(mean), np.nan, np.fmin(improbable, (1 - LEAST_LOSS) * mean))


def _size(mean: Floats, share: Floats) -> Floats:
    """The negative binomial distribution's number of successes, from its mean and the mean's share of the variance."""
    return mean * share / (1 - share)


def _trailing(values: Floats, widths: NDArray[np.int64] | int) -> Floats:
    """The sum of each value and those before it, as many as the width in all; fewer at the start.

    :param widths: a number, or shape ``(widths, 1)``.
    """
    sums, ends = np.concatenate([[0.0], np.cumsum(values)]), np.arange(1, len(values) + 1)
    return np.asarray(sums[ends] - sums[np.maximum(ends - widths, 0)])


def _before(values: Floats) -> Floats:
    """The sum over the baseline before the window of each width that ends at each day, shape ``(widths, n)``."""
    sums = np.concatenate([np.zeros(_WIDTHS[-1]), _trailing(values, BASELINE)])
    return np.asarray(sums[np.arange(len(values)) + (_WIDTHS[-1] - _WIDTHS)[:, None]])


def _expected(counts: Floats, is_clean: Flags, arrived: float | None) -> Expected:
    clean, widths = is_clean.astype(np.float64), _WIDTHS[:, None]
    days, total, squares = (_before(values) for values in (clean, counts * clean, counts**2 * clean))
    most = np.full(len(counts), np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(days >= SHORTEST, (total + 0.5) / days, np.nan)
        flat = (squares - total**2 / days) / (days - 1) / rate
        by_weekday = _by_weekday(counts * clean, clean, rate)
        mean = rate * widths + by_weekday.trust * (by_weekday.mean - rate * widths)
        found, freedom = flat + by_weekday.trust * (by_weekday.dispersion - flat), days - 1 - 6 * by_weekday.trust
        dispersion = np.maximum(1.0, (found * freedom + _SURELY_CHANCE) / (freedom + _SURELY_CHANCE))
        known = rate * days + by_weekday.trust * (np.minimum(by_weekday.known, rate * days) - rate * days)
        if len(counts) and arrived is not None:
            mean[1:, -1] *= (_WIDTHS[1:] - 1 + arrived) / _WIDTHS[1:]
            mean[0, -1] = np.nan
            most[-1] = 0
        return Expected(mean, dispersion * mean * (1 + mean / known), most, by_weekday.trust)


class _Weekdays(NamedTuple):
    """Shape ``(widths, n)`` each."""

    mean: Floats
    """What the same days of the weeks before had, on average."""
    known: Floats
    """How many these were in all."""
    dispersion: Floats
    """Within weekdays."""
    trust: Floats
    """How far weekdays differ by more than chance, from 0 to 1."""


def _by_weekday(counts: Floats, clean: Floats, rate: Floats) -> _Weekdays:
    """What weekdays have, at the baseline's level, but with the differences of the whole history."""
    values = np.array([clean, counts, counts**2])
    number, sums, squares = _alike(values, BASELINE)
    often, total = _alike(values[:2], _HISTORY)
    level = (total.sum(axis=1) / often.sum(axis=1))[:, None]
    own = total / often / level
    dispersion = (squares - sums**2 / number).sum(axis=1) / (rate * (number - 1).sum(axis=1))
    usual = level * often
    differ = ((total - usual) ** 2 / usual).sum(axis=1) / np.maximum(1.0, dispersion)
    trust = np.clip(1 - (_WEEK - 1) / differ, 0.0, 1.0)
    is_known = (number.min(axis=1) >= _FEWEST_ALIKE) & np.isfinite(trust)
    shares, known = (np.cumsum(values, axis=1)[:, _WIDTHS - 1].T for values in (own, total))
    return _Weekdays(*(np.where(is_known, values, 0.0) for values in (shares * rate, known, dispersion, trust)))


def _alike(values: Floats, days: int) -> Floats:
    """Of each of the seven days that end at a day, the sum over the same weekdays in the weeks before.

    :param values: shape ``(k, n)``.
    :returns: shape ``(k, n, 7)``, the day itself first.
    """
    series, number = values.shape
    if not number:
        return np.zeros((series, 0, _WEEK))
    padded = np.zeros((series, days + _WEEK + number - 1))
    padded[:, days + _WEEK - 1 :] = values
    sums = np.zeros((series, number + _WEEK - 1))
    for start in range(0, days, _WEEK):
        sums += padded[:, start : start + number + _WEEK - 1]
    return np.asarray(sliding_window_view(sums, _WEEK, axis=1)[:, :, ::-1])


def _by_clean_days(expected: Expected, day: int, found: _Window) -> _Window:
    """A window with what was to be expected by all days without a signal, where these are enough."""
    return _window(expected, found.place, day) if np.isfinite(expected.mean[found.place, day]) else found


def _merged(counts: Floats, found: Mapping[int, _Window]) -> list[Collapse]:
    """The days in time order; those of one stop have its first day."""
    merged: list[Collapse] = []
    for day, (place, width, mean, variance) in sorted(found.items()):
        first = day - width + 1
        since = merged[-1].since if merged and merged[-1].day >= first - 1 else first
        value, limit = float(counts[first : day + 1].sum()), float(_limit(mean, variance, float(_TAILS[place])))
        merged.append(Collapse(day, min(since, first), value / width, mean / width, limit / width, width))
    return merged

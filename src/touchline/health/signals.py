"""Which limits each day of each rate is held against, and which days fall outside them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from touchline.health.blocks import Blocks, Days, blocks_of, dates_of, number_of, weekdays_of, windows_of
from touchline.health.measures import WORSE_SIDE
from touchline.health.natural_limits import ProcessLimits, at_least_binomial
from touchline.health.rate_limits import RateLimits, rate_limits
from touchline.health.series import keys_of, series_of
from touchline.tables import HEALTH_LIMITS

SHORTEST = 12
"""Days with data that a measure needs before its limits mean anything."""
SMALLEST = 10
"""Conversions or landings that a day needs before its rate means anything."""
LEAST_CHANGE = 0.05
"""How far from the centre, as a share, a day must lie to be worth a person's attention."""

_RAREST = 0.5 / (SHORTEST * SMALLEST + 1)
"""How rare a case is taken to be that the fewest days with limits never showed (the mean of Jeffreys' posterior)."""

_MOST_KEPT = 200
"""Limits of measures without a case that are kept at a time: those of some years of one site."""
_SERIES = ("organization_id", "site_id", "channel", "measure")
_LIMITS = ("center", "lower_limit", "upper_limit")

Floats = NDArray[np.float64]
Window = tuple[date, date]


def limits_of_rates(rates: pa.Table, windows: Mapping[str, Window], blocks: Blocks | None = None) -> pa.Table:
    """The limits that each day with enough behind it is held against, as rows of ``health_limits``.

    Where ``fit_id`` is not empty, they are those of the fit, else those of the four weeks of the day, from the days of
    its series around these; a day with too few such days has no row.

    :param rates: what ``daily_rates.sql`` selects, ordered by series and period; one row per series and day.
    :param windows: by fit, the first and the last day of its baseline.
    :param blocks: which four weeks of which sites are judged; ``None``: all.
    """
    rates = rates.filter(pc.greater(rates["denominator"], 0))
    made = _Made(_floats(rates, "numerator"), _floats(rates, "denominator"), _days(rates["period"]))
    every = series_of(rates, _SERIES)
    for series, (organization_id, site_id, *_) in zip(every, keys_of(rates, _SERIES, every), strict=True):
        periods = made.periods[series]
        made.judge(series, blocks_of(periods) if blocks is None else blocks.get((organization_id, site_id), []))
    is_locked = pc.not_equal(rates["fit_id"], "").to_numpy() & (made.blocks >= 0)
    for place in np.flatnonzero(is_locked).tolist():
        made.first[place], made.last[place] = (number_of(day) for day in windows[rates["fit_id"][place].as_py()])
    if is_locked.any():
        made.limits[:, is_locked] = _locked(rates)[:, is_locked]
    return _rows(rates, made)


class _Made:
    """The limits of days, made one series after the other."""

    def __init__(self, counts: Floats, sizes: Floats, periods: Days) -> None:
        self.counts, self.sizes, self.periods = counts, sizes, periods
        self.limits = np.full((3, len(counts)), np.nan)
        self.blocks = np.full(len(counts), -1, np.int32)
        self.first, self.last = periods.copy(), periods.copy()
        self._of_none: dict[tuple[bytes, bytes, int, int], RateLimits] = {}

    def judge(self, series: slice, starts: list[int]) -> None:
        """Judge the blocks of one series.

        Days with little behind them have no limits, but say as well what is usual: on a quiet weekend there may be none
        but such.
        """
        counts, sizes, periods = self.counts[series], self.sizes[series], self.periods[series]
        for start, own, used in windows_of(periods, starts):
            days = slice(series.start + own.start, series.start + own.stop)
            self.blocks[days] = start
            self.first[days], self.last[days] = periods[used.start], periods[used.stop - 1]
            if np.count_nonzero(sizes[used] >= SMALLEST) >= SHORTEST:
                wanted = slice(own.start - used.start, own.stop - used.start)
                self.limits[:, days] = self._limits_of(counts[used], sizes[used], weekdays_of(periods[used]), wanted)

    def _limits_of(self, counts: Floats, sizes: Floats, weekdays: NDArray[np.int64], wanted: slice) -> RateLimits:
        """The limits, made once where several measures of the same cases never have one."""
        if counts.any():
            return rate_limits(counts, sizes, weekdays, wanted)
        given = (sizes.tobytes(), weekdays.tobytes(), wanted.start, wanted.stop)
        if given not in self._of_none:
            if len(self._of_none) >= _MOST_KEPT:
                self._of_none.clear()
            self._of_none[given] = rate_limits(counts, sizes, weekdays, wanted)
        return self._of_none[given]


def _rows(rates: pa.Table, judged: _Made) -> pa.Table:
    """The days that have limits and enough behind them, in the columns of the table."""
    made = {name: rates[name] for name in (*_SERIES, "period", "numerator", "denominator", "fit_id")}
    made |= {name: pa.array(values) for name, values in zip(_LIMITS, judged.limits, strict=True)}
    made |= {"baseline_start": dates_of(judged.first), "baseline_end": dates_of(judged.last)}
    made |= {"block_start": dates_of(judged.blocks), "goal": pa.array([""] * len(rates), pa.string())}
    found = pa.table({name: made[name] for name in HEALTH_LIMITS.column_names})
    return found.filter(pa.array(np.isfinite(judged.limits[0]) & (judged.sizes >= SMALLEST)))


def _floats(rates: pa.Table, name: str) -> Floats:
    return np.asarray(rates[name].cast(pa.float64()).to_numpy(), np.float64)


def _days(periods: pa.ChunkedArray) -> Days:
    return np.asarray(periods.cast(pa.int32()).to_numpy())


def _locked(rates: pa.Table) -> Floats:
    """The limits of the fits that serve the days, as wide as each day's denominator makes rare cases vary.

    Of a day without a fit, NaN.
    """
    center, lower, upper = (_floats(rates, name) for name in ("centre", "lower_limit", "upper_limit"))
    rate = np.clip(center, _RAREST, 1 - _RAREST)
    return np.array([center, *at_least_binomial(lower, upper, _floats(rates, "denominator"), rate)])


def signals(limits: pa.Table) -> list[dict[str, Any]]:
    """The days outside their limits, on the side on which less was known than usual, as rows of ``health_signals``.

    ``since`` is the first of the days in a row, within four weeks, that are outside on that side; days with too little
    behind them, which have no limits, do not count.

    :param limits: rows of ``health_limits`` that are of rates, ordered by series and period.
    """
    values = _floats(limits, "numerator") / _floats(limits, "denominator")
    center, lower, upper = (_floats(limits, name) for name in ("center", "lower_limit", "upper_limit"))
    worse = np.array([WORSE_SIDE.get(measure, "") for measure in limits["measure"].to_pylist()], dtype=object)
    is_above = (values > upper) & ~np.isin(worse, ("below", "neither"))
    is_below = (values < lower) & ~np.isin(worse, ("above", "neither"))
    is_far = np.abs(values - center) >= LEAST_CHANGE
    rows = []
    for is_outside, direction in ((is_above & is_far, "above"), (is_below & is_far, "below")):
        since = _since(is_outside, series_of(limits, (*_SERIES, "block_start")))
        for place in np.flatnonzero(is_outside).tolist():
            day = limits.slice(place, 1).to_pylist()[0]
            first = limits["period"][since[place]].as_py()
            found = {"direction": direction, "since": first, "value": float(values[place]), "centre": day["center"]}
            rows.append((place, day | found))
    return [row for _, row in sorted(rows, key=lambda found: found[0])]


def _since(is_outside: NDArray[np.bool_], series: list[slice]) -> list[int]:
    """Of each place, the first of the places in a row, within its series, that are outside."""
    begins = is_outside & ~np.concatenate([[False], is_outside[:-1]])
    for one in series:
        begins[one.start] = is_outside[one.start]
    places = np.where(begins, np.arange(len(is_outside)), 0)
    return [int(place) for place in np.maximum.accumulate(places)] if len(places) else []


def limits_to_lock(days: list[dict[str, Any]]) -> ProcessLimits | None:
    """The limits of a series for days with as much behind them as its usual ones, whatever the weekday.

    ``None``: such days are too few.

    :param days: ``numerator`` and ``denominator`` of each day, in time order.
    """
    telling = [day for day in days if day["denominator"] >= SMALLEST]
    if len(telling) < SHORTEST:
        return None
    counts, sizes = (np.array([day[name] for day in telling], np.float64) for name in ("numerator", "denominator"))
    limits = rate_limits(counts, sizes, None)
    by_size = sorted(range(len(telling)), key=lambda day: telling[day]["denominator"])
    return _on(limits, by_size[len(by_size) // 2])


def _on(limits: RateLimits, day: int) -> ProcessLimits:
    return ProcessLimits(float(limits.center[day]), float(limits.lower[day]), float(limits.upper[day]))

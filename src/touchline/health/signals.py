"""Which limits each day of each rate is held against, and which days fall outside them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from touchline.health.measures import WORSE_SIDE
from touchline.health.natural_limits import ProcessLimits, at_least_binomial
from touchline.health.rate_limits import RateLimits, rate_limits
from touchline.tables import HEALTH_LIMITS

SHORTEST = 12
"""Days with data that a measure needs before its limits mean anything."""
SMALLEST = 10
"""Conversions or landings that a day needs before its rate means anything."""
LEAST_CHANGE = 0.05
"""How far from the centre, as a share, a day must lie to be worth a person's attention."""

_RAREST = 0.5 / (SHORTEST * SMALLEST + 1)
"""How rare a case is taken to be that the fewest days with limits never showed (the mean of Jeffreys' posterior)."""

_SERIES = ("organization_id", "site_id", "channel", "measure")
_LIMITS = ("center", "lower_limit", "upper_limit")
_MONDAY = 3
"""1970-01-01, from which Arrow counts days, was a Thursday."""

Floats = NDArray[np.float64]
Window = tuple[date, date]


def limits_of_rates(rates: pa.Table, windows: Mapping[str, Window]) -> pa.Table:
    """The limits that each day with enough behind it is held against, as rows of ``health_limits``.

    Where ``fit_id`` is not empty, they are those of the fit, else those of the day's own series; a day of a series that
    is too short for limits has no row.

    :param rates: what ``daily_rates.sql`` selects, ordered by series and period; one row per series and day.
    :param windows: by fit, the first and the last day of its baseline.
    """
    telling = rates.filter(pc.greater_equal(rates["denominator"], SMALLEST))
    counts, sizes = (_floats(telling, name) for name in ("numerator", "denominator"))
    periods = _days(telling["period"])
    own = np.full((3, len(counts)), np.nan)
    first, last = periods.copy(), periods.copy()
    for series in _series(telling):
        first[series], last[series] = periods[series][0], periods[series][-1]
        if len(periods[series]) >= SHORTEST:
            own[:, series] = rate_limits(
                counts[series], sizes[series], ((periods[series] + _MONDAY) % 7).astype(np.int64)
            )
    fits = telling["fit_id"].to_pylist()
    for place in np.flatnonzero([bool(fit) for fit in fits]).tolist():
        first[place], last[place] = (_number(day) for day in windows[fits[place]])
    own = np.where([bool(fit) for fit in fits], _locked(telling), own)
    return _rows(telling, own, first, last)


def _rows(telling: pa.Table, limits: Floats, first: NDArray[np.int32], last: NDArray[np.int32]) -> pa.Table:
    """The days that have limits, in the columns of the table."""
    made = {name: telling[name] for name in (*_SERIES, "period", "numerator", "denominator", "fit_id")}
    made |= {name: pa.array(values) for name, values in zip(_LIMITS, limits, strict=True)}
    made |= {"baseline_start": _dates(first), "baseline_end": _dates(last)}
    made |= {"goal": pa.array([""] * len(telling), pa.string())} | {name: made[name] for name in _SERIES}
    found = pa.table({name: made[name] for name in HEALTH_LIMITS.column_names})
    return found.filter(pa.array(np.isfinite(limits[0])))


def _series(rates: pa.Table) -> list[slice]:
    """Where each series stands."""
    if not len(rates):
        return []
    codes = [
        rates[name].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False) for name in _SERIES
    ]
    starts = np.flatnonzero(np.any([np.diff(code, prepend=-1) != 0 for code in codes], axis=0)).tolist()
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], len(rates)], strict=True)]


def _floats(rates: pa.Table, name: str) -> Floats:
    return np.asarray(rates[name].cast(pa.float64()).to_numpy(), np.float64)


def _days(periods: pa.ChunkedArray) -> NDArray[np.int32]:
    return np.asarray(periods.cast(pa.int32()).to_numpy())


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _dates(days: NDArray[np.int32]) -> pa.Array:
    return pa.array(days, pa.int32()).cast(pa.date32())


def _locked(rates: pa.Table) -> Floats:
    """The limits of the fits that serve the days, as wide as each day's denominator makes rare cases vary.

    Of a day without a fit, NaN.
    """
    center, lower, upper = (_floats(rates, name) for name in ("centre", "lower_limit", "upper_limit"))
    rate = np.clip(center, _RAREST, 1 - _RAREST)
    return np.array([center, *at_least_binomial(lower, upper, _floats(rates, "denominator"), rate)])


def signals(limits: pa.Table) -> list[dict[str, Any]]:
    """The days outside their limits, on the side on which less was known than usual, as rows of ``health_signals``.

    ``since`` is the first of the days in a row that are outside on that side; days with too little behind them, which
    have no limits, do not count.

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
        since = _since(is_outside, _series(limits))
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

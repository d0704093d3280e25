"""Which days of which rate fall outside their limits."""

from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from touchline.health.measures import WORSE_SIDE
from touchline.health.natural_limits import ProcessLimits, at_least_binomial
from touchline.health.rate_limits import RateLimits, rate_limits

SHORTEST = 12
"""Days with data that a measure needs before its limits mean anything."""
SMALLEST = 10
"""Conversions or landings that a day needs before its rate means anything."""
LEAST_CHANGE = 0.05
"""How far from the centre, as a share, a day must lie to be worth a person's attention."""

_RAREST = 0.5 / (SHORTEST * SMALLEST + 1)
"""How rare a case is taken to be that the fewest days with limits never showed (the mean of Jeffreys' posterior)."""

_SERIES = ("organization_id", "site_id", "channel", "measure")


def signals(rates: pa.Table) -> list[dict[str, Any]]:
    """The days outside their limits, on the side on which less was known than usual, as rows of ``health_signals``.

    :param rates: what ``daily_rates.sql`` selects, ordered by series and period; one row per series and day. Where
        ``fit_id`` is not empty, the day is held against its limits, else against those of its own series.
    """
    rows: list[dict[str, Any]] = []
    for series, days in groupby(rates.to_pylist(), key=lambda row: tuple(row[name] for name in _SERIES)):
        rows += [dict(zip(_SERIES, series, strict=True)) | found for found in _outside(list(days))]
    return rows


def limits_of(days: list[dict[str, Any]], fit: dict[str, Any] | None = None) -> ProcessLimits | None:
    """The limits of a series' newest day that counts enough; ``None`` where such days are too few.

    :param days: ``period``, ``numerator`` and ``denominator`` of each day, in time order.
    :param fit: ``fit_id``, ``centre``, ``lower_limit`` and ``upper_limit`` of the fit that serves the newest day.
    """
    telling = _telling(days)
    if fit is not None:
        return locked_limits((telling or days)[-1] | fit)
    limits = _own_limits(telling, has_weekdays=True)
    return None if limits is None else _on(limits, -1)


def limits_to_lock(days: list[dict[str, Any]]) -> ProcessLimits | None:
    """The limits of a series for days with as much behind them as its usual ones, whatever the weekday."""
    telling = _telling(days)
    limits = _own_limits(telling, has_weekdays=False)
    if limits is None:
        return None
    by_size = sorted(range(len(telling)), key=lambda day: telling[day]["denominator"])
    return _on(limits, by_size[len(by_size) // 2])


def _telling(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [day for day in days if day["denominator"] >= SMALLEST]


def _own_limits(days: list[dict[str, Any]], *, has_weekdays: bool) -> RateLimits | None:
    if len(days) < SHORTEST:
        return None
    counts, sizes = (np.array([day[name] for day in days], np.float64) for name in ("numerator", "denominator"))
    weekdays = np.array([day["period"].weekday() for day in days]) if has_weekdays else None
    return rate_limits(counts, sizes, weekdays)


def _on(limits: RateLimits, day: int) -> ProcessLimits:
    return ProcessLimits(float(limits.center[day]), float(limits.lower[day]), float(limits.upper[day]))


def _outside(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The days beyond their limits: those of the fit that serves the day, else those of the series itself."""
    telling = _telling(days)
    own = _own_limits(telling, has_weekdays=True)
    rows = []
    for place, day in enumerate(telling):
        limits = locked_limits(day) or (None if own is None else _on(own, place))
        if limits is not None and (found := _judged(day, limits)):
            rows.append(found)
    return rows


def locked_limits(day: dict[str, Any]) -> ProcessLimits | None:
    """The limits of the fit that serves the day, as wide as the day's denominator makes rare cases vary.

    ``None``: there is no fit for this measure of this site.
    """
    if not day["fit_id"]:
        return None
    rate = min(max(day["centre"], _RAREST), 1 - _RAREST)
    return ProcessLimits(
        day["centre"], *at_least_binomial(day["lower_limit"], day["upper_limit"], day["denominator"], rate)
    )


def _judged(day: dict[str, Any], limits: ProcessLimits) -> dict[str, Any] | None:
    value = day["numerator"] / day["denominator"]
    side = "above" if value > limits.upper else "below" if value < limits.lower else "inside"
    is_fine = side == "inside" or side != WORSE_SIDE.get(day["measure"], side)
    if is_fine or abs(value - limits.centre) < LEAST_CHANGE:
        return None
    return {
        "goal": "",
        "period": day["period"],
        "direction": side,
        "since": day["period"],
        "value": value,
        "centre": limits.centre,
        "lower_limit": limits.lower,
        "upper_limit": limits.upper,
        "fit_id": day["fit_id"],
    }

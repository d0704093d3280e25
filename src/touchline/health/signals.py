"""Which days of which measure fall outside the natural process limits."""

from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from touchline.health.limits import ProcessLimits, process_limits
from touchline.health.measures import WORSE_SIDE
from touchline.health.natural_limits import at_least_binomial
from touchline.tables import HEALTH_SIGNALS

SHORTEST = 12
"""Days with data that a measure needs before its limits mean anything."""
SMALLEST = 10
"""Conversions or landings that a day needs before its rate means anything."""
LEAST_CHANGE = 0.05
"""How far from the centre, as a share, a day must lie to be worth a person's attention."""

_RAREST = 0.5 / (SHORTEST * SMALLEST + 1)
"""How rare a case is taken to be that the fewest days with limits never showed (the mean of Jeffreys' posterior)."""

_SERIES = ("organization_id", "site_id", "channel", "measure")


def signals(rates: pa.Table) -> pa.Table:
    """The days outside their limits, on the side on which less was known than usual.

    :param rates: what ``daily_rates.sql`` selects, ordered by series and period; one row per series and day. Where
        ``fit_id`` is not empty, the day is held against its limits, else against those of its own series.
    :returns: rows of ``health_signals``; ``direction`` is ``above`` or ``below``.
    """
    rows: list[dict[str, Any]] = []
    for series, days in groupby(rates.to_pylist(), key=lambda row: tuple(row[name] for name in _SERIES)):
        rows += [dict(zip(_SERIES, series, strict=True)) | found for found in _outside(list(days))]
    return HEALTH_SIGNALS.arrow(rows)


def limits_of(days: list[dict[str, Any]]) -> ProcessLimits | None:
    """The limits of one series, from its days that count enough; ``None`` where those are too few.

    :param days: ``numerator`` and ``denominator`` of each day, in time order.
    """
    rates = _rates(_telling(days))
    return process_limits(rates) if len(rates) >= SHORTEST else None


def _telling(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [day for day in days if day["denominator"] >= SMALLEST]


def _rates(days: list[dict[str, Any]]) -> NDArray[np.float64]:
    return np.array([day["numerator"] / day["denominator"] for day in days])


def _outside(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The days beyond their limits: those of the fit that serves the day, else those of the series itself."""
    own = limits_of(days)
    judged = ((day, locked_limits(day) or own) for day in _telling(days))
    return [found for day, limits in judged if limits is not None and (found := _judged(day, limits))]


def locked_limits(day: dict[str, Any]) -> ProcessLimits | None:
    """The limits of the fit that serves the day; ``None``: there is none for this measure of this site."""
    return ProcessLimits(day["centre"], day["lower_limit"], day["upper_limit"]) if day["fit_id"] else None


def _judged(day: dict[str, Any], limits: ProcessLimits) -> dict[str, Any] | None:
    value = day["numerator"] / day["denominator"]
    rate = min(max(limits.centre, _RAREST), 1 - _RAREST)
    lower, upper = at_least_binomial(limits.lower, limits.upper, day["denominator"], rate)
    side = "above" if value > upper else "below" if value < lower else "inside"
    is_fine = side == "inside" or side != WORSE_SIDE.get(day["measure"], side)
    if is_fine or abs(value - limits.centre) < LEAST_CHANGE:
        return None
    return {
        "period": day["period"],
        "direction": side,
        "value": value,
        "centre": limits.centre,
        "lower_limit": lower,
        "upper_limit": upper,
        "fit_id": day["fit_id"],
    }

"""Which days of which volume collapsed: from the days that have rows to series without gaps."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from touchline.health.volume_limits import BASELINE, collapses

_SERIES = ("organization_id", "site_id", "measure", "goal")
Row = dict[str, Any]


def volume_signals(volumes: pa.Table) -> list[Row]:
    """The days up to which a volume collapsed, as rows of ``health_signals``.

    A day without a row, between the first day of the series and the newest day on which anything of the site is known,
    counts as 0. That newest day may still be going on: it is over by as much as its landings are of the usual ones, and
    prolongs a full stop, but alone is no collapse.

    :param volumes: what ``daily_volumes.sql`` selects, ordered by series and period; one row per series and day.
    """
    series = {key: list(days) for key, days in groupby(volumes.to_pylist(), key=_key)}
    newest: dict[tuple[str, str], date] = defaultdict(lambda: date.min)
    for (organization_id, site_id, *_), days in series.items():
        newest[organization_id, site_id] = max(newest[organization_id, site_id], days[-1]["period"])
    rows: list[Row] = []
    for key, days in series.items():
        last = newest[key[:2]]
        arrived = 0.0 if key[2] == "landings" else _arrived(series.get((*key[:2], "landings", ""), []), last)
        rows += [dict(zip(_SERIES, key, strict=True)) | found for found in _of_series(days, last, arrived)]
    return rows


def _key(row: Row) -> tuple[str, str, str, str]:
    return row["organization_id"], row["site_id"], row["measure"], row["goal"]


def without_gaps(days: list[Row], last: date) -> NDArray[np.int64]:
    """One number for each day from that of the first row to ``last``; 0 where there is no row.

    >>> without_gaps([{"period": date(2026, 1, 1), "volume": 5}], date(2026, 1, 3))
    array([5, 0, 0])
    """
    counts = np.zeros((last - days[0]["period"]).days + 1, dtype=np.int64)
    counts[[(day["period"] - days[0]["period"]).days for day in days]] = [day["volume"] for day in days]
    return counts


def _arrived(landings: list[Row], last: date) -> float:
    """How much of the last day is over, by its landings."""
    if not landings:
        return 0.0
    counts = without_gaps(landings, last)
    usual = float(counts[-BASELINE - 1 : -1].mean()) if len(counts) > 1 else 0.0
    return min(1.0, float(counts[-1]) / usual) if usual else 0.0


def _of_series(days: list[Row], last: date, arrived: float) -> list[Row]:
    first = days[0]["period"]
    return [
        {
            "channel": "",
            "period": first + timedelta(days=found.day),
            "direction": "below",
            "since": first + timedelta(days=found.since),
            "value": found.value,
            "centre": found.expected,
            "lower_limit": found.limit,
            "upper_limit": None,
            "fit_id": "",
        }
        for found in collapses(without_gaps(days, last), arrived)
    ]

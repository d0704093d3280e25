"""Each day's limits of each volume, and which days collapsed: from the days that have rows to series without gaps."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from touchline.health.volume_limits import BASELINE, Collapse, Judged, judged
from touchline.tables import HEALTH_LIMITS

_SERIES = ("organization_id", "site_id", "measure", "goal")
Row = dict[str, Any]


def judged_volumes(volumes: pa.Table) -> tuple[pa.Table, list[Row]]:
    """Every day's limits, as rows of ``health_limits``, and the days of a collapse, as rows of ``health_signals``.

    A day without a row, between the first day of the series and the newest day on which anything of the site is known,
    counts as 0. That newest day may still be going on: it is over by as much as its landings are of the usual ones, and
    prolongs a full stop, but alone is no collapse. The limits of a day with a signal are those of the days that its
    value is the average of: these days are the ``denominator``.

    :param volumes: what ``daily_volumes.sql`` selects, ordered by series and period; one row per series and day.
    """
    series = {key: list(days) for key, days in groupby(volumes.to_pylist(), key=_key)}
    newest: dict[tuple[str, str], date] = defaultdict(lambda: date.min)
    for (organization_id, site_id, *_), days in series.items():
        newest[organization_id, site_id] = max(newest[organization_id, site_id], days[-1]["period"])
    limits: list[pa.Table] = [HEALTH_LIMITS.arrow([])]
    rows: list[Row] = []
    for key, days in series.items():
        last = newest[key[:2]]
        arrived = 0.0 if key[2] == "landings" else _arrived(series.get((*key[:2], "landings", ""), []), last)
        counts, first = without_gaps(days, last), days[0]["period"]
        found, head = judged(counts, arrived), {"channel": "", "fit_id": ""} | dict(zip(_SERIES, key, strict=True))
        limits.append(_limits(counts, first, found, head))
        rows += [head | _signal(first, one) for one in found.collapses]
    return pa.concat_tables(limits), rows


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


def _limits(counts: NDArray[np.int64], first: date, found: Judged, head: Row) -> pa.Table:
    """The days that have limits, in the columns of the table."""
    center, lower = found.limits.center.copy(), found.limits.lower.copy()
    sums, widths = counts.copy(), np.ones(len(counts), dtype=np.int64)
    for one in found.collapses:
        center[one.day], lower[one.day], widths[one.day] = one.expected, one.limit, one.days
        sums[one.day] = counts[one.day - one.days + 1 : one.day + 1].sum()
    places = np.flatnonzero(np.isfinite(center))
    ends = places - widths[places]
    columns = {
        "period": _dates(first, places), "numerator": pa.array(sums[places]), "denominator": pa.array(widths[places]),
        "center": pa.array(center[places]), "lower_limit": pa.array(lower[places]),
        "upper_limit": pa.nulls(len(places), pa.float64()),
        "baseline_start": _dates(first, np.maximum(ends - BASELINE + 1, 0)), "baseline_end": _dates(first, ends),
    }  # fmt: skip
    columns |= {name: pa.array([value] * len(places), pa.string()) for name, value in head.items()}
    return pa.table({name: columns[name] for name in HEALTH_LIMITS.column_names})


def _dates(first: date, places: NDArray[np.int64]) -> pa.Array:
    start = first.toordinal() - date(1970, 1, 1).toordinal()
    return pa.array((places + start).astype(np.int32)).cast(pa.date32())


def _signal(first: date, found: Collapse) -> Row:
    return {
        "period": first + timedelta(days=found.day),
        "direction": "below",
        "since": first + timedelta(days=found.since),
        "value": found.value,
        "centre": found.expected,
        "lower_limit": found.limit,
        "upper_limit": None,
    }

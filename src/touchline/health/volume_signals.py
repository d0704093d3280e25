"""Each day's limits of each volume, and which days collapsed: from the days that have rows to series without gaps."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from touchline.health.blocks import DAYS, Blocks, Days, blocks_of, dates_of, day_of, within
from touchline.health.series import keys_of, series_of
from touchline.health.volume_limits import BASELINE, Collapse, Judged, judged
from touchline.tables import HEALTH_LIMITS

_SERIES = ("organization_id", "site_id", "measure", "goal")
_LEAD = 2 * BASELINE
"""Days before a block from which on its volumes are judged: its first days' baseline, and the baseline of that."""
_DAYS = ("period", "baseline_start", "baseline_end")
"""Columns of days as numbers."""
Row = dict[str, Any]
Counts = NDArray[np.int64]


class _Volume(NamedTuple):
    """The days of a series that have rows."""

    periods: Days
    counts: Counts

    def without_gaps(self, first: int, end: int) -> tuple[int, Counts]:
        """The first day of the series from ``first`` to before ``end``, and a number for each day from it on.

        >>> _Volume(np.array([3, 5], np.int32), np.array([7, 9])).without_gaps(0, 6)
        (3, array([7, 0, 9]))
        """
        places = within(self.periods, first, end)
        begin = int(self.periods[places][0]) if places.start < places.stop else end
        counts = np.zeros(end - begin, dtype=np.int64)
        counts[self.periods[places] - begin] = self.counts[places]
        return begin, counts

    def arrived(self, newest: int) -> float:
        """How much of the newest day is over, where these are landings."""
        _, counts = self.without_gaps(newest - BASELINE, newest + 1)
        usual = float(counts[:-1].mean()) if len(counts) > 1 else 0.0
        return min(1.0, float(counts[-1]) / usual) if usual else 0.0


_NOTHING = _Volume(np.array([], np.int32), np.array([], np.int64))


def judged_volumes(volumes: pa.Table, blocks: Blocks | None = None) -> tuple[pa.Table, list[Row]]:
    """Every day's limits, as rows of ``health_limits``, and the days of a collapse, as rows of ``health_signals``.

    A day without a row, between the first day of the series and the newest day on which anything of the site is known,
    counts as 0; of four weeks without any row of the site, no day is judged. That newest day may still be going on:
    it is over by as much as its landings are of the usual ones, and prolongs a full stop, but alone is no collapse. The
    limits of a day with a signal are those of the days that its value is the average of: these days are the
    ``denominator``.

    :param volumes: what ``daily_volumes.sql`` selects, ordered by series and period; one row per series and day.
    :param blocks: which four weeks of which sites are judged; ``None``: all that have a row.
    """
    series = _by_series(volumes)
    of_sites: dict[tuple[str, ...], list[Days]] = defaultdict(list)
    for key, one in series.items():
        of_sites[key[:2]].append(one.periods)
    newest = {site: max(int(periods[-1]) for periods in found) for site, found in of_sites.items()}
    starts = {site: blocks_of(np.concatenate(found)) for site, found in of_sites.items()} if blocks is None else blocks
    limits: list[Row] = []
    rows: list[Row] = []
    for key, one in series.items():
        site, head = key[:2], {"channel": "", "fit_id": ""} | dict(zip(_SERIES, key, strict=True))
        landings = _NOTHING if key[2] == "landings" else series.get((*site, "landings", ""), _NOTHING)
        for start in starts.get((key[0], key[1]), ()):
            first, counts = one.without_gaps(start - _LEAD, min(start + DAYS, newest[site] + 1))
            is_newest = start <= newest[site] < start + DAYS
            found = judged(counts, landings.arrived(newest[site]) if is_newest else None)
            lead, own = max(start - first, 0), head | {"block_start": day_of(start)}
            limits.append(_limits(counts, first, found, own, lead))
            rows += [own | _signal(first, one) for one in found.collapses if one.day >= lead]
    return _table(limits), rows


def _by_series(volumes: pa.Table) -> dict[tuple[str, ...], _Volume]:
    periods = volumes["period"].cast(pa.int32()).to_numpy()
    counts = volumes["volume"].to_numpy()
    every = series_of(volumes, _SERIES)
    keys = keys_of(volumes, _SERIES, every)
    return {key: _Volume(periods[one], counts[one]) for key, one in zip(keys, every, strict=True)}


def _table(limits: list[Row]) -> pa.Table:
    """What :func:`_limits` found of each volume, as rows of ``health_limits``."""
    if not limits:
        return HEALTH_LIMITS.arrow([])
    lengths = [len(one["numerator"]) for one in limits]
    columns: dict[str, pa.Array] = {"upper_limit": pa.nulls(sum(lengths), pa.float64())}
    for name in limits[0]:
        values = [one[name] for one in limits]
        if isinstance(values[0], np.ndarray):
            whole = np.concatenate(values)
            columns[name] = dates_of(whole) if name in _DAYS else pa.array(whole)
        else:
            columns[name] = pa.array(values).take(pa.array(np.repeat(np.arange(len(values)), lengths)))
    return pa.table({name: columns[name] for name in HEALTH_LIMITS.column_names})


def _limits(counts: Counts, first: int, found: Judged, head: Row, lead: int) -> Row:
    """Columns of the days from place ``lead`` on that have limits: arrays, or what all of them have."""
    center, lower = found.limits.center.copy(), found.limits.lower.copy()
    sums, widths = counts.copy(), np.ones(len(counts), dtype=np.int64)
    for one in found.collapses:
        center[one.day], lower[one.day], widths[one.day] = one.expected, one.limit, one.days
        sums[one.day] = counts[one.day - one.days + 1 : one.day + 1].sum()
    places = np.flatnonzero(np.isfinite(center) & (np.arange(len(counts)) >= lead))
    ends = places - widths[places]
    return head | {
        "period": places + first, "numerator": sums[places], "denominator": widths[places],
        "center": center[places], "lower_limit": lower[places],
        "baseline_start": np.maximum(ends - BASELINE + 1, 0) + first, "baseline_end": ends + first,
    }  # fmt: skip


def _signal(first: int, found: Collapse) -> Row:
    return {
        "period": day_of(first + found.day),
        "direction": "below",
        "since": day_of(first + found.since),
        "value": found.value,
        "centre": found.expected,
        "lower_limit": found.limit,
        "upper_limit": None,
    }

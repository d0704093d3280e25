"""Health of a part: of one goal, of one channel, or week by week, judged by the same rules as whole days."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Literal

import pyarrow as pa

from touchline.health.measures import MEASURES
from touchline.health.signals import limits_of_rates, signals
from touchline.reports.limits import Limits, limits_by_series
from touchline.reports.periods import first_day
from touchline.reports.queries import Row
from touchline.reports.volumes import HealthVolume, VolumePoint

Per = Literal["day", "week"]

_OF_SIGNALS = (
    "site_id", "measure", "goal", "period", "direction", "since", "value", "centre", "lower_limit", "upper_limit",
    "fit_id",
)  # fmt: skip
"""What ``signals_by_day.sql`` selects."""


def by_week(measured: list[Row]) -> list[Row]:
    """The days of measures added up by week, under the Monday of each.

    >>> day = {"site_id": "s", "measure": "m", "is_stored": True, "numerator": 1, "denominator": 2}
    >>> [week] = by_week([day | {"period": date(2026, 3, 3)}, day | {"period": date(2026, 3, 8)}])
    >>> week["period"].isoformat(), week["numerator"], week["denominator"]
    ('2026-03-02', 2, 4)
    """
    weeks: dict[tuple[str, str, date], Row] = {}
    for row in measured:
        monday = first_day(row["period"], "week")
        week = weeks.setdefault(
            (row["site_id"], row["measure"], monday), {**row, "period": monday, "numerator": 0, "denominator": 0}
        )
        week["numerator"] += row["numerator"]
        week["denominator"] += row["denominator"]
    return list(weeks.values())


def judge_parts(points: list[Row]) -> tuple[Limits, list[Row]]:
    """The limits of the days or weeks of a part, and those outside, as the stored ones of whole days are selected."""
    own = {"organization_id": "", "channel": "", "fit_id": "", "centre": None, "lower_limit": None, "upper_limit": None}
    series = [own | row for row in points if row["measure"] in MEASURES]
    if not series:
        return {}, []
    series.sort(key=lambda row: (row["site_id"], row["measure"], row["period"]))
    limits = limits_of_rates(pa.Table.from_pylist(series), {})
    found = [{name: row[name] for name in _OF_SIGNALS} for row in signals(limits)]
    return limits_by_series(limits.to_pylist()), found


def volumes_by_week(volumes: tuple[HealthVolume, ...]) -> tuple[HealthVolume, ...]:
    """The volumes with a point for each week."""
    return tuple(replace(one, points=_weeks(one.points)) for one in volumes)


def _weeks(points: tuple[VolumePoint, ...]) -> tuple[VolumePoint, ...]:
    weeks: dict[date, list[VolumePoint]] = defaultdict(list)
    for point in points:
        weeks[first_day(point.period, "week")].append(point)
    return tuple(
        VolumePoint(monday, sum(one.volume for one in days), None, None, any(one.is_signal for one in days))
        for monday, days in weeks.items()
    )

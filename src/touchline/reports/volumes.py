"""Volumes: how much arrives each day, and in words what it means that it stopped."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from touchline.health.measures import VOLUMES
from touchline.reports.first_checks import first_check, touches
from touchline.reports.limits import Limits
from touchline.reports.queries import Row
from touchline.reports.question import Window
from touchline.reports.words import measure_name


@dataclass(frozen=True)
class VolumePoint:
    """A volume on one day; a day without any counts as 0."""

    period: date
    volume: int
    centre: float | None
    """``None``, as the limit is, where there are too few days to say."""
    lower_limit: float | None
    """Of a day with a signal, centre and limit are those of an average day of the window that was signalled."""
    is_signal: bool


@dataclass(frozen=True)
class HealthVolume:
    """How much of something a site had, from day to day."""

    site_id: str
    measure: str
    """A name out of :data:`touchline.health.measures.VOLUMES`, or ``costs``."""
    goal: str
    """Of conversions, their goal; ``""`` for other volumes."""
    platform: str
    """Of costs, their ad platform; ``""`` for other volumes."""
    meaning: str
    """The volume in words."""
    total: int
    """In the whole window."""
    per_day: float
    """On an average day of the window, from the first day with any."""
    newest: date | None
    """The newest day of the window with any; ``None``: there is none."""
    days_behind: int | None
    """How many days the window goes on after that."""
    points: tuple[VolumePoint, ...]


_MEANINGS = {**VOLUMES, "costs": "Rows of ad costs"}


def volume_name(measure: str, goal: str) -> str:
    """What a volume is called.

    >>> volume_name("conversions", "purchase"), volume_name("landings", "")
    ('Conversions of purchase', 'Landings')
    """
    return measure_name(measure) + (f" of {goal}" if goal else "")


def collapse_in_words(row: Row) -> str:
    """What stopped or fell, since when, what that touches, and what to check first."""
    is_gone = row["value"] == 0
    many = f"{row['value']:,.1f} a day instead of the usual {row['centre']:,.1f}"
    happened = f"stopped: none instead of the usual {row['centre']:,.1f} a day" if is_gone else f"fell to {many}"
    return (
        f"{volume_name(row['measure'], row['goal'])} {happened}, {_days(row)}."
        f" {touches(row['measure'])}. {first_check(row['measure'], 'below')}"
    )


def _days(row: Row) -> str:
    is_one = row["since"] == row["period"]
    return f"on {_day(row['period'])}" if is_one else f"from {_day(row['since'])} to {_day(row['period'])}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def volumes_of(
    stored: list[Row], signals: Iterable[tuple[str, str, str, date]], window: Window, limits: Limits
) -> tuple[HealthVolume, ...]:
    """Every volume of the window.

    :param stored: what ``volumes_by_day.sql`` selects: all days, not only those of the window.
    :param signals: site, measure, goal and day of each signal.
    :param limits: of every series.
    """
    series = [(*of, list(days)) for of, days in groupby(stored, key=_series)]
    newest: dict[str, date] = {}
    for site_id, _, _, days in series:
        newest[site_id] = max(newest.get(site_id, date.min), days[-1]["period"])
    found = set(signals)
    ordered = sorted(series, key=lambda one: (one[0], list(VOLUMES).index(one[1]), one[2]))
    return tuple(_volume(one[:3], one[3], newest[one[0]], found, window, limits) for one in ordered)


def _limits(limits: Row | None) -> tuple[float | None, float | None]:
    return (None, None) if limits is None else (limits["center"], limits["lower_limit"])


def _without_gaps(days: list[Row], last: date) -> list[int]:
    """One number for each day from that of the first row to ``last``; 0 where there is no row.

    >>> _without_gaps([{"period": date(2026, 1, 1), "volume": 5}], date(2026, 1, 3))
    [5, 0, 0]
    """
    volumes = {day["period"]: int(day["volume"]) for day in days}
    first = days[0]["period"]
    return [volumes.get(first + timedelta(days=place), 0) for place in range((last - first).days + 1)]


def _series(row: Row) -> tuple[str, str, str]:
    return row["site_id"], row["measure"], row["goal"]


def _volume(
    series: tuple[str, str, str], days: list[Row], last: date, found: set[tuple[str, str, str, date]], window: Window,
    limits: Limits,
) -> HealthVolume:  # fmt: skip
    site_id, measure, goal = series
    first, start, end = days[0]["period"], window.start or date.min, window.end or date.min
    by_day = ((first + timedelta(days=place), count) for place, count in enumerate(_without_gaps(days, last)))
    of_days = limits.get(series, {})
    points = tuple(
        VolumePoint(day, count, *_limits(of_days.get(day)), (site_id, measure, goal, day) in found)
        for day, count in by_day
        if start <= day <= end
    )
    total = sum(point.volume for point in points)
    newest = max((point.period for point in points if point.volume), default=None)
    return HealthVolume(
        site_id=site_id,
        measure=measure,
        goal=goal,
        platform="",
        meaning=_MEANINGS[measure],
        total=total,
        per_day=total / max(len(points), 1),
        newest=newest,
        days_behind=None if newest is None else (end - newest).days,
        points=points,
    )


def cost_volumes(stored: list[Row], window: Window) -> tuple[HealthVolume, ...]:
    """How many rows of ad costs each ad platform had, and until which day: costs name no site and are not judged.

    :param stored: what ``costs_by_day.sql`` selects.
    """
    found = []
    for platform, days in groupby(stored, key=lambda row: row["platform"]):
        series, end = list(days), window.end or date.min
        one = _volume(("", "costs", ""), series, max(end, series[-1]["period"]), set(), window, {})
        found.append(replace(one, platform=platform))
    return tuple(found)

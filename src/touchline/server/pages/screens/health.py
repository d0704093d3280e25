"""Health: whether the numbers can be trusted, on which days they cannot, and which links and costs do not match."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from touchline.jobs.alarming.notes import notes
from touchline.jobs.aliases import aliases_of
from touchline.jobs.completing import completeness
from touchline.reports import figures
from touchline.reports.completeness import Completeness
from touchline.reports.freshness import Freshness
from touchline.reports.tagging import TaggingReport, TaggingRow
from touchline.reports.words import measure_name
from touchline.server.pages import shapes
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen

if TYPE_CHECKING:
    from touchline.jobs.alarming.alarm import Alarm
    from touchline.reports.health import HealthReport, HealthSeries
    from touchline.reports.volumes import HealthVolume


@dataclass(frozen=True)
class Small:
    """One measure as a small drawing."""

    name: str
    newest: str
    usual: str
    """Between which limits it usually is; ``""`` where there are too few days to say."""
    signals: int
    drawing: Markup


@dataclass(frozen=True)
class OfSite:
    """The measures of one site."""

    site_id: str
    smalls: tuple[Small, ...]


@dataclass(frozen=True)
class Mismatch:
    """A row of the tagging audit, with the alias that would make it match."""

    row: TaggingRow
    alias: str
    """What links say; ``""`` where nothing is similar."""
    campaign_id: str
    is_added: bool
    """Whether it is an alias already, and the next run counts it."""


@dataclass(frozen=True)
class Health:
    """What the screen shows."""

    report: "HealthReport"
    sites: tuple[OfSite, ...]
    tagging: TaggingReport
    mismatches: tuple[Mismatch, ...]
    freshness: Freshness
    yesterday: Completeness
    alarms: tuple["Alarm", ...]
    notes: tuple[Mapping[str, Any], ...]

    def notes_of(self, day: date, site_id: str) -> list[str]:
        """What was noted of a day of a site."""
        return [one["said"] for one in self.notes if one["period"] == day and one["site_id"] in {"", site_id}]


def health(desk: Desk, asked: Asked) -> Health:
    """What the screen shows."""
    found = desk.report("health", **asked.choices("health"))
    newest = asked.newest_days
    tagging = desk.report(
        "tagging",
        **asked.choices("tagging", start=newest.start, end=newest.end, limit=asked.view.limit or SCREEN.rows),
    )
    smalls = [(one.site_id, _rate(one)) for one in found.series] + [
        (one.site_id, _volume(one)) for one in found.volumes
    ]
    ordered = sorted(smalls, key=lambda one: one[0])
    sites = tuple(
        OfSite(site_id, tuple(small for _, small in group)) for site_id, group in groupby(ordered, lambda one: one[0])
    )
    return Health(
        found, sites, tagging, _mismatches(desk, tagging), asked.facts.freshness,
        desk.each_minute(completeness, site=asked.view.site or None),
        _alarms(desk, asked.view.site or None), tuple(desk.now(notes)),
    )  # fmt: skip


def _mismatches(desk: Desk, tagging: TaggingReport) -> tuple[Mismatch, ...]:
    known = {(row["platform"], row["alias"]) for row in desk.now(aliases_of)}
    suggested = [
        (row, *((row.likely, row.campaign_id) if row.kind == "no_visits" else (row.name, row.likely)))
        if row.command else (row, "", "") for row in tagging.rows
    ]  # fmt: skip
    return tuple(
        Mismatch(row, alias, campaign_id, (row.platform, alias.lower()) in known)
        for row, alias, campaign_id in suggested
    )  # fmt: skip


def _alarms(desk: Desk, site: str | None) -> tuple["Alarm", ...]:
    """What broke, from memory, and sites of which nothing arrives, by the clock."""
    from touchline.jobs.alarming.silence import silent_sites  # noqa: PLC0415 - other pages do without
    from touchline.jobs.alarming.states import with_states  # noqa: PLC0415 - it loads SciPy
    from touchline.reports.breaks import breaks_of  # noqa: PLC0415

    silent = [one for one in desk.each_minute(silent_sites) if site in {None, one.site_id}]
    return desk.now(with_states, breaks=[*silent, *desk.answer(breaks_of, site=site)], now=desk.clock)


def _rate(series: "HealthSeries") -> Small:
    name, values = measure_name(series.measure), [point.value for point in series.points]
    signals = [place for place, point in enumerate(series.points) if point.is_signal]
    newest = figures.percent(values[-1] if values else None)
    low, high = series.lower_limit, series.upper_limit
    usual = "" if low is None else f"{figures.percent(low)} – {figures.percent(high)}"
    drawing = shapes.process_chart(
        values, (low, series.centre, high), signals, name=name, summary=_summary(newest, usual, len(signals))
    )
    return Small(name, newest, usual, len(signals), drawing)


def _volume(volume: "HealthVolume") -> Small:
    from touchline.reports.volumes import volume_name  # noqa: PLC0415 - it loads SciPy, which most pages do without

    name, values = volume_name(volume.measure, volume.goal), [float(point.volume) for point in volume.points]
    signals = [place for place, point in enumerate(volume.points) if point.is_signal]
    newest = figures.whole(values[-1] if values else None)
    usual = f"{figures.conversions(volume.per_day)} a day"
    drawing = shapes.process_chart(
        values, (None, volume.per_day, None), signals, name=name, summary=_summary(newest, usual, len(signals))
    )
    return Small(name, newest, usual, len(signals), drawing)


def _summary(newest: str, usual: str, signals: int) -> str:
    said = f"newest day {newest}" + (f", usually {usual}" if usual else "")
    return f"{said}; {signals} {'day' if signals == 1 else 'days'} outside its limits."


SCREEN = Screen(name="health", place=7, title="Health", answer=health, uses=("goal",), rows=50)

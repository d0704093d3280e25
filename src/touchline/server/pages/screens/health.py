"""Health: whether the numbers can be trusted, on which days they cannot, and which links and costs do not match."""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from touchline.reports import figures
from touchline.reports.freshness import Freshness
from touchline.reports.tagging import TaggingReport
from touchline.reports.words import measure_name
from touchline.server.pages import shapes
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen

if TYPE_CHECKING:
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
class Health:
    """What the screen shows."""

    report: "HealthReport"
    sites: tuple[OfSite, ...]
    tagging: TaggingReport
    freshness: Freshness


def health(desk: Desk, asked: Asked) -> Health:
    """What the screen shows."""
    found = desk.report("health", **asked.choices("health"))
    tagging = desk.report("tagging", **asked.choices("tagging", limit=asked.view.limit or SCREEN.rows))
    smalls = [(one.site_id, _rate(one)) for one in found.series] + [
        (one.site_id, _volume(one)) for one in found.volumes
    ]
    ordered = sorted(smalls, key=lambda one: one[0])
    sites = tuple(
        OfSite(site_id, tuple(small for _, small in group)) for site_id, group in groupby(ordered, lambda one: one[0])
    )
    return Health(found, sites, tagging, asked.facts.freshness)


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


SCREEN = Screen(name="health", place=7, title="Health", answer=health, rows=50)

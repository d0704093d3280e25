"""The parts of the health report, each as an answer of its own: the same values, for programs that want one of them."""

from dataclasses import dataclass

from touchline.engines import Engine
from touchline.reports.breaks import Break, breaks_of
from touchline.reports.health import HealthRate, HealthReport, HealthSeries, health_report
from touchline.reports.health_slices import Per
from touchline.reports.notes import HealthNote
from touchline.reports.question import Window
from touchline.reports.volumes import HealthVolume


@dataclass(frozen=True)
class HealthMeasures:
    """Every measure over the whole window."""

    organization_id: str
    site_id: str
    """The site that was looked at; ``""``: all sites."""
    window: Window
    rates: tuple[HealthRate, ...]
    is_healthy: bool | None
    """``None`` where there is too little data to say."""
    verdict: str
    """One sentence for a person."""


@dataclass(frozen=True)
class HealthCharts:
    """Every measure and volume from day to day, with the limits of each day, signals and notes."""

    organization_id: str
    site_id: str
    window: Window
    series: tuple[HealthSeries, ...]
    volumes: tuple[HealthVolume, ...]
    notes: tuple[HealthNote, ...]


@dataclass(frozen=True)
class HealthBreaks:
    """What broke on days of the window, with what it touches and what to check first."""

    organization_id: str
    site_id: str
    window: Window
    signals: tuple[Break, ...]
    """The newest first; days in a row are one."""


def health_measures(
    engine: Engine, organization_id: str, *, days: int | None = None, weeks: int | None = None,
    site: str | None = None, goal: str | None = None, channel: str | None = None,
) -> HealthMeasures:  # fmt: skip
    """The rates; arguments and errors as of :func:`touchline.reports.health.health_report`."""
    found = health_report(engine, organization_id, days=days, weeks=weeks, site=site, goal=goal, channel=channel)
    return HealthMeasures(*_head(found), found.rates, found.is_healthy, found.verdict)


def health_charts(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, days: int | None = None, weeks: int | None = None,
    site: str | None = None, goal: str | None = None, channel: str | None = None, per: Per = "day",
) -> HealthCharts:  # fmt: skip
    """The series and volumes; arguments and errors as of :func:`touchline.reports.health.health_report`."""
    asked = {"days": days, "weeks": weeks, "site": site, "goal": goal, "channel": channel}
    found = health_report(engine, organization_id, **asked, per=per)  # type: ignore[arg-type]
    return HealthCharts(*_head(found), found.series, found.volumes, found.notes)


def health_breaks(
    engine: Engine, organization_id: str, *, days: int | None = None, weeks: int | None = None, site: str | None = None
) -> HealthBreaks:
    """What broke; arguments and errors as of :func:`touchline.reports.health.health_report`."""
    found = health_report(engine, organization_id, days=days, weeks=weeks, site=site)
    start, end = found.window.start, found.window.end
    broke = breaks_of(engine, organization_id, site=site) if start and end else ()
    inside = tuple(one for one in broke if start and end and one.since <= end and one.until >= start)
    return HealthBreaks(*_head(found), inside)


def _head(found: HealthReport) -> tuple[str, str, Window]:
    return found.organization_id, found.site_id, found.window

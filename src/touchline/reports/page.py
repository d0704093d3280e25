"""The overview as one HTML file that needs nothing else: no script, no network, no font."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from pathlib import Path

from altair.typing import ChartType
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from touchline.errors import StorageError
from touchline.health.measures import MEASURES
from touchline.reports import charts, figures, summaries
from touchline.reports.drawing import svg
from touchline.reports.overview import Overview
from touchline.reports.style_sheet import add_style
from touchline.reports.words import (
    ambiguous_in_words,
    goal_name,
    measure_name,
    model_name,
    platform_name,
    reason_in_words,
)

_NARROW = 310
_HALF = 520

Draw = Callable[[int], ChartType]


def page(report: Overview) -> str:
    """The whole page. Text from outside (campaign names, answers) is escaped and stays text."""
    template = _environment().get_template("report.html.j2")
    return template.render(report=report, figures=_figures(report), summaries=_summaries(report))


def write_report(report: Overview, file: Path) -> None:
    """Write the page to ``file``.

    :raises StorageError: if the file cannot be written.
    """
    try:
        file.write_text(page(report), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.", "Name a file in another folder.") from error


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("touchline.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= figures.FILTERS
    words = (ambiguous_in_words, goal_name, measure_name, model_name, platform_name, reason_in_words)
    environment.filters |= {word.__name__: word for word in words}
    add_style(environment)
    return environment


def _figures(report: Overview) -> dict[str, Markup]:
    """Every chart for which there is something to draw, for wide and for narrow screens."""
    drawn: dict[str, Markup] = {}
    if report.days:
        drawn["days"] = _both(partial(charts.days_chart, report))
    if report.channels.totals.credit:
        drawn["models"] = _both(partial(charts.models_chart, report))
        drawn["touches"] = _both(partial(charts.touches_chart, report), wide=_HALF)
    if any(row.spend_micros for row in report.campaigns.rows):
        drawn["campaigns"] = _both(partial(charts.campaigns_chart, report))
    judged = [one for one in report.health.series if one.measure in MEASURES and MEASURES[one.measure].is_judged]
    for site_id, series in groupby(judged, key=lambda one: one.site_id):
        of_site = tuple(series)
        volumes = tuple(one for one in report.health.volumes if one.site_id == site_id)
        notes = tuple(one for one in report.health.notes if one.site_id in {"", site_id})
        drawn[f"health {site_id}"] = _both(partial(charts.health_chart, of_site, volumes, notes, report.health.window))
    return drawn


def _both(draw: Draw, *, wide: int = charts.WIDE) -> Markup:
    return svg(draw(wide), css_class="wide") + svg(draw(_NARROW), css_class="narrow")


def _summaries(report: Overview) -> dict[str, str]:
    return {
        "days": summaries.days_summary(report),
        "models": summaries.models_summary(report),
        "campaigns": summaries.campaigns_summary(report),
        "touches": summaries.touches_summary(report),
    } | {
        f"health {one.site_id}": summaries.health_summary(report, one.site_id)
        for one in report.health.series
        if one.site_id
    }

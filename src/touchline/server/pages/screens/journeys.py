"""Journeys: by which channels, in which order, people came to convert."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from touchline.reports import figures
from touchline.reports.journeys import JourneysReport, TouchCount
from touchline.server.pages import shapes
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen

_MOST_TOUCHES = 10


@dataclass(frozen=True)
class Length:
    """How many conversions took this number of touches."""

    label: str
    conversions: int


@dataclass(frozen=True)
class Journeys:
    """What the screen shows."""

    report: JourneysReport
    most: int
    """The conversions of the most common path."""
    lengths: tuple[Length, ...]
    chart: Markup | None
    summary: str


def journeys(desk: Desk, asked: Asked) -> Journeys:
    """What the screen shows."""
    found = desk.report("journeys", **asked.choices("journeys", limit=asked.view.limit or SCREEN.rows))
    lengths = _lengths(found.touches)
    summary = _summary(lengths, found.conversions)
    columns = [(length.label, float(length.conversions)) for length in lengths]
    chart = shapes.columns(columns, name="Conversions by number of touches", summary=summary) if columns else None
    most = max((row.conversions for row in found.rows if row.steps), default=0)
    return Journeys(found, most, lengths, chart, summary)


def _lengths(touches: Sequence[TouchCount]) -> tuple[Length, ...]:
    """By number of touches, the long ones together."""
    short = [Length(str(one.touches), one.conversions) for one in touches if one.touches < _MOST_TOUCHES]
    long = sum(one.conversions for one in touches if one.touches >= _MOST_TOUCHES)
    return (*short, *([Length(f"{_MOST_TOUCHES}+", long)] if long else []))


def _summary(lengths: Sequence[Length], conversions: int) -> str:
    if not conversions:
        return "There is no conversion in these days."
    most = max(lengths, key=lambda one: one.conversions)
    share = figures.percent(most.conversions / conversions)
    return f"Most often {most.label} {'touch' if most.label == '1' else 'touches'}: {share} of the conversions."


SCREEN = Screen(name="journeys", place=4, title="Journeys", answer=journeys, rows=20)

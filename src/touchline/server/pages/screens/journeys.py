"""Journeys: by which channels, in which order, people came to convert."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from touchline.reports import figures
from touchline.reports.journeys import SEVERAL, Flow, JourneysReport, Lag, TouchCount
from touchline.server.pages import shapes
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.flow_chart import flow_chart
from touchline.server.pages.screen import Screen

_MOST_TOUCHES = 10
_MOST_WAYS = 50
"""Rows of the table of first, middle and last steps."""
_SPANS = ((0, "Under 1"), (1, "1"), (3, "2–3"), (7, "4–7"), (14, "8–14"), (30, "15–30"))
"""Days from the first touch to the conversion: the last of each span, and its name; all later ones share one."""
_LATER = "31+"


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
    lags: tuple[Length, ...]
    lag_chart: Markup | None
    lag_summary: str
    ways: tuple[tuple[tuple[str, ...], int], ...]
    """First step, what lies between, and last step, with how many conversions came so; most first."""
    more_ways: int
    """Conversions that came in further ways."""
    way_chart: Markup | None
    way_summary: str


def journeys(desk: Desk, asked: Asked) -> Journeys:
    """What the screen shows."""
    found = desk.report("journeys", **asked.choices("journeys", limit=asked.view.limit or SCREEN.rows))
    lengths, lags, ways = _lengths(found.touches), _lags(found.lags), _ways(found.flows)
    summary, lag_summary, way_summary = _summary(lengths, found.conversions), _lag_summary(lags), _way_summary(ways)
    most = max((row.conversions for row in found.rows if row.steps), default=0)
    return Journeys(
        found, most, lengths, _columns(lengths, "Conversions by number of touches", summary), summary,
        lags, _columns(lags, "Conversions by days from the first touch", lag_summary), lag_summary,
        tuple(ways.most_common(_MOST_WAYS)), sum(number for _, number in ways.most_common()[_MOST_WAYS:]),
        flow_chart(ways, name="First, middle and last steps", summary=way_summary) if ways else None, way_summary,
    )  # fmt: skip


def _columns(lengths: Sequence[Length], name: str, summary: str) -> Markup | None:
    values = [(length.label, float(length.conversions)) for length in lengths]
    return shapes.columns(values, name=name, summary=summary) if values else None


def _ways(flows: Sequence[Flow]) -> Counter[tuple[str, ...]]:
    """First step, what lies between, and last step; of a path of one step, that is both."""
    found: Counter[tuple[str, ...]] = Counter()
    for flow in flows:
        between = "Several steps" if flow.between == SEVERAL else flow.between or "Nothing between"
        way = (flow.first, between, flow.last) if flow.last else (flow.first, "One step only", flow.first)
        found[way] += flow.conversions
    return found


def _way_summary(ways: Counter[tuple[str, ...]]) -> str:
    if not ways:
        return "No conversion of these days has a touch."
    ((way, number), *_) = ways.most_common(1)
    share = figures.percent(number / ways.total())
    return f"Most often {' → '.join(way)}: {share} of the conversions with a touch."


def _lags(lags: Sequence[Lag]) -> tuple[Length, ...]:
    """By span of days, those without a conversion included up to the last one with."""
    found: Counter[str] = Counter()
    for lag in lags:
        found[next((name for end, name in _SPANS if lag.days <= end), _LATER)] += lag.conversions
    names = [*(name for _, name in _SPANS), _LATER]
    last = max((place for place, name in enumerate(names) if found[name]), default=-1)
    return tuple(Length(name, found[name]) for name in names[: last + 1])


def _lag_summary(lags: Sequence[Length]) -> str:
    total = sum(lag.conversions for lag in lags)
    if not total:
        return "No conversion of these days has a touch."
    share = figures.percent(lags[0].conversions / total)
    return f"{share} of the conversions with a touch come less than a day after the first one."


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


SCREEN = Screen(name="journeys", place=4, title="Journeys", answer=journeys, uses=("goal", "days"), rows=20)

"""The overview: six numbers, conversions by day, and what needs somebody, in the order of money."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from touchline.amounts import UNKNOWN, counted, money, price, units
from touchline.grains import UNATTRIBUTED
from touchline.jobs.completing import completeness
from touchline.jobs.finding_states import is_open, states_of, with_decisions
from touchline.reports import figures
from touchline.reports.attribution import AttributionReport
from touchline.reports.completeness import Completeness
from touchline.reports.performance import PerformanceReport, PerformanceRow
from touchline.reports.question import Window, rate
from touchline.reports.words import measure_name, reason_in_words
from touchline.server.pages import shapes
from touchline.server.pages.asked import Asked
from touchline.server.pages.change import Change, change, points
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen

_MOST_NEEDS = 3


@dataclass(frozen=True)
class Tile:
    """A number with its change, its line, and how it is made."""

    name: str
    value: str
    unit: str
    before: str
    """What it was in the compared days; ``""`` where nothing is compared."""
    change: Change | None
    line: Markup
    definition: str
    rows: str
    """Of how much it is made."""
    report: str
    """The report of the catalog that has it."""


@dataclass(frozen=True)
class Need:
    """What somebody should look at."""

    title: str
    words: str
    money: str
    """At stake; ``""`` where it is not a sum."""
    since: date | None
    """The first day of that money."""
    screen: str
    """Where to go on."""


@dataclass(frozen=True)
class Day:
    """A day of the line."""

    day: date
    conversions: float | None
    """``None``: before or after what is tracked."""
    before: float | None
    """Of the day that it is compared with."""
    is_signal: bool


@dataclass(frozen=True)
class Overview:
    """What the screen shows."""

    tiles: tuple[Tile, ...]
    days: tuple[Day, ...]
    chart: Markup | None
    """``None`` where there is nothing to draw."""
    summary: str
    needs: tuple[Need, ...]
    yesterday: Completeness


def overview(desk: Desk, asked: Asked) -> Overview:
    """What the screen shows."""
    daily = desk.report("performance", **asked.choices("performance", per="day"))
    channels = desk.report("attribution", **asked.choices("attribution", by="channel"))
    health = desk.report("health", **asked.choices("health"))
    days = _days(daily, asked, {signal.period for signal in health.signals})
    return Overview(
        tiles=_known_tiles(_tiles(daily, channels), asked),
        days=days,
        chart=_chart(days) if any(day.conversions or day.before for day in days) else None,
        summary=_summary(days),
        needs=_needs(desk, asked, health),
        yesterday=desk.each_minute(completeness, site=asked.view.site or None),
    )


def _known_tiles(tiles: Sequence[Tile], asked: Asked) -> tuple[Tile, ...]:
    """Where no day of the window is tracked, only costs are known: no conversion is not zero conversions."""
    if days_of(asked.window, asked.facts.tracked(asked.view.site)):
        return tuple(tiles)
    return tuple(
        one if one.name == "Spend" else replace(one, value=UNKNOWN, rows="no tracked day", line=shapes.sparkline([]))
        for one in tiles
    )


def _tiles(daily: PerformanceReport, channels: AttributionReport) -> tuple[Tile, ...]:
    total, currency = daily.totals, daily.currency
    if total is None:
        return ()
    spend_before, before = _units(total.spend_before_micros), total.conversions_before
    spent = f"{counted(len([row for row in daily.rows if row.spend_micros is not None]), 'day')} with costs"
    won = f"{figures.conversions_in_words(total.conversions)} of the goal"
    made = _line_of(daily.rows)
    return (
        Tile("Spend", units(total.spend_micros, currency), currency, _was(units(total.spend_before_micros, currency),
             total.spend_before_micros), change(total.spend_micros, total.spend_before_micros, ""),
             made(lambda row: row.spend_micros), "All costs that ad platforms and imports report for these days.",
             spent, "performance"),
        Tile("Conversions", figures.conversions(total.conversions), "", _was(figures.conversions(before), before),
             change(total.conversions, before), made(lambda row: row.conversions),
             "Conversions of the goal by their own day, each once, without tests, cancellations and full refunds.",
             won, "performance"),
        Tile("Value", units(total.value_micros, currency), currency, _was(units(total.value_before_micros, currency),
             total.value_before_micros), change(total.value_micros, total.value_before_micros),
             made(lambda row: row.value_micros), "What these conversions are worth, less refunds.", won,
             "performance"),
        Tile("CPA", price(total.blended_cpa, currency), currency, _was(price(rate(spend_before, before), currency),
             rate(spend_before, before)), change(total.blended_cpa, rate(spend_before, before), "less"),
             made(lambda row: row.blended_cpa), "Spend divided by all conversions, however they came (blended).",
             f"{spent}; {won}", "performance"),
        Tile("ROAS", figures.ratio(total.blended_roas), "", _was(
             figures.ratio(rate(total.value_before_micros, total.spend_before_micros)), total.spend_before_micros),
             change(total.blended_roas, rate(total.value_before_micros, total.spend_before_micros)),
             made(lambda row: row.blended_roas), "Value of all conversions divided by spend (blended).",
             f"{spent}; {won}", "performance"),
        _unattributed(channels),
    )  # fmt: skip


def _unattributed(channels: AttributionReport) -> Tile:
    row = next((row for row in channels.rows if row.key == UNATTRIBUTED), None)
    is_known = bool(channels.totals.credit)
    share = (row.share if row else 0.0) if is_known else None
    before = row.share_before if row else None
    return Tile(
        "Unattributed", figures.percent(share), "", _was(figures.percent(before), before),
        points(share, before, "less"), shapes.bar(share, "none"),
        "The share of conversions that no touch within the lookback led to. No model gives these to a channel.",
        f"{figures.conversions(row.conversions if row else 0.0)} of"
        f" {figures.conversions_in_words(channels.totals.conversions)}",
        "attribution",
    )  # fmt: skip


def _line_of(rows: Sequence[PerformanceRow]) -> Callable[[Callable[[PerformanceRow], float | None]], Markup]:
    """A maker of lines of the rows' days, by what a row is worth."""
    return lambda value: shapes.sparkline([value(row) for row in rows])


def _was(text: str, known: float | None) -> str:
    return "" if known is None else text


def _units(micros: int | None) -> float | None:
    return None if micros is None else micros / 1e6


def _days(daily: PerformanceReport, asked: Asked, signals: set[date]) -> tuple[Day, ...]:
    """Each day of the window with data around it; tracked ones without a conversion are 0."""
    found = {row.start: row for row in daily.rows}
    tracked = {*days_of(asked.window, asked.facts.tracked(asked.view.site))}
    return tuple(
        Day(
            day,
            (found[day].conversions if day in found else 0.0) if day in tracked else None,
            None if asked.compare is None else (found[day].conversions_before or 0.0 if day in found else 0.0),
            day in signals,
        )
        for day in days_of(asked.window, asked.facts.data)
    )


def days_of(window: Window, data: Window) -> list[date]:
    """The days of a window that lie within those with data."""
    if window.start is None or window.end is None or data.start is None or data.end is None:
        return []
    first, last = max(window.start, data.start), min(window.end, data.end)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _chart(days: Sequence[Day]) -> Markup:
    return shapes.line_chart(
        [day.day for day in days], [day.conversions for day in days], [day.before for day in days],
        [day.day for day in days if day.is_signal], name="Conversions by day", summary=_summary(days),
    )  # fmt: skip


def _summary(days: Sequence[Day]) -> str:
    if not any(day.conversions for day in days):
        return "There is no conversion in these days."
    known = [(day.conversions, day.day) for day in days if day.conversions is not None]
    most, best = max(known, key=lambda one: one[0])
    said = (
        f"{figures.conversions(sum(number for number, _ in known) / len(known))} a day on average;"
        f" most on {figures.day(best)}, with {figures.conversions(most)}."
    )
    marked = [day for day in days if day.is_signal]
    return said + (f" On {counted(len(marked), 'day')} tracking is in doubt." if marked else "")


def _needs(desk: Desk, asked: Asked, health: Any) -> tuple[Need, ...]:
    """What is worth most money first; then the newest day that cannot be trusted."""
    limit = _MOST_NEEDS + len(desk.now(states_of))  # enough of them are open, whatever is decided about others
    waste = desk.report("waste", **asked.choices("waste", goal=None, start=None, end=None, limit=limit))
    findings = desk.now(with_decisions, report=waste).findings
    newest = asked.newest_days
    tagging = desk.report("tagging", **asked.choices("tagging", start=newest.start, end=newest.end, limit=_MOST_NEEDS))
    currency = waste.currency
    found = [
        (one.waste_micros, Need(one.name, f"{reason_in_words(one.reason)}. {_first(one.recommendations)}",
         money(one.waste_micros, currency), waste.window.start, "waste"))
        for one in findings if one.waste_micros > 0 and is_open(one, desk.today)
    ] + [
        (one.spend_micros, Need(one.name, f"Money at risk: {one.advice}", money(one.spend_micros, currency),
         tagging.window.start, "health"))
        for one in tagging.rows if one.spend_micros > 0
    ]  # fmt: skip
    ordered = [need for _, need in sorted(found, key=lambda one: -one[0])]
    in_window = [one for one in health.signals if one.period in asked.window]
    signals = [
        Need(f"{measure_name(one.measure)} on {figures.day(one.period)}", one.sentence, "", None, "health")
        for one in in_window[:1]
    ]  # fmt: skip
    return (*ordered[: _MOST_NEEDS - len(signals)], *signals)


def _first(sentences: Sequence[str]) -> str:
    return sentences[0] if sentences else ""


SCREEN = Screen(name="overview", place=1, title="Overview", answer=overview)

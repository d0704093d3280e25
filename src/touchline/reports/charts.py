"""The charts: each a definition over an overview, for a given width in pixels."""

from collections import Counter
from datetime import date
from typing import Any, Self

import altair as alt
from altair.typing import ChartType

from touchline.amounts import price
from touchline.errors import UnknownError, UsageError
from touchline.magnitudes import DAY_MICROS
from touchline.reports.attribution import AttributionReport, AttributionRow
from touchline.reports.drawing import Colour, palette
from touchline.reports.figures import conversions
from touchline.reports.health import HealthPoint, HealthReport, HealthSeries
from touchline.reports.notes import HealthNote
from touchline.reports.overview import Day, Overview
from touchline.reports.question import Window
from touchline.reports.volumes import HealthVolume, VolumePoint, volume_name
from touchline.reports.words import measure_name, model_name, platform_name

WIDE = 900
"""The width in pixels from which a chart has room for numbers next to its marks."""
_LONGEST = 12
"""Touches from which on the histogram counts conversions together."""

_AXIS = 52
"""Pixels that the numbers of an axis take, so that charts below each other line up."""
_DAY_MILLISECONDS = DAY_MICROS // 1_000
_MOST = 15
"""Campaigns in a chart; the table next to it has them all."""
_LONGEST_NOTE = 40
"""Letters of a note on a chart; the table next to it has the whole."""
_FIT = alt.AutoSizeParams(type="fit", contains="padding")

Row = dict[str, Any]


def days_chart(report: Overview, width: int) -> ChartType:
    """Conversions and spend from day to day; days on which a measure left its limits are marked."""
    data = [
        {
            "day": day.day.isoformat(),
            "conversions": day.conversions,
            "spend": None if day.spend_micros is None else day.spend_micros / 1e6,
            "mark": _mark(day, report.trust.worst_day, width),
        }
        for day in report.days
    ]
    plot = width - _AXIS - 12
    step = plot / max(report.window.days or 1, 1)
    x = _calendar(report.window, padding=step / 2)
    won = _daily(data, "conversions", x, Colour.WON, step).properties(title="Conversions")
    spent = _daily(data, "spend", x, Colour.SPENT, step).properties(title=f"Spend ({report.currency})")
    drawn = (won, spent) if any(row["spend"] is not None for row in data) else (won,)
    panels = [panel.properties(width=plot, height=130) for panel in drawn]
    return alt.vconcat(*panels, spacing=18)


def _mark(day: Day, worst: date | None, width: int) -> str | None:
    """The label of a marked day: text for the one to look at first, nothing for the others."""
    if not day.is_signal:
        return None
    name = f"{day.day.day} {day.day:%b}"
    return "" if day.day != worst else f"{name}: look here first" if width >= WIDE else name


def _daily(data: list[Row], field: str, x: alt.X, colour: Colour, step: float) -> alt.LayerChart:
    marked = [row for row in data if row["mark"] is not None]
    y = alt.Y(f"{field}:Q").title(None).axis(minExtent=_AXIS, maxExtent=_AXIS, tickCount=4, tickMinStep=1, format="~s")
    band = alt.Chart(_values(marked)).mark_rule(color=Colour.HIGH, opacity=0.22, strokeWidth=max(step, 3))
    bars = alt.Chart(_values(data)).mark_bar(color=colour, width=max(step * 0.72, 1), cornerRadiusEnd=0)
    words = alt.Chart(_values(marked if field == "conversions" else [])).mark_text(
        align="right", baseline="top", dx=-max(step, 3), color=Colour.HIGH, fontWeight="bold"
    )
    return _over(bars.encode(x=x, y=y), band.encode(x=x), words.encode(x=x, y=alt.value(0), text="mark:N"))


def models_chart(report: Overview, width: int) -> ChartType:
    """Conversions by channel under every model."""
    shown = [row for row in report.models.rows if any(cell.credit for cell in row.models)]
    data = [
        {"channel": row.name, "model": model_name(cell.model), "conversions": cell.conversions}
        for row in shown
        for cell in row.models
    ]
    names = [model_name(model) for model in report.models.models]
    colours = palette(len(names))
    legend = alt.Legend(columns=len(names) if width >= WIDE else 2)
    bars = alt.Chart(_values(data)).mark_bar()
    chart: alt.Chart = bars.encode(
        y=alt.Y("channel:N").sort([row.name for row in shown]).title(None).scale(paddingInner=0.25).axis(_names(width)),
        yOffset=alt.YOffset("model:N").sort(names),
        x=alt.X("conversions:Q").title("Conversions").axis(tickCount=5 if width >= WIDE else 3),
        color=alt.Color("model:N").sort(names).scale(domain=names, range=colours).legend(legend),
    )
    return chart.properties(width=width, height=48 * len(shown) + 40, autosize=_FIT)


def campaigns_chart(report: Overview, width: int) -> ChartType:
    """The cost and value of the most expensive campaigns; a waste finding colors its campaign by severity."""
    rows = _that_cost(report.campaigns)
    names = _distinct(rows)
    severities = {finding.entity_id: finding.severity for finding in report.waste.findings}
    data = [
        {
            "name": names[row.key],
            "spend": (row.spend_micros or 0) / 1e6,
            "spend in words": f"{(row.spend_micros or 0) / 1e6:,.0f}",
            "conversions": row.conversions,
            "conversions in words": _won(row, width, report.currency),
            "finding": severities.get(row.key, "none"),
        }
        for row in rows
    ]
    is_wide = width >= WIDE
    name_width = 190 if is_wide else 116
    plot = (width - name_width - 44) / 2
    legend = alt.Legend(title="Waste finding", titleOrient="left" if is_wide else "top", columns=4 if is_wide else 2)
    severity = alt.Color("finding:N").scale(domain=list(_SEVERITIES), range=list(_SEVERITIES.values())).legend(legend)
    y = alt.Y("name:N").sort([names[row.key] for row in rows]).title(None)
    labels = alt.Axis(minExtent=name_width, maxExtent=name_width, labelLimit=name_width - 8, labelColor=Colour.INK)
    spend = _bars(data, "spend", plot, y=y.axis(labels), color=severity).properties(title=f"Spend ({report.currency})")
    won = _bars(data, "conversions", plot, y=y.axis(None), color=alt.value(Colour.WON)).properties(title="Conversions")
    return alt.hconcat(spend, won, spacing=16)


_SEVERITIES = {"none": Colour.SPENT, "low": Colour.LOW, "medium": Colour.MEDIUM, "high": Colour.HIGH}


def _bars(data: list[Row], field: str, width: float, *, y: alt.Y, color: Any) -> alt.LayerChart:
    """Bars with their values next to them, for which the axis leaves room: about 8 pixels per letter."""
    room = 8 + 8 * max(len(row[f"{field} in words"]) for row in data)
    most = max(row[field] for row in data) or 1
    x = alt.X(f"{field}:Q").axis(None).scale(domain=[0, most * width / max(width - room, 12)])
    bars = alt.Chart(_values(data)).mark_bar(height=16).encode(x=x, y=y, color=color)
    amounts = alt.Chart(_values(data)).mark_text(align="left", dx=5).encode(x=x, y=y, text=f"{field} in words:N")
    return _over(bars, amounts).properties(width=width, height=30 * len(data))


def health_chart(
    series: tuple[HealthSeries, ...], volumes: tuple[HealthVolume, ...], notes: tuple[HealthNote, ...],
    window: Window, width: int,
) -> ChartType:  # fmt: skip
    """The volumes and the rates of one site from day to day, with the limits of each day, signals, and notes.

    Days that break a rule without being a signal are colored, too.
    """
    drawn = [
        *(_over(*_volume(one, _calendar(window)), *_notes(notes, _calendar(window))) for one in volumes),
        *(_over(*_measure(one, _calendar(window)), *_notes(notes, _calendar(window))) for one in series),
    ]
    panels = [one.properties(width=width - _AXIS - 12, height=92) for one in drawn]
    return alt.vconcat(*panels, spacing=14)


def _measure(series: HealthSeries, x: alt.X) -> list[alt.Chart]:
    data = [_point(point, point.value) | {"is_colored": bool(point.rules)} for point in series.points]
    y = alt.Y("value:Q").title(None).scale(zero=False, padding=6)
    y = y.axis(format=".0%", tickCount=3, minExtent=_AXIS, maxExtent=_AXIS)
    return _behavior(data, measure_name(series.measure), x, y)


def _volume(volume: HealthVolume, x: alt.X) -> list[alt.Chart]:
    data = [_point(point, point.volume) | {"upper": None, "is_colored": False} for point in volume.points]
    y = alt.Y("value:Q").title(None).scale(zero=True)
    y = y.axis(tickCount=3, tickMinStep=1, minExtent=_AXIS, maxExtent=_AXIS)
    return _behavior(data, volume_name(volume.measure, volume.goal), x, y)


def _point(point: HealthPoint | VolumePoint, value: float | None) -> Row:
    upper = getattr(point, "upper_limit", None)
    limits = {"center": point.centre, "lower": point.lower_limit, "upper": upper}
    return {"day": point.period.isoformat(), "value": value, "is_signal": point.is_signal} | limits


def _behavior(data: list[Row], title: str, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """A process behavior chart: the series over its limits, and what stands out on top."""
    line = alt.Chart(_values(data), title=title).mark_line(color=Colour.USUAL, strokeWidth=1.5)
    colored = [row for row in data if row["is_colored"] and not row["is_signal"]]
    marks = ((colored, Colour.MEDIUM, 30), ([row for row in data if row["is_signal"]], Colour.HIGH, 64))
    return [
        *(_limit(data, name, x) for name in ("center", "lower", "upper")),
        line.encode(x=x, y=y),
        *(
            alt.Chart(_values(rows)).mark_circle(color=color, size=size, opacity=1).encode(x=x, y=y)
            for rows, color, size in marks
        ),
    ]


def _limit(data: list[Row], name: str, x: alt.X) -> alt.Chart:
    rows = [{"day": row["day"], "value": row[name]} for row in data if row[name] is not None]
    dash = [1, 0] if name == "center" else [3, 3]
    line = alt.Chart(_values(rows)).mark_line(
        color=Colour.MUTED, strokeDash=dash, strokeWidth=1, interpolate="step", opacity=0.7
    )
    drawn: alt.Chart = line.encode(x=x, y=alt.Y("value:Q"))
    return drawn


def _notes(notes: tuple[HealthNote, ...], x: alt.X) -> list[alt.Chart]:
    """What people noted: a line on the day, and the first words."""
    rows = [{"day": note.period.isoformat(), "said": _short(note.said)} for note in notes]
    if not rows:
        return []
    base = alt.Chart(_values(rows))
    words = base.mark_text(align="left", baseline="top", dx=3, fontSize=9, color=Colour.MUTED)
    return [
        base.mark_rule(color=Colour.MUTED, strokeDash=[2, 2]).encode(x=x),
        words.encode(x=x, y=alt.value(0), text="said:N"),
    ]


def _short(said: str) -> str:
    """The beginning of a note, on one line."""
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST_NOTE else f"{line[: _LONGEST_NOTE - 1]}…"


def measure_chart(report: HealthReport, measure: str, goal: str, width: int) -> ChartType:
    """One measure or volume of a site.

    :raises UnknownError: if the report has none of this name and goal.
    :raises UsageError: if several sites have it.
    """
    x = _calendar(report.window)
    rates = [(one.site_id, _measure(one, x)) for one in report.series if (one.measure, "") == (measure, goal)]
    volumes = [(one.site_id, _volume(one, x)) for one in report.volumes if (one.measure, one.goal) == (measure, goal)]
    found = [*rates, *volumes]
    if not found:
        named = {f"{one.measure} --goal {one.goal}" if one.goal else one.measure for one in report.volumes}
        named |= {one.measure for one in report.series}
        asked = f"{measure} --goal {goal}" if goal else measure
        raise UnknownError(f"There is no measure {asked!r:.80} here.", f"There are: {', '.join(sorted(named))}.")
    if len(found) > 1:
        sites = ", ".join(site_id for site_id, _ in found)
        raise UsageError(f"There are several sites: {sites}.", "Name one with --site.")
    layers = _over(*found[0][1], *_notes(report.notes, x))
    return layers.properties(width=width - _AXIS - 12, height=220)


def touches_chart(report: Overview, width: int) -> ChartType:
    """How many touches conversions took."""
    counts: Counter[int] = Counter()
    for count in report.journeys.touches:
        counts[min(count.touches, _LONGEST)] += count.conversions
    last = max(counts, default=0)
    data = [
        {"touches": f"{touches}+" if touches == _LONGEST else f"{touches}", "conversions": counts[touches]}
        for touches in range(last + 1)
    ]
    x = alt.X("touches:O").sort(None).title("Touches before the conversion").axis(labelAngle=0, grid=False)
    y = alt.Y("conversions:Q").title("Conversions").axis(tickCount=4)
    bars = alt.Chart(_values(data)).mark_bar(color=Colour.WON)
    amounts = alt.Chart(_values(data)).mark_text(baseline="bottom", dy=-3, fontSize=11)
    both = _over(bars.encode(x=x, y=y), amounts.encode(x=x, y=y, text=alt.Text("conversions:Q", format=",")))
    return both.properties(width=width, height=220, autosize=_FIT)


def _calendar(window: Window, *, padding: float = 0) -> alt.X:
    """The window's days from left to right, whether or not there is something on each."""
    ends = [alt.DateTime(year=d.year, month=d.month, date=d.day, utc=True) for d in (window.start, window.end) if d]
    x = alt.X("day:T").scale(type="utc", domain=ends, padding=padding).title(None)
    return x.axis(format="%-d %b", grid=False, tickCount=6, tickMinStep=_DAY_MILLISECONDS)


def _over(*layers: alt.Chart) -> alt.LayerChart:
    """The layers one over the other, the first at the bottom."""
    return alt.LayerChart(layer=list(layers))


class _Rows(alt.InlineData):
    """Rows that nobody changes: Altair copies all below a chart whenever something is put around it."""

    def __deepcopy__(self, _memo: object) -> Self:
        return self


def _values(rows: list[Row]) -> alt.InlineData:
    return _Rows(values=rows)


def _names(width: int) -> alt.Axis:
    return alt.Axis(labelColor=Colour.INK, labelLimit=180 if width >= WIDE else 104)


def _that_cost(report: AttributionReport) -> list[AttributionRow]:
    """The rows that cost most, the dearest first."""
    return sorted((row for row in report.rows if row.spend_micros), key=lambda row: -(row.spend_micros or 0))[:_MOST]


def _distinct(rows: list[AttributionRow]) -> dict[str, str]:
    """A name for each row that no other row has."""
    often = Counter(row.name for row in rows)
    names = {
        row.key: row.name if often[row.name] == 1 else f"{row.name} ({platform_name(row.platform)})" for row in rows
    }
    often = Counter(names.values())
    return {key: name if often[name] == 1 else key for key, name in names.items()}


def _won(row: AttributionRow, width: int, currency: str) -> str:
    won = conversions(row.conversions)
    if width < WIDE:
        return won
    return won if row.cpa is None else f"{won} at {price(row.cpa, currency)} each"

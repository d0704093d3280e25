"""The drawings of pages as SVG: numbers become places, and the style sheet gives each class its color.

Everything stands in attributes of presentation, so that a strict policy lets it be; no text of a customer is drawn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import ceil, floor, log10

from markupsafe import Markup, escape

from touchline.reports import figures

Values = Sequence[float | None]
"""One for each day; ``None`` where it is not known."""

_WIDTHS = {"wide": 1000, "narrow": 330}
"""Of a chart on a screen and on a phone: its letters are as large on both."""
_HIGH = 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 12, 12, 26
_LABELS = {"wide": 8, "narrow": 3}
"""Days that are named below a chart."""
_SPARK_WIDE, _SPARK_HIGH = 160, 36
_SMALL_WIDE, _SMALL_HIGH = 320, 90
_STEPS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Of an axis, as parts of the power of ten below its greatest value."""
_MOST_STEPS = 5


@dataclass(frozen=True)
class Scale:
    """Where values lie between two edges."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value.

        >>> Scale(0, 10, 100, 0).at(2.5)
        75.0
        """
        span = self.high - self.low
        return self.start + (self.end - self.start) * ((value - self.low) / span if span else 0.0)


def ticks(high: float) -> list[float]:
    """Round numbers from 0 to at least ``high``, a few of them.

    >>> ticks(7), ticks(0), ticks(1234)
    ([0.0, 2.0, 4.0, 6.0, 8.0], [0.0, 1.0], [0.0, 500.0, 1000.0, 1500.0])
    """
    if high <= 0:
        return [0.0, 1.0]
    power = 10.0 ** floor(log10(high))
    step = next(part * power for part in _STEPS if high / (part * power) <= _MOST_STEPS)
    return [number * step for number in range(ceil(high / step) + 1)]


def sparkline(values: Values, before: Values = ()) -> Markup:
    """A line without axes, over that of the earlier days; decoration next to a number that is in words."""
    across, down = _scales(values, before, _SPARK_WIDE, _SPARK_HIGH, (2, 2, 3, 3))
    return _svg(
        "spark", _SPARK_WIDE, _SPARK_HIGH,
        [_line("before", before, across, down), _area(values, across, down), _line("now", values, across, down)],
    )  # fmt: skip


def line_chart(
    days: Sequence[date], values: Values, before: Values, marks: Iterable[date] = (), *, name: str, summary: str
) -> Markup:
    """A line for each day with that of the compared days, dashed, and marks of days that stand out.

    :param name: what the drawing is called; ``summary`` says what it shows.
    """
    known = [value for value in (*values, *before) if value is not None]
    lines, marked = ticks(max(known, default=0)), set(marks)
    down = Scale(0, lines[-1], _HIGH - _BOTTOM, _TOP)

    def drawn(size: str, width: int) -> list[str]:
        across = Scale(0, max(len(days) - 1, 1), _LEFT, width - _RIGHT)
        return [
            *(_grid(line, down, width) for line in lines), *_day_labels(days, across, _LABELS[size]),
            *(_mark(across.at(place)) for place, day in enumerate(days) if day in marked),
            _line("before", before, across, down), _area(values, across, down), _line("now", values, across, down),
        ]  # fmt: skip

    return for_each_size(drawn, name, summary)


def process_chart(
    values: Values, limits: tuple[float | None, float | None, float | None], signals: Iterable[int], *, name: str,
    summary: str,
) -> Markup:  # fmt: skip
    """A measure from day to day between its limits, with the days that left them.

    :param limits: the lower one, the center, the upper one.
    :param signals: the places of those days.
    """
    known = [value for value in (*values, *limits) if value is not None]
    across = Scale(0, max(len(values) - 1, 1), 4, _SMALL_WIDE - 4)
    down = Scale(min(known, default=0), max(known, default=1), _SMALL_HIGH - 6, 6)
    lower, center, upper = limits
    drawn = []
    if lower is not None and upper is not None:
        top, bottom = down.at(upper), down.at(lower)
        drawn.append(f'<rect class="usual" x="0" y="{top:.1f}" width="{_SMALL_WIDE}" height="{bottom - top:.1f}"/>')
    if center is not None:
        y = f"{down.at(center):.1f}"
        drawn.append(f'<line class="center" x1="0" x2="{_SMALL_WIDE}" y1="{y}" y2="{y}"/>')
    drawn.append(_line("now", values, across, down))
    for place in signals:
        value = values[place]
        if value is not None:
            drawn.append(f'<circle class="signal" cx="{across.at(place):.1f}" cy="{down.at(value):.1f}" r="3.5"/>')
    return _svg("small", _SMALL_WIDE, _SMALL_HIGH, drawn, name, summary)


def bar(share: float | None, kind: str = "now") -> Markup:
    """A bar of a share of a whole, 0 to 1; decoration next to the number.

    >>> str(bar(0.5)).partition(">")[2]
    '<rect class="now" width="50.0" height="6"/></svg>'
    """
    width = min(max(share or 0.0, 0.0), 1.0) * 100
    return Markup(  # noqa: S704 - numbers only
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="{escape(kind)}" width="{width:.1f}" height="6"/></svg>'
    )


def whisker(low: float, middle: float, high: float, most: float) -> Markup:
    """An interval around a number, on the scale of :func:`bar`; decoration next to both in words.

    :param most: the greatest number of the table, which is as wide as the drawing.

    >>> 'x1="25.0" x2="75.0"' in str(whisker(1, 2, 3, 4))
    True
    """
    left, center, right = (min(max(value / most if most > 0 else 0.0, 0.0), 1.0) * 100 for value in (low, middle, high))
    return Markup(  # noqa: S704 - numbers only
        '<svg class="bar whisker" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="5" y2="5"/><line x1="{left:.1f}" x2="{left:.1f}" y1="1" y2="9"/>'
        f'<line x1="{right:.1f}" x2="{right:.1f}" y1="1" y2="9"/>'
        f'<line class="center" x1="{center:.1f}" x2="{center:.1f}" y1="2" y2="8"/></svg>'
    )


def columns(values: Sequence[tuple[str, float]], *, name: str, summary: str) -> Markup:
    """A column for each of a few numbers, with its label."""
    lines = ticks(max((value for _, value in values), default=0))
    down = Scale(0, lines[-1], _HIGH - _BOTTOM, _TOP)

    def drawn(_size: str, width: int) -> list[str]:
        step = (width - _LEFT - _RIGHT) / max(len(values), 1)
        places = [(label, _LEFT + place * step, down.at(value)) for place, (label, value) in enumerate(values)]
        return [
            *(_grid(line, down, width) for line in lines),
            *(
                f'<rect class="now" x="{x + step * 0.15:.1f}" y="{y:.1f}" width="{step * 0.7:.1f}"'
                f' height="{_HIGH - _BOTTOM - y:.1f}"/>'
                f'<text class="middle" x="{x + step / 2:.1f}" y="{_HIGH - 8}">{escape(label)}</text>'
                for label, x, y in places
            ),
        ]

    return for_each_size(drawn, name, summary)


def for_each_size(drawn: Callable[[str, int], Iterable[str]], name: str, summary: str, high: int = _HIGH) -> Markup:
    """A chart for screens and one for phones; the style sheet shows one of them.

    :param drawn: makes the inside, for the name of a size and its width.
    """
    found = [_svg(f"chart {size}", width, high, drawn(size, width), name, summary) for size, width in _WIDTHS.items()]
    return Markup("").join(found)


def _svg(
    css_class: str, width: int, height: int, drawn: Iterable[str], name: str = "", summary: str = ""
) -> Markup:  # fmt: skip
    """The element; without a name it is decoration."""
    said = (
        f'role="img" aria-label="{escape(name)}: {escape(summary)}"' if name else 'aria-hidden="true" focusable="false"'
    )
    fit = ' preserveAspectRatio="none"' if css_class == "spark" else ""
    inner = "".join(drawn)
    return Markup(f'<svg class="{css_class}" viewBox="0 0 {width} {height}"{fit} {said}>{inner}</svg>')  # noqa: S704 - escaped


def _scales(
    values: Values, before: Values, width: int, height: int, edges: tuple[int, int, int, int]
) -> tuple[Scale, Scale]:
    known = [value for value in (*values, *before) if value is not None]
    left, right, top, bottom = edges
    number = max(len(values), len(before), 2)
    return Scale(0, number - 1, left, width - right), Scale(0, max(known, default=0) or 1, height - bottom, top)


def _runs(values: Values) -> list[list[tuple[int, float]]]:
    """Neighbors that are known, with their places."""
    grouped = groupby(enumerate(values), lambda one: one[1] is not None)
    return [[(place, value) for place, value in run if value is not None] for is_known, run in grouped if is_known]


def _line(css_class: str, values: Values, across: Scale, down: Scale) -> str:
    drawn = []
    for run in _runs(values):
        spots = " ".join(f"{across.at(place):.1f},{down.at(value):.1f}" for place, value in run)
        if len(run) == 1:
            (place, value) = run[0]
            drawn.append(
                f'<circle class="{css_class} dot" cx="{across.at(place):.1f}" cy="{down.at(value):.1f}" r="2"/>'
            )
        else:
            drawn.append(f'<polyline class="{css_class}" points="{spots}"/>')
    return "".join(drawn)


def _area(values: Values, across: Scale, down: Scale) -> str:
    drawn = []
    for run in (run for run in _runs(values) if len(run) > 1):
        spots = " ".join(f"{across.at(place):.1f},{down.at(value):.1f}" for place, value in run)
        first, last, ground = across.at(run[0][0]), across.at(run[-1][0]), f"{down.start:.1f}"
        drawn.append(f'<polygon class="area" points="{first:.1f},{ground} {spots} {last:.1f},{ground}"/>')
    return "".join(drawn)


def _grid(line: float, down: Scale, width: int) -> str:
    y = f"{down.at(line):.1f}"
    label = f"{line:,.0f}" if line >= 10 or line.is_integer() else f"{line:,.2g}"
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y}" y2="{y}"/>'
        f'<text class="end" x="{_LEFT - 8}" y="{float(y) + 4:.1f}">{label}</text>'
    )


def _day_labels(days: Sequence[date], across: Scale, most: int) -> list[str]:
    step = max(1, -(-len(days) // most))
    shown = [
        (place, day)
        for place, day in enumerate(days)
        if (place % step == 0 and place + step / 2 < len(days)) or not place
    ]
    return [
        f'<text class="{"start" if not place else "middle"}" x="{across.at(place):.1f}" y="{_HIGH - 6}">'
        f"{figures.day(day).rsplit(' ', 1)[0]}</text>"
        for place, day in shown
    ]


def _mark(x: float) -> str:
    return (
        f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HIGH - _BOTTOM}"/>'
        f'<circle class="signal" cx="{x:.1f}" cy="{_TOP}" r="4"/>'
    )

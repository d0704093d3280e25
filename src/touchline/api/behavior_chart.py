"""A process behavior chart, drawn."""

from collections.abc import Collection
from dataclasses import dataclass

import altair as alt
import numpy as np
from altair.typing import ChartType
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LINE, _LIMIT, _SIGNAL = "#3b6ea5", "#8a8f98", "#c0392b"


@dataclass(frozen=True)
class Panel:
    """A series with its center and limits."""

    title: str
    height: int
    first: int
    """The number of the first point."""
    values: Floats
    center: float
    limits: tuple[float | Floats, ...]
    signals: Collection[int]
    """The numbers of the points to mark."""


def drawn(panels: tuple[Panel, ...], width: int) -> alt.VConcatChart:
    """The panels below each other, points of one number in line."""
    return alt.vconcat(*(_layers(panel).properties(width=width, height=panel.height) for panel in panels))


def _layers(panel: Panel) -> ChartType:
    spread = [np.broadcast_to(limit, panel.values.shape).tolist() for limit in panel.limits]
    rows = [
        {"point": point, "value": value, "center": panel.center, "signal": point in panel.signals}
        | {f"limit {number}": limit[index] for number, limit in enumerate(spread)}
        for index, (point, value) in enumerate(enumerate(panel.values.tolist(), start=panel.first))
    ]
    x = alt.X("point:Q").title(None).axis(format="d").scale(domain=[0, rows[-1]["point"]])
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    line = base.mark_line(color=_LINE).encode(y=alt.Y("value:Q").title(panel.title).scale(zero=False))
    points = base.mark_point(filled=True, size=45).encode(
        y="value:Q", color=alt.condition("datum.signal", alt.value(_SIGNAL), alt.value(_LINE))
    )
    middle = base.mark_line(color=_LIMIT).encode(y="center:Q")
    edges = [
        base.mark_line(color=_LIMIT, strokeDash=[4, 3], interpolate="step").encode(y=f"limit {number}:Q")
        for number in range(len(spread))
    ]
    return alt.layer(middle, *edges, line, points)

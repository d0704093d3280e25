"""A process behavior chart, drawn."""

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
from altair.typing import ChartType

if TYPE_CHECKING:
    from touchline.api.charting import Floats, ProcessChart

_LINE, _LIMIT, _SIGNAL = "#3b6ea5", "#8a8f98", "#c0392b"


def drawn(chart: "ProcessChart", width: int) -> alt.VConcatChart:
    """Values with their limits and signals, above the moving ranges with theirs."""
    count = len(chart.values)
    broken = {place for signal in chart.signals for place in signal.indices}
    far = {place for signal in chart.moving_range_signals for place in signal.indices}
    values = _panel("Values", np.arange(count), chart.values, chart.center, (chart.lower, chart.upper), broken, width)
    ranges = _panel(
        "Moving ranges", np.arange(1, count), chart.moving_ranges, chart.moving_range, (chart.moving_range_upper,), far,
        width,
    )  # fmt: skip
    return alt.vconcat(values, ranges)


def _panel(
    title: str, places: np.ndarray, values: "Floats", center: float, limits: "tuple[float | Floats, ...]",
    broken: set[int], width: int,
) -> ChartType:  # fmt: skip
    spread = [np.broadcast_to(limit, values.shape).tolist() for limit in limits]
    rows = [
        {"point": place, "value": value, "center": center, "signal": place in broken}
        | {f"limit {number}": limit[index] for number, limit in enumerate(spread)}
        for index, (place, value) in enumerate(zip(places.tolist(), values.tolist(), strict=True))
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("point:Q").title(None).axis(format="d").scale(domain=[0, int(places[-1])])
    )
    line = base.mark_line(color=_LINE).encode(y=alt.Y("value:Q").title(title).scale(zero=False))
    points = base.mark_point(filled=True, size=45).encode(
        y="value:Q", color=alt.condition("datum.signal", alt.value(_SIGNAL), alt.value(_LINE))
    )
    middle = base.mark_line(color=_LIMIT).encode(y="center:Q")
    edges = [
        base.mark_line(color=_LIMIT, strokeDash=[4, 3], interpolate="step").encode(y=f"limit {number}:Q")
        for number in range(len(spread))
    ]
    return alt.layer(middle, *edges, line, points).properties(width=width, height=180 if title == "Values" else 90)

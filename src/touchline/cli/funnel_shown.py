"""The coverage funnel on a terminal: a step below the other, each as wide as it is large."""

from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.shown import about
from touchline.cli.terminal import bar, number, percent, stacked, table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.funnel import FunnelReport

_WIDTH = 30
"""Letters of the widest step."""


def funnel(report: "FunnelReport") -> "RenderableType":
    """The verdict, the steps, and the days that leak."""
    most = max((step.count or 0 for step in report.steps), default=0) or 1
    rows = [
        (
            step.meaning, number(step.count), bar((step.count or 0) / most, _WIDTH), percent(step.share),
            percent(step.usual_share), number(step.missing), step.owner,
        )
        for step in report.steps
    ]  # fmt: skip
    title = f"Coverage funnel: {report.goal or 'all goals'}, {about(report)}"
    columns = ("step", ">count", "", ">of the step before", ">usual", ">missing", "ask")
    parts: list[RenderableType] = [Text(visible(report.verdict)), table(title, columns, rows)]
    if report.leaks:
        leaks = [(str(one.period), one.sentence) for one in report.leaks]
        parts.append(table("Days that leak", ("day", "what happened"), leaks))
    return stacked(*parts)

"""Whether a day is complete, on a terminal: the verdict, and below it each part of a whole day."""

from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.terminal import stacked, table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.completeness import Completeness

_THERE = {True: "yes", False: "no", None: "not known"}


def completeness(report: "Completeness") -> "RenderableType":
    """The verdict and the parts."""
    rows = [
        (part.part, "" if part.part == "today" else _THERE[part.is_complete], part.says) for part in report.parts
    ]  # fmt: skip
    verdict = Text(visible(report.verdict))
    if not rows:
        return verdict
    return stacked(verdict, table(f"What a whole day needs: {report.day}", ("what", "there", "what is known"), rows))

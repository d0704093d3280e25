"""What a run did, for people."""

from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import UNKNOWN, counted
from touchline.cli.terminal import number, stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.pipeline import RunReport


def run_table(report: "RunReport", *, is_asked: bool) -> "RenderableType":
    """What the run did, stage by stage."""
    from touchline.pipeline import STAGES

    written = {stage.name: sum(report.rows.get(t.name, 0) for t in stage.writes) for stage in STAGES}
    rows = [
        (name, f"{seconds:.2f}", number(written[name]) if name in written else UNKNOWN)
        for name, seconds in report.seconds.items()
    ]
    news = run_line(report)
    if report.is_rebuild and not is_asked:
        news += f"\n{_why_rebuilt(report)}"
    if report.views_blocked:
        news += f"\n{report.views_blocked}"
    return stacked(table("Stages", ("stage", ">seconds", ">rows written"), rows), Text(news))


def _why_rebuilt(report: "RunReport") -> str:
    from touchline.changes import REASONS

    return f"Rebuilt from scratch: {REASONS[report.why]}."


def run_line(report: "RunReport") -> str:
    """What was new, and how long the run took."""
    seconds = sum(report.seconds.values())
    told = (
        (report.claims, "new claim", "new claims"),
        (report.withdrawn, "claim withdrawn", "claims withdrawn"),
        (report.erased, "erased event removed", "erased events removed"),
        (report.refitted_links, "link made again by a new fit", "links made again by a new fit"),
    )
    news = f"{counted(report.events, 'new event')} and {counted(report.cost_rows, 'new cost row')}"
    more = "".join(f"; {counted(*one)}" for one in told if one[0])
    return f"{news}{more}; {seconds:.1f} seconds."

"""``run`` and ``doctor``."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import UNKNOWN, counted
from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.setting_up import now_micros
from touchline.cli.terminal import number, progress, stacked, table, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from touchline.jobs.doctor import Check
    from touchline.pipeline import RunReport

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


def run(*, rebuild: Switch = False, debug_tables: Path | None = None, options: Options = COMMON) -> Answer:
    """Bring the numbers to what the ledger says: all of them, or nothing.

    Events that have outlived the setting retention_days are erased first.

    :param rebuild: forget everything derived, and make it anew.
    :param debug_tables: an empty folder for what the run holds on its way: a Parquet file for each intermediate table.
    """
    from touchline.jobs import erasing, running

    with options.opened() as workspace, progress("Running", is_quiet=options.json) as told:
        erasing.retain(workspace, now=now_micros())
        report = running.run(workspace, is_rebuild=rebuild, debug_folder=debug_tables, progress=told)
    return Answer(report, partial(run_table, report, is_asked=rebuild))


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
        news += "\nEverything was made anew: it is the first run, or a rule, a goal, a setting or a fit has changed."
    return stacked(table("Stages", ("stage", ">seconds", ">rows written"), rows), Text(news))


def run_line(report: "RunReport") -> str:
    """What was new, and how long the run took."""
    seconds = sum(report.seconds.values())
    told = (
        (report.claims, "new claim", "new claims"),
        (report.withdrawn, "claim is withdrawn", "claims are withdrawn"),
        (report.erased, "erased event is gone", "erased events are gone"),
    )
    news = f"{counted(report.events, 'new event')} and {counted(report.cost_rows, 'new cost row')}"
    more = "".join(f"; {counted(*one)}" for one in told if one[0])
    return f"{news}{more}; {seconds:.1f} seconds."


def doctor(*, deployment: Switch = False, options: Options = COMMON) -> Answer:
    """Say what is in order, what is not, and what to do next; exit code 1 where something is wrong.

    :param deployment: go through the checklist of a server that is to stand on the open internet.
    """
    checks = _checklist(options) if deployment else _checks(options)
    is_well = all(check.status != "problem" for check in checks)
    document = {"is_well": is_well, "checks": checks}
    return Answer(document, partial(_examined, checks), 0 if is_well else 1)


def _checks(options: Options) -> "Sequence[Check]":
    from touchline.jobs.doctor import examine

    return examine(options.place)


def _checklist(options: Options) -> "Sequence[Check]":
    from touchline.server.http.options import options_from
    from touchline.server.process.deployment import checklist
    from touchline.settings import environment

    return checklist(options.place, options_from(environment()))


def _examined(checks: "Sequence[Check]") -> "RenderableType":
    lines = []
    for check in checks:
        mark, style = _MARKS[check.status]
        line = Text.assemble((mark, style), visible(f" {check.name}: {check.message}"))
        if check.next_step:
            line.append(f"\n  → {visible(check.next_step)}", "dim" if check.status == "ok" else "")
        lines.append(line)
    return Text("\n").join(lines)


COMMANDS = (run, doctor)

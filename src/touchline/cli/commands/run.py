"""``run``: the numbers, brought to what the ledger says."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.clock import now_micros
from touchline.cli.run_shown import run_table
from touchline.cli.terminal import progress, stacked, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.workspace import Workspace
    from touchline.pipeline import RunReport


def run(
    *, rebuild: Switch = False, debug_tables: Path | None = None, notify: Switch = False, options: Options = COMMON
) -> Answer:  # fmt: skip
    """Update the numbers from the ledger, all or nothing.

    Events older than the retention_days setting are erased first. So are, if the withdrawal setting says so, those of
    visitors who took their consent back.

    :param rebuild: delete everything derived, and compute it again.
    :param debug_tables: an empty folder for the run's intermediate tables, one Parquet file each.
    :param notify: send new alarms of the health of the data to the destinations of `touchline alarm list`.
    """
    from touchline.jobs import erasing, running
    from touchline.jobs.withdrawals import carry_out_withdrawals

    with options.opened() as workspace, progress("Running", is_quiet=options.json) as told:
        erasing.retain(workspace, now=now_micros())
        carry_out_withdrawals(workspace, now=now_micros())
        report = running.run(workspace, is_rebuild=rebuild, debug_folder=debug_tables, progress=told)
        sent = _notified(workspace) if notify else None
    document = report if sent is None else {**vars(report), "notified": sent}
    return Answer(document, partial(_shown, report, sent, is_asked=rebuild))


def _notified(workspace: "Workspace") -> str:
    """What became of new alarms, and of deliveries that waited."""
    from touchline.jobs.alarming.notifying import notify_now
    from touchline.settings import environment

    return notify_now(workspace, environment())


def _shown(report: "RunReport", sent: str | None, *, is_asked: bool) -> "RenderableType":
    made = run_table(report, is_asked=is_asked)
    return made if sent is None else stacked(made, Text(visible(sent)))


COMMAND = run

"""``run``: the numbers, brought to what the ledger says."""

from functools import partial
from pathlib import Path

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.clock import now_micros
from touchline.cli.run_shown import run_table
from touchline.cli.terminal import progress


def run(*, rebuild: Switch = False, debug_tables: Path | None = None, options: Options = COMMON) -> Answer:
    """Update the numbers from the ledger, all or nothing.

    Events older than the retention_days setting are erased first.

    :param rebuild: delete everything derived, and compute it again.
    :param debug_tables: an empty folder for the run's intermediate tables, one Parquet file each.
    """
    from touchline.jobs import erasing, running

    with options.opened() as workspace, progress("Running", is_quiet=options.json) as told:
        erasing.retain(workspace, now=now_micros())
        report = running.run(workspace, is_rebuild=rebuild, debug_folder=debug_tables, progress=told)
    return Answer(report, partial(run_table, report, is_asked=rebuild))


COMMAND = run

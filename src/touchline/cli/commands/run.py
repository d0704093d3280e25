"""``run``: the numbers, brought to what the ledger says."""

from functools import partial
from pathlib import Path

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.clock import now_micros
from touchline.cli.run_shown import run_table
from touchline.cli.terminal import progress


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


COMMAND = run

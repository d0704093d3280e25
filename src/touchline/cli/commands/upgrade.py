"""``upgrade``: the home, to the schema of this release."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from touchline.amounts import counted
from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.copies import size_of
from touchline.cli.terminal import number, stacked, table, visible
from touchline.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.upgrading import Upgraded, UpgradePlan

_TO_DO = 1
"""The exit code of a check that finds something to do."""


def upgrade(
    *, check: Switch = False, backup: Path | None = None,
    makes_backup: Annotated[bool, Parameter(name="--with-backup", negative="--no-backup")] = True,
    options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Bring the home's ledger to the schema of this release, with a backup of it before.

    Any other command and `touchline serve` do the same when they open the home, without a backup. With --check, nothing
    is done; the exit code is 0 if nothing is to be done, 1 if something is, and 3 if a newer release was here before.

    :param check: say what would be done, how long it takes and what it needs, and do nothing.
    :param backup: the file of the backup; by default one in the home, named after the schema and the time.
    :param makes_backup: make it; where the ledger is in PostgreSQL, make one with pg_dump, and give --no-backup.
    """
    from touchline.jobs import upgrading

    if backup is not None and not makes_backup:
        raise UsageError("A backup is wanted, and none.", "Give --backup FILE or --no-backup.")
    if check:
        return _planned(upgrading.plan_of(options.place))
    return _done(upgrading.upgrade_home(options.place, backup=backup, has_backup=makes_backup))


def _planned(plan: "UpgradePlan") -> Answer:
    ledger = plan.ledger
    document = {
        "schema": ledger.schema, "known": ledger.known, "is_ahead": ledger.is_ahead,
        "steps": [step._asdict() for step in ledger.steps], "seconds": round(ledger.seconds, 1),
        "is_rolling": ledger.is_rolling, "needed_bytes": ledger.needed_bytes if ledger.steps else 0,
        "free_bytes": plan.free_bytes, "engine_tables": plan.engine_tables,
    }  # fmt: skip
    has_work = bool(ledger.steps or plan.engine_tables)
    return Answer(document, lambda: _shown(plan), exit_code=_TO_DO if has_work else 0)


def _shown(plan: "UpgradePlan") -> "RenderableType":
    ledger = plan.ledger
    if ledger.is_ahead:
        said = f"The ledger has schema {ledger.schema}, of a newer release. This one, of {ledger.known}, can go on."
        return Text(said)
    lines = [_of_engine(plan.engine_tables)]
    if not ledger.steps:
        return stacked(Text(f"The ledger has this release's schema, {ledger.schema}."), *map(Text, lines))
    rows = [(step.revision, number(step.rows), _time(step.seconds), step.says) for step in ledger.steps]
    title = f"From schema {ledger.schema} to {ledger.known}"
    size = f"{ledger.needed_bytes / 1e6:,.0f} MB with a backup; {plan.free_bytes / 1e6:,.0f} MB are free"
    rolling = "Servers of the release before can go on meanwhile." if ledger.is_rolling else (
        "Stop servers of the release before first: they cannot go on with the new schema."
    )  # fmt: skip
    last = (f"About {_time(ledger.seconds)} in all, in one transaction; {size}.", rolling, *lines, "Nothing was done.")
    return stacked(table(title, ("schema", ">rows", ">about", "what it does"), rows), *map(Text, last))


def _of_engine(tables: int | None) -> str:
    if tables is None:
        return "Whether the numbers' tables have the shape of this release is not known from here."
    if not tables:
        return "The numbers' tables have this release's shape; where a rule changed, the next run computes them again."
    return f"The next run makes all {counted(tables, 'table')} of the numbers again, as their shape changed."


def _time(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 1 else "under 1 s"


def _done(done: "Upgraded") -> Answer:
    migration = done.migration
    document = {
        "before": migration.before if migration else None, "after": migration.after if migration else None,
        "seconds": round(migration.seconds, 1) if migration else 0, "backup": str(done.backup) if done.backup else None,
    }  # fmt: skip
    if migration is None:
        return Answer(document, lambda: Text("The ledger has this release's schema: nothing was to be done."))
    now = f"The ledger has schema {migration.after} now, where it had {migration.before}"
    said = f"{now}; {migration.seconds:.1f} seconds."
    copied = f"\n{done.backup} holds what was there before: {size_of(done.copied)}." if done.copied else ""
    return Answer(document, lambda: Text(visible(f"{said}{copied}\nNext: touchline run, or start the server.")))


COMMAND = upgrade

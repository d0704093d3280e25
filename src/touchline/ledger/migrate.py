"""Brings a ledger to the schema of this release, unless a newer one has upgraded it.

A release that upgrades a ledger writes into it since which schema others may go on working with it: those that lack
additive migrations alone (new tables, new columns with a default). So servers of one ledger can be upgraded in turn.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from touchline.errors import BusyError, HomeError
from touchline.ledger.schema import JOB_RUNS
from touchline.ledger.steps import Step, steps_in

if TYPE_CHECKING:
    from alembic.config import Config

_PACKAGE, _FOLDER = "touchline.ledger", "migrations"
JOB = "upgrade"
"""The job under which a ledger remembers which release upgraded it."""
BACKUP = "backup"
"""The job under which it remembers where its backups are."""
_WORKS_WITH = "works_with"


class Migration(NamedTuple):
    """What brought a ledger to this release's schema."""

    before: str
    """The schema that it had; empty: it was new."""
    after: str
    seconds: float


def upgrade(
    engine: Engine, guard: str = "", servers: str = "", check: Callable[[Connection], None] | None = None
) -> Migration | None:  # fmt: skip
    """Apply the migrations that the ledger does not have yet, in one transaction; ``None``: nothing was to be done.

    :param guard: a statement that waits until no other process migrates.
    :param servers: a query whether no server works with the ledger; ``""``: nobody can tell.
    :param check: raises an error if the ledger could not be opened once it is upgraded.
    :raises HomeError: if a newer release upgraded the ledger, and this one cannot work with it any more.
    :raises BusyError: if a server works with the ledger that could not go on.
    """
    began, began_at = time.perf_counter(), time.time_ns() // 1000
    with engine.begin() as connection:
        if guard:
            connection.exec_driver_sql(guard)
        standing = standing_in(connection)
        if standing == revisions()[-1] or (standing is not None and is_ahead(connection)):
            return None
        if standing is not None and servers and not works_on(standing) and not connection.scalar(text(servers)):
            raise BusyError(
                f"A server works with the ledger, and could not go on once it has schema {revisions()[-1]}.",
                "Stop it first; `touchline upgrade --check` says what an upgrade does.",
            )
        if check:
            check(connection)
        _migrate(connection)
        _note(connection, standing, began_at)
    return Migration(standing or "", revisions()[-1], time.perf_counter() - began)


def works_on(standing: str) -> bool:
    """Whether programs of this schema can work with the newest one."""
    return standing >= works_with(steps())


def is_ahead(connection: Connection) -> bool:
    """Whether a newer release upgraded the ledger, to a schema that this one can work with.

    :raises HomeError: if this one cannot.
    """
    standing = connection.scalar(text("select version_num from alembic_version"))
    if standing in revisions():
        return False
    if _works_with(connection) in revisions():
        return True
    known = f"this is touchline {version('touchline')}, which knows schemas up to {revisions()[-1]}"
    who, back = _upgraded(connection)
    raise HomeError(
        f"The ledger has schema {standing}{who}, and {known}.", f"Install a newer version of touchline{back}."
    )


def require_known(connection: Connection) -> None:
    """Refuse to copy a ledger table by table that a newer release upgraded: what only that one knows would be missing.

    :raises HomeError: if it did.
    """
    if is_ahead(connection):
        raise HomeError(
            f"A newer release has upgraded the ledger, and this is touchline {version('touchline')}, which would copy"
            " only what it knows of it.", "Give the command with the newer release.",
        )  # fmt: skip


def configured(connection: Connection) -> "Config":
    """What Alembic needs to know to migrate by ``connection``."""
    from alembic.config import Config  # noqa: PLC0415 - it takes a fifth of a start, where nearly never it is needed

    config = Config()
    config.set_main_option("script_location", f"{_PACKAGE}:{_FOLDER}")
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - as above

    command.upgrade(configured(connection), "head")


def _note(connection: Connection, before: str | None, began_at: int) -> None:
    """Say since which schema others may go on, and which release this is."""
    if _WORKS_WITH not in _columns(connection):
        connection.execute(text(f"alter table alembic_version add column {_WORKS_WITH} varchar(32)"))
    connection.execute(text(f"update alembic_version set {_WORKS_WITH} = :since"), {"since": works_with(steps())})
    if before is not None:
        said = f"touchline {version('touchline')}: from schema {before} to {revisions()[-1]}"
        times = {"started_at": began_at, "ended_at": time.time_ns() // 1000}
        connection.execute(insert(JOB_RUNS).values(job=JOB, status="done", detail=said, **times))


def works_with(all_steps: list[Step]) -> str:
    """The oldest schema whose programs can work with the newest one, as only additive migrations lie between.

    >>> works_with([Step("1", "", False, ()), Step("2", "", True, ()), Step("3", "", True, ())])
    '1'
    """
    found = all_steps[-1].revision
    for step, before in zip(reversed(all_steps), reversed(all_steps[:-1]), strict=False):
        if not step.is_additive:
            break
        found = before.revision
    return found


def _works_with(connection: Connection) -> str | None:
    if _WORKS_WITH not in _columns(connection):
        return None
    since: str | None = connection.scalar(text(f"select {_WORKS_WITH} from alembic_version"))
    return since


def _columns(connection: Connection) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns("alembic_version")}


def _upgraded(connection: Connection) -> tuple[str, str]:
    """Which release upgraded the ledger, and how to go back, as far as it remembers that."""
    kept = JOB_RUNS.c
    newest = select(kept.started_at, kept.detail).where(kept.status == "done").order_by(kept.job_run.desc()).limit(1)
    with suppress(DBAPIError):  # a schema that is not known may have another table
        done = connection.execute(newest.where(kept.job == JOB)).first()
        if done is None:
            return "", ""
        who = f", since {datetime.fromtimestamp(done.started_at / 1e6, UTC):%F %R} UTC ({done.detail})"
        copy = connection.execute(newest.where(kept.job == BACKUP, kept.started_at <= done.started_at)).first()
        if copy is None:
            return who, ""
        return who, f", or go back: `touchline restore {copy.detail} --home ANOTHER` has what was there before"
    return "", ""


def standing_in(connection: Connection) -> str | None:
    """The revision that the ledger has; ``None`` is an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    standing: str | None = connection.scalar(text("select version_num from alembic_version"))
    return standing


@cache
def revisions() -> list[str]:
    """The schemas of this release, in order: each file of ``versions`` begins with its own."""
    files = (file.name for file in (resources.files(_PACKAGE) / _FOLDER / "versions").iterdir())
    return sorted(name.partition("_")[0] for name in files if name[:1].isdigit())


def steps() -> list[Step]:
    """The migrations of this release, in order."""
    return steps_in(resources.files(_PACKAGE) / _FOLDER / "versions")

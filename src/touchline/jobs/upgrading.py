"""Upgrading a home on purpose: what that would do, and doing it with a backup before."""

import shutil
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from touchline.applied import is_whole
from touchline.engines import open_engine
from touchline.errors import BusyError, HomeError, StorageError, TouchlineError, UsageError
from touchline.jobs.ownership import is_served
from touchline.jobs.whose import require_own
from touchline.ledger import Ledger, schema
from touchline.ledger.backup import Copied, back_up
from touchline.ledger.migrate import BACKUP, Migration
from touchline.ledger.upgrade_plan import Planned, planned
from touchline.settings import Home
from touchline.tables import ALL

__all__ = ["Planned", "UpgradePlan", "Upgraded", "plan_of", "upgrade_home"]


@dataclass(frozen=True)
class UpgradePlan:
    """What this release would do to a home before it works with it."""

    ledger: Planned
    engine_tables: int | None
    """How many tables of the engine have another shape in this release, so that all are made again by the next run;
    ``None``: not known while a server has the engine, or before the first run."""
    free_bytes: int
    """On the disk of the home."""


@dataclass(frozen=True)
class Upgraded:
    """What was done."""

    migration: Migration | None
    """``None``: the ledger had this release's schema."""
    backup: Path | None
    copied: Copied | None


def plan_of(home: Home) -> UpgradePlan:
    """What an upgrade would do; nothing is written, and nobody waits.

    :raises HomeError: if there is no ledger, or a newer release upgraded it so that this one cannot work with it.
    """
    _check(home)
    return UpgradePlan(planned(home.ledger), _engine_tables(home), shutil.disk_usage(_folder(home)).free)


def upgrade_home(home: Home, *, backup: Path | None, has_backup: bool) -> Upgraded:
    """Bring the home's ledger to this release's schema, with a copy of it before.

    :param backup: the file of the copy; ``None``: one in the home.
    :param has_backup: whether a copy is made where there is something to do.
    :raises BusyError: if a server has the home's file open.
    :raises UsageError: if the ledger is in PostgreSQL, of which no copy of an earlier schema can be made here.
    :raises StorageError: if there is no room for it.
    """
    plan = plan_of(home)
    if not plan.ledger.steps:
        return Upgraded(None, None, None)
    if not home.database_url and is_served(home):
        raise BusyError(f"A server works with {home.path}.", "Stop it first; started again, it finds all done.")
    began, copied = time.time_ns() // 1000, None
    file = (backup or home.path / _name(plan.ledger.schema)) if has_backup else None
    if file is not None:
        copied = _copied(home, plan, file)
    with closing(Ledger(home.ledger)) as ledger:
        if file is not None:
            with ledger.transaction() as entry:
                times = {"started_at": began, "ended_at": began}
                entry.add(schema.JOB_RUNS, job=BACKUP, status="done", detail=str(file.resolve()), **times)
        return Upgraded(ledger.migration, file, copied)


def _copied(home: Home, plan: UpgradePlan, file: Path) -> Copied:
    if home.database_url:
        raise UsageError(
            "A backup before the upgrade is made of a ledger in a file, and this one is in PostgreSQL.",
            "Make one with pg_dump, and give --no-backup.",
        )
    if plan.free_bytes < plan.ledger.needed_bytes:
        raise StorageError(
            f"{plan.free_bytes / 1e6:,.0f} MB are free, and the upgrade with its backup may need"
            f" {plan.ledger.needed_bytes / 1e6:,.0f} MB.",
            "Free some space, or give --backup FILE on another disk, or --no-backup.",
        )
    return back_up(home.ledger, file)


def _name(standing: str) -> str:
    return f"before-upgrade-from-{standing}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"


def _check(home: Home) -> None:
    require_own(home)
    if not home.database_url and not home.exists:
        raise HomeError(f"There is no Touchline in {home.path}.", "Set TOUCHLINE_HOME to where it is, or give --home.")


def _folder(home: Home) -> Path:
    return home.path if home.path.is_dir() else Path.cwd()


def _engine_tables(home: Home) -> int | None:
    if not home.has_engine or (not home.engine_url and is_served(home)):
        return None
    with suppress(TouchlineError):
        engine = open_engine(home.engine_url, home.engine_file, memory=home.memory, is_read_only=True)
        with closing(engine):
            return 0 if is_whole(engine) else len(ALL)
    return None

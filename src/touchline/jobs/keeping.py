"""Backups: the ledger is all there is to keep; the engine is derived from it."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import HomeError, StorageError, UsageError
from touchline.jobs.repeating_erasures import erased_in, repeat
from touchline.jobs.whose import require_own
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.backup import Copied, back_up, restore
from touchline.ledger.erasure_journal import key_in, read
from touchline.ledger.migrate import BACKUP
from touchline.ledger.moving import cancel, ground_at
from touchline.settings import Home

__all__ = ["Copied", "Restored", "back_up_home", "restore_home"]


@dataclass(frozen=True)
class Restored(Copied):
    """What a restored ledger holds."""

    erased: int
    """How many events of the backup are not in it, because they were erased since."""
    links: int
    """How many links to views work again, those that were removed after the backup among them."""


def back_up_home(home: Home, copy: Path) -> Copied:
    """Copy the home's ledger to ``copy`` while others may write to it; the ledger remembers where it is.

    :raises HomeError: if there is no Touchline in the home.
    :raises UsageError: if there is something at ``copy`` already.
    """
    require_own(home)
    if not home.database_url and not home.exists:
        raise HomeError(f"There is no Touchline in {home.path}.", "Set TOUCHLINE_HOME to where it is, or give --home.")
    with closing(Ledger(home.ledger)):  # it is there, and in use
        pass
    started = time.time_ns() // 1000
    copied = back_up(home.ledger, copy)
    with closing(Ledger(home.ledger)) as ledger, ledger.transaction() as entry:  # for the erasures to come
        entry.add(
            schema.JOB_RUNS, job=BACKUP, started_at=started, ended_at=time.time_ns() // 1000, status="done",
            detail=str(copy.resolve()),
        )  # fmt: skip
    return copied


def restore_home(copy: Path, home: Home, *, erased_home: Home | None = None, now: int | None = None) -> Restored:
    """Make ``home`` of a backup; its numbers come with the first run.

    Erasures made since the backup are repeated: those in the file next to it, and those of ``erased_home``. Nobody is
    signed in: a session of the backup may have ended since, with the password that began it.

    :param now: microseconds since 1970; by default, the time of the system.
    :raises HomeError: if the folder holds a ledger or an engine already.
    :raises InputError: if ``copy`` is no sound backup.
    """
    _must_be_a_file(home)
    require_own(home)
    if home.exists or home.engine_file.exists():
        raise HomeError(f"{home.path} is already a Touchline home.", "Restore into another folder.")
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{home.path} cannot be made: {error.strerror}.", "Name another folder.") from error
    entries, key = list(read(copy)), key_in(copy)
    if erased_home is not None:
        with Workspace(erased_home) as other:
            entries += erased_in(other)
            key = other.ledger.key
    copied = restore(copy, home.ledger_file, key)
    with ground_at(home.ledger_file) as ground:
        cancel(ground)  # a move that had begun is the other ledger's
    with Workspace(home, keys_rows=False) as workspace:
        restored_at = time.time_ns() // 1000 if now is None else now
        with workspace.ledger.transaction() as entry:
            entry.remove(schema.SERVER_SESSIONS)
        erased = repeat(workspace, entries, now=restored_at)
        workspace.ledger.key_rows()  # entries of a release without a key can be compared only with what has none
        links = sum(row["ends_at"] > restored_at for row in workspace.ledger.rows(schema.SHARE_LINKS))
        workspace.ledger.settle()
    return Restored(copied.events - erased, copied.newest_sequence, copied.size_bytes, erased, links)


def _must_be_a_file(home: Home) -> None:
    if home.database_url:
        raise UsageError(
            "A backup is restored into a home of its own, and DATABASE_URL is set.",
            "Unset it, restore, and move the ledger to an empty database with `touchline move --to`.",
        )

"""A consistent copy of a ledger in a file while others write to the ledger, and the way back."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import HomeError, InputError, UsageError
from touchline.ledger.drafts import drafted
from touchline.ledger.hash_key import HashKey
from touchline.ledger.ledger import Ledger
from touchline.ledger.moving.copying import copy_into
from touchline.ledger.sqlite import SQLite


@dataclass(frozen=True)
class Copied:
    """What a copy of a ledger holds: how many events, the newest one's sequence, and how many bytes it takes."""

    events: int
    newest_sequence: int
    size_bytes: int


def back_up(place: Path | str, copy: Path) -> Copied:
    """Copy the ledger as it stands at one moment, however busy it is; ``copy`` appears once it is whole.

    It is a file that :func:`restore` takes, whichever database keeps the ledger.

    :raises UsageError: if there is something at ``copy`` already.
    :raises StorageError: if it cannot be written.
    """
    if copy.exists():
        raise UsageError(f"{copy} already exists.", "Name a new file; existing files are never overwritten.")
    with drafted(copy) as draft:
        if isinstance(place, Path):
            _copy_pages(place, draft)
        else:
            copy_into(place, draft)
        with closing(sqlite3.connect(draft)) as target:
            target.execute("pragma journal_mode = delete")
        return _sound(draft)


def _copy_pages(ledger_file: Path, draft: Path) -> None:
    with (
        SQLite(ledger_file).explained(),
        closing(sqlite3.connect(f"{ledger_file.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(draft)) as target,
    ):
        source.backup(target)  # all pages in one read transaction: writers go on, and it sees none of them


def restore(copy: Path, ledger_file: Path, key: HashKey | None = None) -> Copied:
    """Put a backup in the place of a ledger that is not there yet, in the schema of this release.

    Rows of a release whose hashes had no key are left as they are: :meth:`~touchline.ledger.Ledger.key_rows` keys them.

    :param key: what the hashes in a backup of such a release are to have.
    :raises InputError: if ``copy`` is missing, damaged, or no backup of a ledger.
    :raises HomeError: if there is a ledger already, or the backup is of a newer release.
    """
    if not copy.is_file():
        raise InputError(f"There is no file {copy}.")
    if ledger_file.exists():
        raise HomeError(f"{ledger_file.parent} is already a Touchline home.", "Restore into another folder.")
    with drafted(ledger_file) as draft:
        shutil.copyfile(copy, draft)
        try:
            _sound(draft)
        except (sqlite3.Error, HomeError) as error:
            raise InputError(f"{copy} is not a ledger backup, or it is damaged: {error}.", "Try another.") from error
        Ledger(draft, key=key, keys_rows=False).close()
        return _sound(draft)


def _sound(file: Path) -> Copied:
    with closing(sqlite3.connect(file)) as connection:
        if connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
            raise HomeError(f"{file} is damaged.")
        events, newest = connection.execute(
            "select count(*), coalesce(max(sequence), 0) from tracking_events"
        ).fetchone()
    return Copied(events, newest, file.stat().st_size)

"""Opening the ledger's file, and its driver errors in a person's words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from touchline.errors import BusyError, HomeError, StorageError


class ClashError(Exception):
    """A row stands already that only one may be of; whoever wrote knows which, and says so."""


WAIT_SECONDS = 5.0
"""How long a writer waits for another before it gives up."""


def connected(file: Path) -> Engine:
    """An engine on the SQLite file: WAL, commits on the disk before they are acknowledged, deleted rows wiped."""
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "secure_delete = on"):
            connection.execute(f"pragma {pragma}")

    return engine


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Driver errors that a person can mend become Touchline's; all others pass as they are."""
    try:
        yield
    except IntegrityError as error:
        raise ClashError(str(error.orig)) from error
    except (DBAPIError, sqlite3.Error) as error:
        text = str(error.orig if isinstance(error, DBAPIError) else error)
        if "locked" in text:
            raise BusyError(
                f"Another process is writing to {file} and did not finish in {WAIT_SECONDS:g} seconds.",
                "Run the command again when it is done; nothing was half-written.",
            ) from error
        if "not a database" in text or "malformed" in text:
            raise HomeError(f"{file} is no ledger: {text}.", "Restore it from a backup.") from error
        if any(sign in text for sign in ("full", "readonly", "read-only", "I/O", "unable to open")):
            raise StorageError(
                f"The ledger cannot write {file}: {text}.",
                "Free some space (or mend the permissions) and run the command again; nothing was half-written.",
            ) from error
        raise

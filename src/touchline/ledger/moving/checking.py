"""Whether both ends of a move hold the same: every row of every table, as of one moment."""

from typing import NamedTuple

from sqlalchemy import Connection

from touchline.amounts import counted
from touchline.errors import StorageError
from touchline.ledger.moving.rows import TABLES, Digest, slices
from touchline.progress import Progress


class Checked(NamedTuple):
    """A table that both ends hold alike."""

    table: str
    rows: int
    digest: str
    """A hash of all rows, which was computed at each end separately."""


def checked(source: Connection, target: Connection, progress: Progress) -> list[Checked]:
    """Compare two views of one moment, table by table.

    :raises StorageError: if a table differs.
    """
    found = []
    for table in TABLES:
        digests = []
        for view in (source, target):
            digest = Digest()
            for rows in slices(view, table):
                digest.add(rows)
                progress(f"checking {table.name}", digest.rows, 0)
            digests.append(digest)
        ours, theirs = digests
        if (ours.rows, ours.text) != (theirs.rows, theirs.text):
            raise differs(table.name, f"{_said(ours)}, and {_said(theirs)}")
        found.append(Checked(table.name, ours.rows, ours.text))
    return found


def _said(digest: Digest) -> str:
    return f"{counted(digest.rows, 'row')} ({digest.text})"


def differs(table: str, how: str) -> StorageError:
    """Both ends hold something else."""
    return StorageError(
        f"The table {table} is not the same at both ends: {how}. Nothing was switched; the old ledger is in use.",
        "Run `touchline move --cancel`, empty the place that was to be filled, and move again.",
    )

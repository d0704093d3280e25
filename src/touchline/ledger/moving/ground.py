"""What a move asks of the database at either end; each kind of database is a module next to this one."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Table, delete, insert

from touchline.ledger.moving.rows import PARENTS, Key, key_of, rows_of, with_keys
from touchline.ledger.rows import Rows
from touchline.ledger.schema import TRACKING_EVENTS
from touchline.ledger.store import Store


class Ground(Protocol):
    """One end of a move."""

    name: str
    """What people call it, without a password."""

    @property
    def store(self) -> Store:
        """Its database."""

    def is_empty(self) -> bool:
        """Whether nothing is there yet."""

    def size_bytes(self) -> int:
        """What it takes of a disk."""

    def begin_filling(self, detail: str) -> None:
        """Make the tables of an empty place, and mark it as one that is being filled, both or neither."""

    def view(self) -> AbstractContextManager[Connection]:
        """Reads everything as of one moment, while others write."""

    def stopped(self) -> AbstractContextManager[Connection]:
        """As :meth:`view`, and writers wait; what is written here is committed at the end.

        :raises BusyError: if others write for too long.
        """

    def follow(self, connection: Connection) -> None:
        """From the end of the transaction on, note every row that changes."""

    def forget_changes(self, view: Connection, up_to: int, token: str) -> None:
        """Take away the notes that ``view`` sees, up to this number.

        :raises HomeError: if they are not the notes of the move with this token any more.
        """

    def follow_no_more(self, connection: Connection) -> None:
        """Take away the notes, and whatever makes them."""

    def refuse_writing(self, connection: Connection) -> None:
        """From the end of the transaction on, refuse whatever changes the ledger, in all processes."""

    def add_events(self, connection: Connection, rows: Rows) -> None:
        """Add whole events with their numbers."""

    def numbers(self, connection: Connection) -> Mapping[str, int]:
        """The newest number that was given out, by table."""

    def set_numbers(self, connection: Connection, numbers: Mapping[str, int]) -> None:
        """Go on counting from there."""


def add(ground: Ground, connection: Connection, table: Table, rows: Rows) -> None:
    """Add whole rows that are not there."""
    if table is TRACKING_EVENTS:
        ground.add_events(connection, rows)
    else:
        names = [column.name for column in table.columns]
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def remove(ground: Ground, connection: Connection, table: Table, keys: Sequence[Key]) -> None:
    """Remove the rows with these primary keys, as far as there are any."""
    if table is TRACKING_EVENTS:
        ground.store.remove_events(connection, [key[0] for key in keys])
    else:
        connection.execute(delete(table).where(with_keys(table, keys)))


def put(ground: Ground, connection: Connection, table: Table, rows: Rows, keys: Sequence[Key]) -> None:
    """Let these rows stand under their keys; of a table that others refer to, rows may stand there still."""
    if table.name not in PARENTS:
        add(ground, connection, table, rows)
        return
    standing = {key_of(table, row) for row in rows_of(connection, table, keys)}
    new = [row for row, key in zip(rows, keys, strict=True) if key not in standing]
    if new:
        add(ground, connection, table, new)
    for row, key in zip(rows, keys, strict=True):
        if key in standing:
            values = {column.name: value for column, value in zip(table.columns, row, strict=True)}
            connection.execute(table.update().where(with_keys(table, [key])).values(**values))

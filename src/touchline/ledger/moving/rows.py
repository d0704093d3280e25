"""Rows of the ledger's tables by primary key, in slices, whatever the tables are."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Date, Table, func, select, tuple_

from touchline.ledger.move_marks import CHANGES
from touchline.ledger.rows import Row, Rows
from touchline.ledger.schema import METADATA

SLICE = 5_000
"""Rows that are read and written at a time: 5 MB of events."""
KEYS = 500
"""Changed rows that are looked up at a time: databases limit the parameters of a statement."""

TABLES: Sequence[Table] = METADATA.sorted_tables
"""All of the ledger, those first that others refer to."""
NUMBERED: Sequence[Table] = [table for table in TABLES if table.dialect_options["sqlite"]["autoincrement"]]
"""The tables whose rows are numbered, without a number being given twice."""
PARENTS = frozenset(key.column.table.name for table in TABLES for key in table.foreign_keys)
"""The tables that others refer to."""

Key = tuple[Any, ...]


def key_columns(table: Table) -> list[ColumnElement[Any]]:
    """The columns of the primary key."""
    return list(table.primary_key.columns)


def key_of(table: Table, row: Row) -> Key:
    """The primary key of a row of all columns."""
    places = [index for index, column in enumerate(table.columns) if column.primary_key]
    return tuple(row[place] for place in places)


def slices(connection: Connection, table: Table, after: Key | None = None) -> Iterator[list[Row]]:
    """All rows after a primary key, in its order."""
    keys = key_columns(table)
    while True:
        reading = select(table).order_by(*keys).limit(SLICE)
        if after is not None:
            reading = reading.where(_after(keys, after))
        rows = [tuple(row) for row in connection.execute(reading)]
        if not rows:
            return
        yield rows
        after = key_of(table, rows[-1])


def _after(keys: Sequence[ColumnElement[Any]], after: Key) -> ColumnElement[bool]:
    return keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > after


def rows_of(connection: Connection, table: Table, keys: Sequence[Key]) -> list[Row]:
    """The rows with these primary keys, in its order."""
    found = select(table).where(with_keys(table, keys)).order_by(*key_columns(table))
    return [tuple(row) for row in connection.execute(found)]


def with_keys(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """The condition that a row has one of these primary keys."""
    columns = key_columns(table)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def changed_keys(connection: Connection, table: Table) -> Iterator[list[Key]]:
    """The primary keys of the rows that changed, each once, in slices."""
    after = ""
    while True:
        of_table = (CHANGES.c.name == table.name) & (CHANGES.c.key > after)
        found = select(CHANGES.c.key).distinct().where(of_table).order_by(CHANGES.c.key).limit(KEYS)
        said = connection.scalars(found).all()
        if not said:
            return
        yield [_read_key(table, text) for text in said]
        after = said[-1]


def _read_key(table: Table, text: str) -> Key:
    return read_key(table, json.loads(text))


def read_key(table: Table, values: Sequence[Any]) -> Key:
    """A primary key that was written as JSON."""
    columns = key_columns(table)
    return tuple(
        date.fromisoformat(value) if isinstance(column.type, Date) else value
        for column, value in zip(columns, values, strict=True)
    )


def written_key(key: Key) -> str:
    """A primary key as JSON.

    >>> written_key(("shop", date(2026, 3, 1), 7))
    '["shop", "2026-03-01", 7]'
    """
    return json.dumps([value.isoformat() if isinstance(value, date) else value for value in key])


def count_of(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


class Digest:
    """How many rows there are, and a hash of what they say, whichever database keeps them.

    >>> one, other = Digest(), Digest()
    >>> one.add([(1, "a")])
    >>> other.add([(1, "b")])
    >>> one.rows, one.text == other.text
    (1, False)
    """

    def __init__(self) -> None:
        self.rows = 0
        self._hash = blake2b(digest_size=8)

    def add(self, rows: Rows) -> None:
        """Take the next rows in."""
        self.rows += len(rows)
        for row in rows:
            self._hash.update(msgspec.msgpack.encode(row))

    @property
    def text(self) -> str:
        """16 hexadecimal digits."""
        return self._hash.hexdigest()

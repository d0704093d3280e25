"""Every row of every table of a ledger as Arrow, as of one moment, whichever database keeps it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, Float, Integer, Table
from sqlalchemy.types import TypeEngine

from touchline.ledger import migrate
from touchline.ledger.moving.opening import ground_at
from touchline.ledger.moving.rows import TABLES, slices

_ARROW: dict[type[TypeEngine[Any]], pa.DataType] = {
    Boolean: pa.bool_(), Date: pa.date32(), Float: pa.float64(), BigInteger: pa.int64(), Integer: pa.int64(),
}  # fmt: skip

NamedRows = tuple[str, pa.RecordBatchReader]
"""A table's name, and its rows in the order of its primary key."""


@contextmanager
def all_rows(place: Path | str) -> Iterator[Iterator[NamedRows]]:
    """The tables of the ledger at ``place``, each to be read to its end before the next one.

    :raises HomeError: if a newer release has upgraded it.
    """
    with ground_at(place) as ground, ground.view() as view:
        migrate.require_known(view)
        yield ((table.name, _reader(view, table)) for table in TABLES)


def _reader(view: Connection, table: Table) -> pa.RecordBatchReader:
    schema = pa.schema([pa.field(column.name, _type(column), bool(column.nullable)) for column in table.columns])
    return pa.RecordBatchReader.from_batches(schema, _batches(view, table, schema))


def _batches(view: Connection, table: Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in slices(view, table):
        columns = zip(*rows, strict=True)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _type(column: Column[Any]) -> pa.DataType:
    return next((kind for of, kind in _ARROW.items() if isinstance(column.type, of)), pa.string())

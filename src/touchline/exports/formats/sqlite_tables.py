"""A SQLite file of the user's own."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar

import adbc_driver_sqlite.dbapi as driver
import pyarrow as pa

from touchline.errors import InputError
from touchline.exports.adbc import Connected, in_transaction
from touchline.exports.databases import Tables
from touchline.exports.format import Format, Place, Rows


class _SQLite(Connected):
    """SQLite has no decimals: money is a number there."""

    types: ClassVar[dict[str, str]] = {
        "string": "text", "int64": "integer", "double": "real", "bool": "boolean", "date32[day]": "date",
        "timestamp[us]": "timestamp", "decimal128(38, 6)": "real", "decimal128(38, 0)": "integer",
    }  # fmt: skip
    listing: ClassVar[str] = "select 1 from sqlite_master where type in ('table', 'view') and name = ?"

    def ingest(self, name: str, rows: Rows) -> None:
        """Add rows to a table."""
        kinds = {"decimal128(38, 6)": pa.float64(), "decimal128(38, 0)": pa.int64(), "bool": pa.int64()}
        schema = pa.schema([(field.name, kinds.get(str(field.type), field.type)) for field in rows.schema])
        parts = (_cast(part, schema) for part in rows)
        super().ingest(name, pa.RecordBatchReader.from_batches(schema, parts))


def _cast(part: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Money by way of its digits: the nearest number, which Arrow's own cast is not."""
    columns = [column.cast(pa.string()) if pa.types.is_decimal(column.type) else column for column in part.columns]
    return pa.RecordBatch.from_arrays(
        [column.cast(kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema
    )


@contextmanager
def _opened(place: Place) -> Iterator[Tables]:
    with in_transaction(place, lambda: driver.connect(str(place.path))) as connection:
        yield Tables(_SQLite(connection), place.prefix)


@contextmanager
def _asked(place: Place, select: str) -> Iterator[Iterator[Mapping[str, object]]]:
    """By a connection that cannot write; it refuses several statements, and attaches no other file."""
    address = Path(place.path or place.address).resolve().as_uri()
    try:
        with closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            cursor = connection.execute(select)
            if cursor.description is None:
                raise InputError("The query is no select.", "Expected a query such as: select * from costs")
            names = [column[0] for column in cursor.description]
            yield (dict(zip(names, row, strict=True)) for row in cursor)
    except sqlite3.Error as error:
        raise InputError(
            f"{place.shown} cannot be asked: {error}.", "Check the query, and close the file in other programs."
        ) from error


FORMAT = Format("sqlite", "tables in a SQLite file", (".sqlite", ".db"), ("sqlite",), True, _opened, _asked)

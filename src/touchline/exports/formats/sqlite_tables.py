"""A SQLite file of the user's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import adbc_driver_sqlite.dbapi as driver
import pyarrow as pa

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


FORMAT = Format("sqlite", "tables in a SQLite file", (".sqlite", ".db"), ("sqlite",), True, _opened)

"""The bridge: the ledger's rows as Arrow, by declared schema, in chunks, after a given sequence."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import adbc_driver_sqlite.dbapi
import pyarrow as pa

from touchline.tables import COST_ROWS, ERASED_EVENTS, TRACKING_EVENTS, Column, Kind, Table

CHUNK = 65_536
"""Rows in memory at a time."""

_STORED = {Kind.INTEGER: "0", Kind.BOOLEAN: "0", Kind.TIMESTAMP: "0"}
_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.DATE: pa.date32(),
    Kind.DOUBLE: pa.float64(),
}


def events_after(file: Path, sequence: int) -> pa.RecordBatchReader:
    """Accepted events whose sequence is greater than ``sequence``, in the columns of ``tracking_events``."""
    columns = ", ".join(
        f"s.{column.name}" if column.name == "organization_id" else f"e.{column.name}"
        for column in TRACKING_EVENTS.columns
    )
    joined = "tracking_events as e join sites as s on s.site_id = e.site_id"
    return _read(file, TRACKING_EVENTS, f"select {columns} from {joined} where e.sequence > {sequence:d}")


def cost_rows_after(file: Path, load_number: int) -> pa.RecordBatchReader:
    """Rows of the ad-cost loads whose number is greater than ``load_number``, in the columns of ``cost_rows``."""
    owner = {"organization_id": "l", "source": "l", "load_number": "l"}
    columns = ", ".join(f"{owner.get(column.name, 'r')}.{column.name}" for column in COST_ROWS.columns)
    joined = "ad_cost_rows as r join ad_cost_loads as l on l.load_number = r.load_number"
    return _read(file, COST_ROWS, f"select {columns} from {joined} where l.load_number > {load_number:d}")


def erased_after(file: Path, tombstone: int) -> pa.RecordBatchReader:
    """The numbers of erased events whose tombstone is greater than ``tombstone``."""
    return _read(file, ERASED_EVENTS, f"select tombstone, sequence from erased_events where tombstone > {tombstone:d}")


def _read(file: Path, table: Table, select: str) -> pa.RecordBatchReader:
    """Stream ``select``.

    SQLite has values with types, not columns, and the driver takes a column's type from the first rows: a first row of
    one typed value each, dropped on arrival, settles it where those rows are NULL.
    """
    typed = ", ".join(f"{_STORED.get(column.kind, repr('x'))} as {column.name}" for column in table.columns)
    schema = pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in table.columns])
    return pa.RecordBatchReader.from_batches(schema, _batches(file, f"select {typed} union all {select}", table))


def _batches(file: Path, statement: str, table: Table) -> Iterator[pa.RecordBatch]:
    with (
        adbc_driver_sqlite.dbapi.connect(f"file:{quote(str(file))}?mode=ro") as connection,
        connection.cursor() as cursor,
    ):
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(CHUNK)})
        cursor.execute(statement)
        is_first = True
        for batch in cursor.fetch_record_batch():
            rows = batch.slice(1) if is_first else batch
            is_first = False
            yield pa.RecordBatch.from_arrays(
                [_cast(rows.column(i), column) for i, column in enumerate(table.columns)], names=table.column_names
            )


def _cast(values: pa.Array, column: Column) -> pa.Array:
    return values.cast(_ARROW[column.kind])

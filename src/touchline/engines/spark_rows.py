"""Rows on their way to Spark and back: what its types are, and how much goes in a request."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from touchline.engines.protocol import Arrow, batches
from touchline.table import Column, Kind, Table

WIDE = "decimal(38, 0)"

TYPES = {
    Kind.TEXT: "string",
    Kind.INTEGER: "bigint",
    Kind.WIDE: WIDE,
    Kind.BOOLEAN: "boolean",
    Kind.TIMESTAMP: "timestamp",
    Kind.DATE: "date",
    Kind.DOUBLE: "double",
}
_ARROW = {**{kind: kind.arrow for kind in Kind}, Kind.TIMESTAMP: pa.timestamp("us", "UTC")}
_REQUEST_BYTES = 16 * 1024 * 1024
"""How large the rows of one request are, about: servers refuse messages that are much larger."""


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """Times have a zone for Spark, so that they mean one moment each."""
    return pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in columns])


def parts(table: Table, rows: Arrow) -> Iterator[pa.Table]:
    """Rows as the table declares them, in parts that a request can carry.

    :raises ValueError: if a column is NULL that may not be.
    """
    held: list[pa.RecordBatch] = []
    for batch in filter(len, batches(rows)):
        for column in table.columns:
            if not column.is_nullable and batch[column.name].null_count:
                raise ValueError(f"{table.name}.{column.name} may not be NULL.")
        step = max(1, len(batch) * _REQUEST_BYTES // max(1, batch.nbytes))
        for start in range(0, len(batch), step):
            held.append(batch.select(list(table.column_names)).slice(start, step))
            if sum(one.nbytes for one in held) >= _REQUEST_BYTES // 2:
                yield pa.Table.from_batches(held).cast(schema_of(table.columns))
                held = []
    if held:
        yield pa.Table.from_batches(held).cast(schema_of(table.columns))


def without_zones(rows: pa.Table) -> pa.Table:
    """Times as every engine gives them: UTC, and no zone attached."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            rows = rows.set_column(index, field.name, rows.column(index).cast(pa.timestamp("us")))
    return rows

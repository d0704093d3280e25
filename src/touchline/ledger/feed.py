"""The bridge: the ledger's rows as Arrow, by declared schema, in chunks, after a given sequence."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from touchline.table import Table
from touchline.tables import COST_ROWS, IDENTITY_CLAIMS, REPORTING_RATES, TRACKING_EVENTS

CHUNK = 16_384
"""Rows in memory at a time: 15 MB of events, of which three copies stand while they are handed on."""


def events(after: int, up_to: int | None = None) -> str:
    """The query of accepted events by sequence, in the columns of ``tracking_events``."""
    columns = ", ".join(
        f"s.{column.name}" if column.name == "organization_id" else f"e.{column.name}"
        for column in TRACKING_EVENTS.columns
    )
    joined = "tracking_events as e join sites as s on s.site_id = e.site_id"
    return f"select {columns} from {joined} where {_between('e.sequence', after, up_to)}"


def cost_rows(after: int, up_to: int | None = None) -> str:
    """The query of ad costs by the number of their load, in the columns of ``cost_rows``."""
    owner = {"organization_id": "l", "source": "l", "load_number": "l"}
    columns = ", ".join(f"{owner.get(column.name, 'r')}.{column.name}" for column in COST_ROWS.columns)
    joined = "ad_cost_rows as r join ad_cost_loads as l on l.load_number = r.load_number"
    return f"select {columns} from {joined} where {_between('l.load_number', after, up_to)}"


def rates(after: int, up_to: int | None = None) -> str:
    """The rates to the organizations' currencies by number, in the columns of ``reporting_rates``."""
    columns = ", ".join(REPORTING_RATES.column_names)
    return f"select {columns} from reporting_rates where {_between('number', after, up_to)}"


def erased(after: int, up_to: int | None = None) -> str:
    """The numbers of erased events by tombstone."""
    return f"select tombstone, sequence from erased_events where {_between('tombstone', after, up_to)}"


def claims(after: int, up_to: int | None = None) -> str:
    """The identity claims by number, in the columns of ``identity_claims``."""
    return (
        f"select {', '.join(IDENTITY_CLAIMS.column_names)} from identity_claims where {_between('claim', after, up_to)}"
    )


def withdrawn(after: int, up_to: int | None = None) -> str:
    """The numbers of withdrawn claims by tombstone."""
    return f"select tombstone, claim from withdrawn_claims where {_between('tombstone', after, up_to)}"


def _between(column: str, after: int, up_to: int | None) -> str:
    return f"{column} > {after:d}" + ("" if up_to is None else f" and {column} <= {up_to:d}")


def reader(table: Table, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
    """What a driver gives, in the declared types of ``table`` and in chunks."""
    return pa.RecordBatchReader.from_batches(table.arrow_schema, _chunks(batches, table.arrow_schema))


def _chunks(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, CHUNK):
            rows = batch.slice(start, CHUNK)
            columns = [rows.column(i).cast(field.type) for i, field in enumerate(schema)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

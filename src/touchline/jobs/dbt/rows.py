"""The rows that a project brings along: settings, what Python made, and the tables of sources."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from touchline.engines import Engine
from touchline.jobs.dbt.statements import MARK
from touchline.table import Kind, Table

Batches = Iterable[pa.RecordBatch]


def in_order(rows: pa.Table, table: Table) -> pa.Table:
    """Rows of a table, in the order of its key."""
    chosen = rows.select(table.column_names)
    return chosen.sort_by([(name, "ascending") for name in table.key])


def write_seed(file: Path, table: Table, batches: Batches) -> None:
    """Write rows as a seed: a header, and text that no reader of CSV takes for anything else."""
    cells = [_cell(column.kind) for column in table.columns]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.column_names)
        for batch in batches:
            columns = (map(cell, batch[one.name].to_pylist()) for cell, one in zip(cells, table.columns, strict=True))
            writer.writerows(zip(*columns, strict=True))


def write_source(file: Path, table: Table, engine: Engine) -> None:
    """Write a table of an engine as Parquet, a part at a time, in the order of its key, else of all its columns."""
    schema = table.arrow_schema
    with pq.ParquetWriter(file, schema) as writer:
        for batch in stored(engine, table):
            writer.write_batch(batch.select(schema.names).cast(schema))


def stored(engine: Engine, table: Table) -> Iterator[pa.RecordBatch]:
    """The rows of a table of an engine, in the order of its key, else of all its columns."""
    columns = ", ".join(table.column_names)
    order = ", ".join(f"{name} nulls first" for name in table.key or table.column_names)
    with engine.reader(f"select {columns} from {table.name} order by {order}") as rows:  # noqa: S608 - declared names
        yield from rows


def _cell(kind: Kind) -> Callable[[object], str]:
    """How a value of a kind is written; nothing is empty.

    >>> _cell(Kind.TEXT)(""), _cell(Kind.BOOLEAN)(True), _cell(Kind.TEXT)(None)
    (':', 'true', '')
    """
    written = _WRITTEN.get(kind, str)
    return lambda value: "" if value is None else written(value)


def _text(value: object) -> str:
    return f"{MARK}{value}"


def _truth(value: object) -> str:
    return "true" if value else "false"


def _time(value: object) -> str:
    return value.isoformat(sep=" ", timespec="microseconds") if isinstance(value, datetime) else str(value)


_WRITTEN: dict[Kind, Callable[[object], str]] = {
    Kind.TEXT: _text, Kind.BOOLEAN: _truth, Kind.TIMESTAMP: _time, Kind.DOUBLE: repr,
}  # fmt: skip

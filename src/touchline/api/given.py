"""Tables that a caller gives: checked, and put where an engine reads them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pyarrow as pa

from touchline.engines import DuckDB
from touchline.errors import InputError

_TEXT_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_IDENTIFIER_TYPES = (pa.types.is_integer, *_TEXT_TYPES)


class ArrowTable(Protocol):
    """Any object that exports its rows as an Arrow stream, such as a pyarrow, pandas, polars, or DuckDB table."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as a PyCapsule with an ``ArrowArrayStream``."""


@contextmanager
def spilling() -> Iterator[Path | None]:
    """A file for an engine that spills next to it; ``None``, in memory only, if no folder is writable."""
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="touchline-")))
        except OSError:
            yield None
        else:
            yield folder / "given.duckdb"


def table_of(name: str, given: ArrowTable, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> pa.Table:
    """A table with a time in ``occurred_at``, in microseconds (UTC).

    :raises InputError: if it is no table, lacks a column, has one twice, or has no time.
    """
    table = any_table_of(name, given, required, optional)
    kind = table.schema.field("occurred_at").type
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        raise InputError(f"{name}.occurred_at is a timestamp, not {kind}.", "Convert it to timestamps (UTC).")
    index = table.column_names.index("occurred_at")
    table = table.set_column(index, "occurred_at", table["occurred_at"].cast(pa.timestamp("us"), safe=False))
    return _without_views(table)


def any_table_of(name: str, given: ArrowTable, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> pa.Table:
    """A table with the required columns.

    :raises InputError: if it is no table, lacks a column, or has one twice.
    """
    try:
        table = given if isinstance(given, pa.Table) else pa.table(given)
    except (TypeError, ValueError, pa.ArrowInvalid) as error:
        raise InputError(
            f"{name} is a {type(given).__name__}, which is not an Arrow-compatible table: {error}.",
            "Give a pyarrow, pandas or polars table, or anything with __arrow_c_stream__.",
        ) from error
    missing = [column for column in required if column not in table.column_names]
    if missing:
        raise InputError(f"{name} lacks {', '.join(missing)}; it has {', '.join(table.column_names)}.", "Rename them.")
    repeated = [c for c in (*required, *optional) if table.column_names.count(c) > 1]
    if repeated:
        raise InputError(f"{name} has more than one column {', '.join(repeated)}.", "Name each once.")
    return table


def _without_views(table: pa.Table) -> pa.Table:
    """Text as Arrow can filter it, which it cannot where the text is a view."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string_view(field.type):
            table = table.set_column(index, field.name, table.column(index).cast(pa.large_string()))
    return table


def require_filled(rows: pa.Table, name: str) -> None:
    """Raise :class:`InputError` if a value is missing, or an id is neither text nor an integer."""
    for field in rows.schema:
        if rows[field.name].null_count:
            raise InputError(
                f"{rows[field.name].null_count} of {rows.num_rows} {name} have no {field.name}.", "Fill it."
            )
        if field.name.endswith("_id") and not any(is_type(field.type) for is_type in _IDENTIFIER_TYPES):
            raise InputError(f"{name}.{field.name} is text or an integer, not {field.type}.", "Convert it.")
        if field.name == "channel" and not is_text(field.type):
            raise InputError(f"{name}.channel is text, not {field.type}.", "Convert it.")


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds text, encoded or not."""
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(is_type(plain) for is_type in _TEXT_TYPES)


def require_unique(engine: DuckDB, table: str, column: str) -> None:
    """Raise :class:`InputError` if a value of the column comes twice."""
    counted = engine.select(f"select count(*) as n, count(distinct {column}) as d from {table}")
    if counted["n"][0] != counted["d"][0]:
        raise InputError(f"{table}.{column} is not unique.", "Give each its own row.")

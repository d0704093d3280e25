"""Tables that a caller gives: checked, and put where an engine reads them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from numbers import Integral, Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeGuard
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.arrow_text import decoded, row_of
from touchline.engines import DuckDB
from touchline.errors import InputError, UsageError
from touchline.memory import VARIABLE, available_bytes, memory_from

_TEXT_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_IDENTIFIER_TYPES = (pa.types.is_integer, *_TEXT_TYPES)


class ArrowTable(Protocol):
    """Any object that exports its rows as an Arrow stream, such as a pyarrow, pandas, polars, or DuckDB table."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as a PyCapsule with an ``ArrowArrayStream``."""


@contextmanager
def engine_for_given() -> Iterator[DuckDB]:
    """An engine within ``TOUCHLINE_MEMORY``, with a temporary file to spill to."""
    memory = memory_from(os.environ.get(VARIABLE, ""), available_bytes())
    with _spilling() as file, closing(DuckDB(file, memory=memory)) as engine:
        yield engine


@contextmanager
def _spilling() -> Iterator[Path | None]:
    """A file for an engine that spills next to it; ``None``, in memory only, if no folder is writable."""
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="touchline-")))
        except OSError:
            yield None
        else:
            yield folder / "given.duckdb"


def is_whole(number: object) -> TypeGuard[int]:
    """Whether an argument is a whole number, of Python or NumPy.

    >>> import numpy as np
    >>> is_whole(3), is_whole(np.int64(3)), is_whole(3.0), is_whole(True)
    (True, True, False, False)
    """
    return isinstance(number, Integral) and not isinstance(number, bool)


def is_number(number: object) -> TypeGuard[float]:
    """Whether an argument is a number, of Python or NumPy.

    >>> import numpy as np
    >>> is_number(3), is_number(np.float32(1.5)), is_number("3"), is_number(True)
    (True, True, False, False)
    """
    return isinstance(number, Real) and not isinstance(number, bool)


def arrow_of(name: str, given: ArrowTable, required: Sequence[str], optional: Sequence[str] = ()) -> pa.Table:
    """As :func:`any_table_of`, with text that Arrow can filter."""
    return _plain(any_table_of(name, given, required, optional), (*required, *optional))


def any_table_of(name: str, given: ArrowTable, required: Sequence[str], optional: Sequence[str] = ()) -> pa.Table:
    """The given object as an Arrow table that has each required column once.

    :raises InputError: if it is no table, lacks a column, has one twice, or text that is none.
    """
    try:
        table = given if isinstance(given, pa.Table) else pa.table(given)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{_place_of(name, given, error.object)}: {ascii(error.object)[:80]} has half of a surrogate pair, which is"
            " no character.",
            'Replace it, for example by text.encode("utf-8", "replace").decode().',
        ) from error
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


def _place_of(name: str, given: ArrowTable, text: str) -> str:
    """The column and the row, from 0, of a text in a table of pandas; the table's name where neither is found."""
    for column in getattr(given, "columns", ()):
        row = row_of(text, given[column])  # type: ignore[index]
        if row is not None:
            return f"{name}.{column}, row {row}"
    return name


def table_of(
    name: str,
    given: ArrowTable,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    time: str = "occurred_at",
) -> pa.Table:
    """A table with a time in the column ``time``, in microseconds (UTC); times without a zone are taken for UTC.

    :raises InputError: if it is no table, lacks a column, has one twice, or has no time.
    """
    return in_utc(arrow_of(name, given, required, optional), name, "UTC", time=time)


def has_zone(table: pa.Table) -> bool:
    """Whether the times of ``occurred_at`` have a time zone."""
    kind = table.schema.field("occurred_at").type
    return pa.types.is_timestamp(kind) and kind.tz is not None


def in_utc(table: pa.Table, name: str, time_zone: str, *, time: str = "occurred_at") -> pa.Table:
    """The table with the column ``time`` in microseconds (UTC).

    :param time_zone: of times without one, and of dates, which mean their midnight. A time that the clock shows twice
        is the first of the two; one that it skips is the end of the gap.
    :raises InputError: if the column is no time.
    """
    kind = table.schema.field(time).type
    if not table.num_rows and pa.types.is_string(kind):
        table = table.set_column(table.column_names.index(time), time, pa.chunked_array([], pa.timestamp("us")))
        kind = table.schema.field(time).type
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        raise InputError(f"{name}.{time} is a timestamp, not {kind}.", "Convert it to timestamps (UTC).")
    times = table[time].cast(pa.timestamp("us"), safe=False)
    has_own = pa.types.is_timestamp(kind) and kind.tz is not None
    if time_zone != "UTC" and not has_own:
        zoned = pc.assume_timezone(times, time_zone, ambiguous="earliest", nonexistent="latest")
        times = zoned.cast(pa.timestamp("us"))
    return table.set_column(table.column_names.index(time), time, times)


def require_zone(name: str) -> None:
    """Raise :class:`UsageError` if there is no such time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise UsageError(f"There is no time zone {name!r}.", "Name one such as Europe/Berlin.") from error


def _plain(table: pa.Table, asked: Sequence[str]) -> pa.Table:
    """Text as Arrow can filter it, which it cannot where the text is a view; ids without a dictionary.

    A table without rows says nothing of the types of its columns, so those that are read are text.
    """
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if field.name.endswith("_id") or _has_views(field.type):
            column = decoded(column)
        if not table.num_rows and field.name in asked and _is_untyped(column.type):
            column = pa.chunked_array([], pa.string())
        if column.type != field.type:
            table = table.set_column(index, field.name, column)
    return table


def _has_views(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind.value_type if pa.types.is_dictionary(kind) else kind))


def _is_untyped(kind: pa.DataType) -> bool:
    """Whether pandas or polars give this type to a column of which they know nothing."""
    return bool(pa.types.is_null(kind) or pa.types.is_floating(kind))


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
    """Raise :class:`InputError` if a value of the column comes twice.

    Values are compared only if two have one hash: sorted numbers take half the time of counted texts.
    """
    hashes = np.sort(engine.select(f"select hash({column}) as hash from {table}")["hash"].to_numpy())
    if not (hashes[1:] == hashes[:-1]).any():
        return
    counted = engine.select(f"select count(*) as n, count(distinct {column}) as d from {table}")
    if counted["n"][0] != counted["d"][0]:
        raise InputError(f"{table}.{column} is not unique.", "Give each its own row.")

"""A DuckDB file of the user's own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import duckdb

from touchline.errors import InputError, StorageError
from touchline.exports.databases import OF_SCHEMA, Tables, quoted
from touchline.exports.format import Format, Place, Rows

_ROWS_AT_ONCE = 10_000
_MEMORY_MB = 1_024
"""What a query of a file may use."""
_Limits = dict[str, str | bool | int | float | list[str]]


class _DuckDB:
    types: ClassVar[dict[str, str]] = {
        "string": "varchar", "int64": "bigint", "double": "double", "bool": "boolean", "date32[day]": "date",
        "timestamp[us]": "timestamp", "decimal128(38, 6)": "decimal(38, 6)", "decimal128(38, 0)": "decimal(38, 0)",
    }  # fmt: skip
    listing: ClassVar[str] = OF_SCHEMA

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str, *values: str | int) -> Sequence[Sequence[Any]]:
        """Run a statement."""
        return self._connection.execute(sql, list(values)).fetchall()

    def ingest(self, name: str, rows: Rows) -> None:
        """Add rows to a table."""
        self._connection.register("rows_to_export", rows)
        try:
            self._connection.execute(f"insert into {quoted(name)} select * from rows_to_export")
        finally:
            self._connection.unregister("rows_to_export")


@contextmanager
def _opened(place: Place) -> Iterator[Tables]:
    try:
        with duckdb.connect(str(place.path)) as connection:
            connection.execute("begin transaction")
            yield Tables(_DuckDB(connection), place.prefix)
            connection.execute("commit")
    except duckdb.Error as error:
        raise StorageError(
            f"{place.shown} cannot be written: {error}.", "Close it elsewhere, or name another."
        ) from error


@contextmanager
def _asked(place: Place, select: str) -> Iterator[Iterator[Mapping[str, object]]]:
    """Nothing but one statement that selects, of this file alone: other files cannot be read, and none written."""
    try:
        kinds = [statement.type for statement in duckdb.extract_statements(select)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise InputError("The query is not one select.", "Expected a query such as: select * from costs")
        limits: _Limits = {"enable_external_access": "false", "memory_limit": f"{_MEMORY_MB}MB", "threads": "1"}
        with duckdb.connect(str(place.path), read_only=True, config=limits) as connection:
            batches = connection.sql(select).to_arrow_reader(_ROWS_AT_ONCE)
            yield (row for batch in batches for row in batch.to_pylist())
    except duckdb.Error as error:
        raise InputError(
            f"{place.shown} cannot be asked: {error}.", "Check the query, and close the file in other programs."
        ) from error


FORMAT = Format("duckdb", "tables in a DuckDB file", (".duckdb",), ("duckdb",), True, _opened, _asked)

"""A DuckDB file of the user's own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import duckdb

from touchline.errors import StorageError
from touchline.exports.databases import OF_SCHEMA, Tables, quoted
from touchline.exports.format import Format, Place, Rows


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


FORMAT = Format("duckdb", "tables in a DuckDB file", (".duckdb",), ("duckdb",), True, _opened)

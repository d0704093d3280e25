"""A PostgreSQL database of the user's own: the tables are made in the schema that is first on its search path."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from typing import Any, ClassVar

from touchline.errors import UsageError
from touchline.exports.adbc import Connected, in_transaction
from touchline.exports.databases import OF_SCHEMA, Tables
from touchline.exports.format import Format, Place


class _PostgreSQL(Connected):
    types: ClassVar[dict[str, str]] = {
        "string": "text", "int64": "bigint", "double": "double precision", "bool": "boolean", "date32[day]": "date",
        "timestamp[us]": "timestamp", "decimal128(38, 6)": "numeric(38, 6)", "decimal128(38, 0)": "numeric(38, 0)",
    }  # fmt: skip
    listing: ClassVar[str] = OF_SCHEMA

    def rows(self, sql: str, *values: str | int) -> Sequence[Sequence[Any]]:
        """Run a statement, whose parameters PostgreSQL numbers."""
        numbers = count(1)
        return super().rows("".join(f"${next(numbers)}" if one == "?" else one for one in sql), *values)


@contextmanager
def _opened(place: Place) -> Iterator[Tables]:
    try:
        driver = import_module("adbc_driver_postgresql.dbapi")
    except ModuleNotFoundError as error:
        raise UsageError(
            "The driver of PostgreSQL is not installed.", "Install it: pip install 'touchline[postgres]'."
        ) from error
    with in_transaction(place, lambda: driver.connect(place.address)) as connection:
        yield Tables(_PostgreSQL(connection), place.prefix)


FORMAT = Format("postgresql", "tables in PostgreSQL", (), ("postgresql", "postgres"), True, _opened)

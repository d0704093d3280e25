"""A PostgreSQL database of the user's own: the tables are made in the schema that is first on its search path."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from typing import Any, ClassVar

from adbc_driver_manager import Error

from touchline.errors import InputError, UsageError
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


def _driver() -> Any:
    try:
        return import_module("adbc_driver_postgresql.dbapi")
    except ModuleNotFoundError as error:
        raise UsageError(
            "The driver of PostgreSQL is not installed.", "Install it: pip install 'touchline[postgres]'."
        ) from error


@contextmanager
def _opened(place: Place) -> Iterator[Tables]:
    driver = _driver()
    with in_transaction(place, lambda: driver.connect(place.address)) as connection:
        yield Tables(_PostgreSQL(connection), place.prefix)


@contextmanager
def _asked(place: Place, select: str) -> Iterator[Iterator[Mapping[str, object]]]:
    """In a transaction that cannot write; the driver sends one statement."""
    driver = _driver()
    try:
        with driver.connect(place.address) as connection, connection.cursor() as cursor:
            cursor.execute("set transaction read only")
            cursor.execute(select)
            yield (row for batch in cursor.fetch_record_batch() for row in batch.to_pylist())
    except Error as error:
        said = " ".join(str(error).split())[:300]
        raise InputError(f"{place.shown} cannot be asked: {said}", "Check the address and the query.") from error


FORMAT = Format("postgresql", "tables in PostgreSQL", (), ("postgresql", "postgres"), True, _opened, _asked)

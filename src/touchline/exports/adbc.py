"""Databases that an ADBC driver speaks to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from adbc_driver_manager import Error

from touchline.errors import StorageError
from touchline.exports.format import Place, Rows


class Connected:
    """What the drivers have in common."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str, *values: str | int) -> Sequence[Sequence[Any]]:
        """Run a statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def ingest(self, name: str, rows: Rows) -> None:
        """Add rows to a table."""
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(name, rows, mode="append")


@contextmanager
def in_transaction(place: Place, connect: Callable[[], Any]) -> Iterator[Any]:
    """A connection whose changes all stand at the end of the block, or none.

    :raises StorageError: if the database is not there, or refuses.
    """
    try:
        with connect() as connection:
            yield connection
            connection.commit()
    except Error as error:
        said = " ".join(str(error).split())[:300]
        raise StorageError(f"{place.shown} cannot be written: {said}", "Check the address and its rights.") from error

"""Which database keeps a ledger, by the name of its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from touchline.errors import HomeError
from touchline.ledger.intake import Columns, Intake
from touchline.ledger.sqlite import SQLite
from touchline.ledger.sqlite_intake import SQLiteIntake
from touchline.ledger.store import DATABASE_URL, Store
from touchline.memory import MOST_CACHE_BYTES


def store_at(place: Path | str, setting: str = DATABASE_URL) -> Store:
    """SQLite for a file, PostgreSQL for a ``postgresql://`` URL.

    :param setting: what the place was given by, for errors about a URL.
    :raises HomeError: if it is a URL, and the PostgreSQL drivers are not installed.
    """
    if isinstance(place, Path):
        return SQLite(place)
    with _explaining_what_is_missing():
        from touchline.ledger.postgres import Postgres  # noqa: PLC0415 — an extra, and slow to import
    return Postgres(place, setting)


def intake_at(place: Path | str, columns: Columns, cache_bytes: int = MOST_CACHE_BYTES) -> Intake:
    """The intake of a ledger's place.

    :param cache_bytes: kept at most of a file's pages; PostgreSQL has a cache of its own.
    :raises HomeError: if it is a URL, and the PostgreSQL drivers are not installed.
    """
    if isinstance(place, Path):
        return SQLiteIntake(place, columns, cache_bytes)
    with _explaining_what_is_missing():
        from touchline.ledger.postgres_intake import PostgresIntake  # noqa: PLC0415 — as above
    return PostgresIntake(place, columns)


@contextmanager
def _explaining_what_is_missing() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise HomeError(
            f"The ledger is to be in PostgreSQL, and {error.name} is not installed.", "Install touchline[postgres]."
        ) from error

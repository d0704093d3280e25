"""Which database keeps a ledger, by the name of its place."""

from pathlib import Path

from touchline.errors import HomeError
from touchline.ledger.sqlite import SQLite
from touchline.ledger.store import Store


def store_at(place: Path | str) -> Store:
    """SQLite for a file, PostgreSQL for a ``postgresql://`` URL.

    :raises HomeError: if it is a URL, and the PostgreSQL drivers are not installed.
    """
    if isinstance(place, Path):
        return SQLite(place)
    try:
        from touchline.ledger.postgres import Postgres  # noqa: PLC0415 — an extra, and slow to import
    except ImportError as error:
        raise HomeError(
            f"The ledger is to be in PostgreSQL, and {error.name} is not installed.", "Install touchline[postgres]."
        ) from error
    return Postgres(place)

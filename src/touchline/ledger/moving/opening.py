"""Which end of a move a place is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from touchline.ledger.moving.ground import Ground
from touchline.ledger.moving.sqlite_ground import SQLiteGround
from touchline.ledger.opening import store_at
from touchline.ledger.store import DATABASE_URL


@contextmanager
def ground_at(place: Path | str, setting: str = DATABASE_URL) -> Iterator[Ground]:
    """The end of a move at a place of a ledger, until the block ends.

    :param setting: what the place was given by, for errors about a URL.
    :raises HomeError: if it is a URL, and the PostgreSQL drivers are not installed.
    """
    store = store_at(place, setting)
    try:
        if isinstance(place, Path):
            yield SQLiteGround(store)
        else:
            from touchline.ledger.moving.postgres_ground import PostgresGround  # noqa: PLC0415 - an extra's drivers

            yield PostgresGround(store)
    finally:
        store.engine.dispose()

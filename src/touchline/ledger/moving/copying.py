"""A copy of a ledger in a SQLite file, as of one moment, whichever database keeps it."""

from pathlib import Path

from touchline.ledger import migrate
from touchline.ledger.moving.ground import add
from touchline.ledger.moving.opening import ground_at
from touchline.ledger.moving.rows import TABLES, slices


def copy_into(place: Path | str, file: Path) -> None:
    """Copy every table of the ledger at ``place``, and the numbers that count up, to a new file.

    :raises HomeError: if a newer release has upgraded it.
    """
    with ground_at(place) as source, ground_at(file) as target, source.view() as view:
        migrate.require_known(view)
        target.store.make()
        migrate.upgrade(target.store.engine)
        for table in TABLES:
            for rows in slices(view, table):
                with target.store.engine.begin() as connection:
                    add(target, connection, table, rows)
        with target.store.engine.begin() as connection:
            target.set_numbers(connection, source.numbers(view))

"""Queries of databases of the user's own: one ``select``, which can change nothing there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from touchline.errors import InputError, UsageError
from touchline.exports.formats import formats
from touchline.exports.places import place_of


@contextmanager
def answer(address: str, select: str) -> Iterator[Iterator[Mapping[str, object]]]:
    """The rows of a query, a part at a time.

    :param address: a DuckDB or SQLite file, or the URL of a PostgreSQL database.
    :raises UsageError: if nothing can be asked of such an address.
    :raises InputError: if the database is not there, or refuses the query.
    """
    place = place_of(address)
    if place.form.asked is None:
        able = [one for one in formats().values() if one.asked is not None]
        known = [*(ending for one in able for ending in one.endings), *(f"{one.schemes[0]}://…" for one in able)]
        raise UsageError(f"{place.shown} is no database that can be asked.", f"Expected {', '.join(known)}.")
    if place.path is not None and not place.path.is_file():
        raise InputError(f"There is no file {place.path}.", "Check the path of --from.")
    with place.form.asked(place, select) as rows:
        yield rows

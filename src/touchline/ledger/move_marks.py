"""What a ledger says about a move: that it went elsewhere, that it is being filled, or that its changes are followed.

The marks stand in a table of their own, which only a ledger has that a move began with. It is no part of the schema,
as it is not moved itself.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Column, Connection, Insert, MetaData, Table, delete, insert, inspect, select

from touchline.errors import HomeError
from touchline.ledger.columns import Sequence, text_column

_METADATA = MetaData()

MARKS = Table("ledger_moves", _METADATA, text_column("part", primary_key=True), text_column("detail"))
"""``filling``, ``following`` and ``moved``, and by table how far it is copied."""

CHANGES = Table(
    "ledger_changes", _METADATA, Column("number", Sequence, primary_key=True, autoincrement=True),
    text_column("name"), text_column("key"), sqlite_autoincrement=True,
)  # fmt: skip
"""Which rows changed since the move began: the table, and the primary key as a JSON list."""

FILLING, FOLLOWING, MOVED = "filling", "following", "moved"
COPIED = "copied "
"""What stands before a table's name in the part that says how far it is copied."""

REFUSED = "the ledger was moved"
"""What a database says that refuses to write because its ledger was moved."""


class MovedError(HomeError):
    """The ledger is in another place now."""


def went(place: str) -> MovedError:
    """What is said to those who had the ledger open when it was moved."""
    return MovedError(
        f"The ledger in {place} was moved, and nothing is written to it any more.",
        "Any command with this home says where it is now; stop the server and start it with that.",
    )


def make_marks(connection: Connection) -> None:
    """The tables of a move's own, where they are missing."""
    for table in (MARKS, CHANGES):
        table.create(connection, checkfirst=True)


def marks_of(connection: Connection) -> Mapping[str, str]:
    """All marks by part; none where no move began."""
    if not inspect(connection).has_table(MARKS.name):
        return {}
    return {row.part: row.detail for row in connection.execute(select(MARKS))}


def put(connection: Connection, part: str, detail: str) -> None:
    """Set one mark."""
    connection.execute(delete(MARKS).where(MARKS.c.part == part))
    connection.execute(_setting(part, detail))


def _setting(part: str, detail: str) -> Insert:
    return insert(MARKS).values(part=part, detail=detail)


def check_followed(connection: Connection, token: str) -> None:
    """Make sure that changes are still noted for the move with this token.

    :raises HomeError: if the move was given up, whether or not another has begun since.
    """
    if marks_of(connection).get(FOLLOWING) != token:
        raise HomeError(
            "This move was given up by `touchline move --cancel` while it ran. It switched nothing.",
            "Empty the place that was to be filled, and move again.",
        )


def refuse(connection: Connection) -> None:
    """Make sure that the ledger is in use here.

    :raises MovedError: if it went to another place, which the error names.
    :raises HomeError: if a move to this place has not come to its end.
    """
    marks = marks_of(connection)
    if MOVED in marks:
        told = json.loads(marks[MOVED])
        raise MovedError(
            f"The ledger was moved to {told['to']} on {told['on']}; nothing is written here any more.", told["next"]
        )
    if FILLING in marks:
        told = json.loads(marks[FILLING])
        raise HomeError(
            f"A move of the ledger in {told['from']} to this place has not come to its end.",
            "Run the same `touchline move` again with the home and DATABASE_URL that are in use; it goes on.",
        )

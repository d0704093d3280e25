"""Reads a table in parts of bounded size, by a number that rises."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

AT_ONCE = 20_000
"""Rows of a table that one statement looks at."""


def windows(
    connection: Connection, found: Select[Any], key: ColumnElement[int], after: int, last: int | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[tuple[int, Sequence[Any]]]:  # fmt: skip
    """What ``found`` finds among ``at_once`` rows at a time, and the number up to which each part was read.

    :param key: the number of the table that is read.
    :param last: the number up to which to read; ``None``: to the end.
    """
    while True:
        some = select(key).where(key > after).order_by(key).limit(at_once)
        if last is not None:
            some = some.where(key <= last)
        end = connection.scalar(select(func.max(some.subquery().c[0])))
        if end is None:
            return
        yield end, connection.execute(found.where(key > after, key <= end)).all()
        after = end

"""Databases in a PostgreSQL server of this machine's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit

import psycopg

_NUMBERS = count(1)


@contextmanager
def database(server: str, like: str = "") -> Iterator[str]:
    """The URL of a new database: an empty one, or a copy of the one at the URL ``like``, where nobody is connected."""
    name = f"ledger_{next(_NUMBERS)}"
    run(server, f"create database {name}" + (f" template {urlsplit(like).path[1:]}" if like else ""))
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        run(server, f"drop database {name} with (force)")


def run(url: str, statement: str) -> None:
    """One statement, committed at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())

"""Databases in a PostgreSQL server of this machine's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

_NUMBERS = count(1)


@contextmanager
def database(server: str) -> Iterator[str]:
    """The URL of a new, empty database."""
    name = f"ledger_{next(_NUMBERS)}"
    run(server, f"create database {name}")
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        run(server, f"drop database {name} with (force)")


def run(url: str, statement: str) -> None:
    """One statement, committed at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())

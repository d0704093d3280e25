"""Databases in a PostgreSQL server of this machine's own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

_NUMBERS = count(1)
_WAIT_SECONDS = 60


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


@contextmanager
def sessions_end(url: str) -> Iterator[None]:
    """Leave once the sessions that began within have ended: a server needs a while to notice a killed program.

    Until then it holds the program's locks, and has not rolled back what was not committed. There is nothing to wait
    for in a database that is a file.
    """
    if not url.startswith("postgresql"):
        yield
        return
    server = url.replace("postgresql+psycopg://", "postgresql://")
    before = _sessions(server)
    yield
    until = time.monotonic() + _WAIT_SECONDS
    while remaining := _sessions(server) - before:
        assert time.monotonic() < until, f"PostgreSQL still keeps sessions of a killed program: {remaining}"
        time.sleep(0.02)


def _sessions(url: str) -> set[int]:
    """The process numbers of all sessions of a database but this function's own."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in found}

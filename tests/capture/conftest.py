"""A real server for the laws of the capture library's recorders, which lie with its own tests."""

from collections.abc import Iterator

import pytest

from tests.ledger.servers import database, run


@pytest.fixture(scope="session")
def one_database(postgres: str) -> Iterator[str]:
    with database(postgres) as url:
        yield url


@pytest.fixture
def emptied(one_database: str) -> str:
    """The URL of a PostgreSQL database without a table; quicker than a new one."""
    run(one_database, "drop schema public cascade; create schema public")
    return one_database

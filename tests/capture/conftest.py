"""A real server for the laws of the capture library's recorders, which lie with its own tests."""

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of an app; on SQLite writers wait for each other as long as anybody would."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'app.db'}?timeout=30"
    found: str = request.getfixturevalue("emptied")
    return found.replace("postgresql://", "postgresql+psycopg://")

"""The laws of the capture library's recorders lie with its own tests; here they meet a real server."""

import sys
from collections.abc import Iterator

import pytest

from tests.conftest import REPOSITORY
from tests.ledger.servers import database, run

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "tests"))
pytest.register_assert_rewrite("recorder_laws", "schema_laws")


@pytest.fixture(scope="session")
def one_database(postgres: str) -> Iterator[str]:
    with database(postgres) as url:
        yield url


@pytest.fixture
def emptied(one_database: str) -> str:
    """The URL of a PostgreSQL database without a table; quicker than a new one."""
    run(one_database, "drop schema public cascade; create schema public")
    return one_database

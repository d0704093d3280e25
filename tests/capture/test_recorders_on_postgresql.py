"""The SQL recorders on PostgreSQL, by each driver."""

import pytest
from recorder_laws import *  # noqa: F403 - the laws are the tests of this module
from recorder_laws import Place

DRIVERS = {"asyncpg": True, "psycopg": False, "psycopg_async": True}


@pytest.fixture(params=DRIVERS)
def place(request: pytest.FixtureRequest, emptied: str) -> Place:
    return Place(emptied.replace("postgresql://", f"postgresql+{request.param}://"), DRIVERS[request.param])

"""Making and upgrading the capture library's tables on PostgreSQL."""

import pytest
from schema_laws import *  # noqa: F403 - the laws are the tests of this module


@pytest.fixture
def url(emptied: str) -> str:
    return emptied.replace("postgresql://", "postgresql+psycopg://")

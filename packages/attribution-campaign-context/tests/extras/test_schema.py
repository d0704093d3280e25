"""Making and upgrading the tables on SQLite."""

from pathlib import Path

import pytest
from schema_laws import *  # noqa: F403 - the laws are the tests of this module


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'touches.db'}"

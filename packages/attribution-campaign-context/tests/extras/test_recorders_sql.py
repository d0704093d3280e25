"""The SQL recorders on SQLite."""

from pathlib import Path

import pytest
from recorder_laws import *  # noqa: F403 - the laws are the tests of this module
from recorder_laws import Place


@pytest.fixture(params=["aiosqlite", "pysqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(f"sqlite+{request.param}:///{tmp_path / 'touches.db'}", request.param == "aiosqlite")

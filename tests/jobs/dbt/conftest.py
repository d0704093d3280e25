"""The demo's project, built once for all tests of a process."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import demonstrated
from tests.jobs.dbt.warehouse import Warehouse
from touchline.cli import main

__all__ = ["demonstrated"]


@pytest.fixture(scope="session")
def shop(demonstrated: Any) -> Path:
    """The home of a small demo."""
    return Path(demonstrated["home"])


@pytest.fixture(scope="session")
def built(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse with all of the demo's project, every test of which passed."""
    folder = tmp_path_factory.mktemp("dbt")
    assert main(["export", "dbt", str(folder / "project"), "--with-sources", "--home", str(shop)]) == 0
    warehouse = Warehouse(folder / "project", folder / "warehouse.duckdb")
    said = warehouse.dbt("build")
    assert "WARN=0 ERROR=0 SKIP=0" in said
    return warehouse

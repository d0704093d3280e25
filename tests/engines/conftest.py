"""Every engine, for the contract: a further one is one more parameter."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.servers import empty_clickhouse, empty_postgresql
from tests.engines.spark_server import sail
from tests.engines.visits import THREE, VISITS, visits
from touchline.engines import DuckDB, Engine, open_engine

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "duckdb-memory": lambda _folder: DuckDB(),
    "duckdb-file": lambda folder: open_engine(None, folder / "engine.duckdb"),
    "postgresql": lambda _folder: empty_postgresql(),
    "clickhouse": lambda _folder: empty_clickhouse(),
}
REBUILT = {"spark": lambda _folder: sail().empty()}
"""Engines that every run rebuilds: they have no workbench."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try what every engine does on every engine, and what needs a workbench where there is one."""
    if "engine" in metafunc.fixturenames:
        names = ENGINES if "bench" in metafunc.fixturenames else ENGINES | REBUILT
        metafunc.parametrize("engine", list(names), indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    opened = (ENGINES | REBUILT)[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """The engine with three visits."""
    engine.create(VISITS)
    engine.append(VISITS, visits(THREE))
    return engine

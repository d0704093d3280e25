"""Every engine, for the contract: a further one is one more parameter."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.servers import empty_clickhouse, empty_postgresql
from tests.engines.visits import THREE, VISITS, visits
from touchline.engines import DuckDB, Engine, open_engine

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "duckdb-memory": lambda _folder: DuckDB(),
    "duckdb-file": lambda folder: open_engine(None, folder / "engine.duckdb"),
    "postgresql": lambda _folder: empty_postgresql(),
    "clickhouse": lambda _folder: empty_clickhouse(),
}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    opened = ENGINES[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """The engine with three visits."""
    engine.create(VISITS)
    engine.append(VISITS, visits(THREE))
    return engine

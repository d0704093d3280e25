"""What every test may ask for: the repository's folder, and the real data beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.servers import postgresql_url
from tests.ledger.servers import database
from tests.oracle.engine import living_on
from touchline.demo import HASH_KEY
from touchline.ledger import hash_key

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds ``pyproject.toml``."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, e.g. ``shared / "puffy_events"``; only for tests marked ``local_data``."""
    return SHARED_DATA


@pytest.fixture(params=["duckdb", "postgresql", "clickhouse"])
def on_every_engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let worlds be lived through on each engine; for tests marked ``usefixtures("on_every_engine")``."""
    with living_on(request.param) as engine:
        yield engine


@pytest.fixture(scope="session", autouse=True)
def _no_database_of_the_developer() -> Iterator[None]:
    """No test writes into a database or an engine that somebody's shell names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("TOUCHLINE_ENGINE", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_hash_key() -> Iterator[None]:
    """The homes that tests make have the same ids; those that other programs make for them have keys of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hash_key, "random_key", lambda: HASH_KEY)
        patch.delenv(hash_key.VARIABLE, raising=False)
        patch.delenv(hash_key.FILE_VARIABLE, raising=False)
        yield


@pytest.fixture(scope="session")
def postgres() -> str:
    """The URL of the PostgreSQL server that is there for these tests alone."""
    return postgresql_url()


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    with database(postgres) as url:
        yield url


@pytest.hookimpl(trylast=True)  # after the modules are shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Judge ``local_data`` tests, and put the modules of slow tests in front, so that no worker ends with one alone."""
    _judge_local_data(items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def _judge_local_data(items: list[pytest.Item]) -> None:
    """Skip ``local_data`` tests where the real data is not at hand; refuse the fixture without the marker."""
    is_missing = not SHARED_DATA.is_dir()
    for item in items:
        is_marked = item.get_closest_marker("local_data") is not None
        if "shared" in getattr(item, "fixturenames", ()) and not is_marked:
            raise pytest.UsageError(f"{item.nodeid} uses the fixture 'shared' and must be marked local_data.")
        if is_marked and is_missing:
            item.add_marker(pytest.mark.skip(reason="the real data is not beside the repository"))

"""A home with a key, and a server over it; on each database that can keep a ledger."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from tests.server.serving import Server, serving
from touchline.jobs import access_keys, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

NOW = 1_700_000_000_000_000
WIDE = {
    "events_per_minute_of_site": 10**9, "events_per_minute_of_key": 10**9, "events_per_minute_of_client": 10**9,
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_log_of_the_server_afterwards() -> Iterator[None]:
    """A test may run a server's own process: its log goes to the stream of that test, which is closed afterwards."""
    yield
    root = logging.getLogger()
    kept = [one for one in root.handlers if not isinstance(one.formatter, structlog.stdlib.ProcessorFormatter)]
    if kept != root.handlers:
        root.handlers[:] = kept
        root.setLevel(logging.WARNING)
        structlog.reset_defaults()


@dataclass(frozen=True)
class Place:
    """A home that is set up, with its keys."""

    home: Home
    publishable: str
    secret: str
    secret_id: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.home.database_url} if self.home.database_url else {}


def placed(folder: Path, database_url: str = "") -> Place:
    home = Home(folder, database_url=database_url)
    made = setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        secret = access_keys.create_key(workspace, "shop-example", "secret", now=NOW)
    return Place(home, made.key, secret.key, secret.key_id)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """In SQLite."""
    return placed(tmp_path / "home")


@pytest.fixture(params=["sqlite", "postgres"])
def any_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """In each database."""
    url = request.getfixturevalue("database_url") if request.param == "postgres" else ""
    return placed(tmp_path / "home", url)


@pytest.fixture
def server(place: Place) -> Iterator[Server]:
    with serving(place.home.path, WIDE) as running:
        yield running

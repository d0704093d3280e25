"""A ledger with two organizations of one site each, in each database that can keep one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from touchline.ledger import Ledger, schema


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Path | str:
    """Where a new ledger may be made."""
    found: Path | str = request.getfixturevalue("file" if request.param == "sqlite" else "database_url")
    return found


def made(place: Path | str) -> Ledger:
    ledger = Ledger.create(place)
    with ledger.transaction() as entry:
        for name in ("north", "south"):
            entry.add(schema.ORGANIZATIONS, organization_id=name, name=name, currency="EUR", created_at=0)
            entry.add(
                schema.SITES, site_id=f"{name}.example", organization_id=name, name=name, domain=f"{name}.example",
                time_zone="UTC", created_at=0,
            )  # fmt: skip
    return ledger


@pytest.fixture
def ledger(place: Path | str) -> Iterator[Ledger]:
    """In each of the databases."""
    ledger = made(place)
    yield ledger
    ledger.close()


@pytest.fixture
def sqlite(file: Path) -> Iterator[Ledger]:
    ledger = made(file)
    yield ledger
    ledger.close()


@pytest.fixture
def postgresql(database_url: str) -> Iterator[Ledger]:
    ledger = made(database_url)
    yield ledger
    ledger.close()

"""A ledger with two organizations of one site each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from touchline.ledger import Ledger, schema


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    made = Ledger.create(file)
    with made.transaction() as entry:
        for name in ("north", "south"):
            entry.add(schema.ORGANIZATIONS, organization_id=name, name=name, currency="EUR", created_at=0)
            entry.add(
                schema.SITES, site_id=f"{name}.example", organization_id=name, name=name, domain=f"{name}.example",
                time_zone="UTC", created_at=0,
            )  # fmt: skip
    yield made
    made.close()

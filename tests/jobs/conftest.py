"""A small shop that has been told something, and a way to tell it more."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from touchline.jobs import importing, setup
from touchline.jobs.importing import ImportReport
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

NOW = 1_772_900_000_000_000
"""2026-03-07 16:13 UTC, in microseconds since 1970."""
Tell = Callable[..., ImportReport]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def workspace(home: Home) -> Iterator[Workspace]:
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as opened:
        yield opened


@pytest.fixture
def tell(workspace: Workspace, tmp_path: Path) -> Tell:
    """Imports events of the wire; those without a time happen on 2026-03-02."""

    def told(*events: dict[str, object], site_id: str | None = "shop-example", now: int = NOW) -> ImportReport:
        file = tmp_path / "events.jsonl"
        lines = ({"type": "PAGE_VIEW", "occurredAt": "2026-03-02T10:00:00Z"} | event for event in events)
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return importing.import_events(workspace, [file], site_id=site_id, mapping=None, now=now)

    return told

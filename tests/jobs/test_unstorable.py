"""A row that the database refuses is refused by itself; the rest of its file is imported."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import NOW, placed
from touchline.jobs import importing
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_rest_of_the_file_is_imported(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    url = request.getfixturevalue("database_url") if kind == "postgres" else ""
    place = placed(tmp_path / "home", url)
    said = '"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "a", "occurredAt": "2023-01-01T00:00:00Z"'
    line = '{"eventId": "%s", ' + said + "%s}\n"
    more: dict[str, Any] = {"bad": ', "metadata": {"city": "Bur\\u0000sa"}'}
    file = tmp_path / "events.jsonl"
    file.write_text("".join(line % (name, more.get(name, "")) for name in ("a", "bad", "c")))
    with Workspace(place.home) as workspace:
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
        assert (report.read, report.accepted, report.rejected.total()) == (3, 2, 1)
        assert {row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)} == {"a", "c"}

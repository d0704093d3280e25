"""A row that the database refuses is refused by itself; the rest of its file is imported."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.conftest import made
from tests.ledger.events import COLUMNS, event
from tests.quantifiers import each
from tests.server.conftest import NOW, Place, placed
from touchline.errors import InputError
from touchline.jobs import importing
from touchline.jobs.importing import ImportReport
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.entry import Entry
from touchline.ledger.event_rows import whole_rows

SAID = {"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "a", "occurredAt": "2023-01-01T00:00:00Z"}
BEYOND = 2**63


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return request.getfixturevalue("database_url") if request.param == "postgres" else ""


@pytest.fixture
def place(database: str, tmp_path: Path) -> Place:
    return placed(tmp_path / "home", database)


@pytest.fixture
def ledger(database: str, tmp_path: Path) -> Iterator[Ledger]:
    with closing(made(database or tmp_path / "ledger.db")) as ledger:
        yield ledger


def imported(place: Place, file: Path) -> tuple[ImportReport, set[str], list[Any]]:
    """The report, the ids of the stored events, and the refused rows."""
    with Workspace(place.home) as workspace:
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
        stored = {row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)}
        return report, stored, workspace.ledger.rows(schema.REJECTED_EVENTS)


def written(file: Path, *more: dict[str, Any]) -> Path:
    file.write_text("\n".join(json.dumps({**SAID, **one}) for one in more), encoding="utf-8")
    return file


def test_the_rest_of_the_file_is_imported(place: Place, tmp_path: Path) -> None:
    file = written(
        tmp_path / "e.jsonl", {"eventId": "a"}, {"eventId": "bad", "metadata": {"city": "Bur\0sa"}}, {"eventId": "c"}
    )
    report, stored, _ = imported(place, file)
    assert (report.read, report.accepted, report.rejected.total()) == (3, 2, 1)
    assert stored == {"a", "c"}


def test_what_no_row_tells_is_found_by_halving(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {7, 40, 41}
    attempts = refusing(monkeypatch, {f"e{number}" for number in bad})
    file = written(tmp_path / "e.jsonl", *({"eventId": f"e{number}"} for number in range(200)))
    report, stored, refused = imported(place, file)
    assert (report.read, report.accepted, report.rejected) == (200, 197, {"unstorable": 3})
    assert stored == {f"e{number}" for number in range(200) if number not in bad}
    assert [(row["event_id"], row["reason"]) for row in refused] == [(f"e{n}", "unstorable") for n in sorted(bad)]
    assert each(row["message"] and not row["payload"] for row in refused)
    assert attempts() <= 2 * len(bad) * 8 + 1
    again, _, _ = imported(place, file)
    assert (again.accepted, again.duplicate, again.conflicting) == (0, 197, 0)


def test_nothing_of_it_stands_where_the_import_fails_after_it(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, {"e1"})
    good, broken = written(tmp_path / "e.jsonl", *({"eventId": f"e{n}"} for n in range(9))), tmp_path / "b.jsonl"
    broken.write_text("no JSON", encoding="utf-8")
    with Workspace(place.home) as workspace:
        with pytest.raises(InputError):
            importing.import_events(workspace, [good, broken], site_id=None, mapping=None, now=NOW)
        assert not workspace.ledger.rows(schema.TRACKING_EVENTS)
        assert not workspace.ledger.rows(schema.REJECTED_EVENTS)


@pytest.mark.parametrize("where", [[0], [6], [3, 4], [*range(7)]])
def test_the_ledger_says_what_it_refuses_and_how_the_rest_went(ledger: Ledger, where: list[int]) -> None:
    rows = [event(f"e{n}", value_micros=BEYOND if n in where else 1) for n in range(7)]
    with ledger.transaction() as entry:
        appended, refused = entry.add_storable_events(COLUMNS, rows)
    assert refused == [rows[n] for n in where]
    assert (appended.accepted, appended.duplicate) == (7 - len(where), 0)
    assert len(ledger.rows(schema.TRACKING_EVENTS)) == 7 - len(where)


def test_verdicts_are_those_of_the_same_rows_without_the_refused_ones(ledger: Ledger) -> None:
    rows = [
        event("a", is_verified=False), event("bad", value_micros=BEYOND), event("b"), event("a", payload_hash="other"),
        event("b", payload_hash="other"), event("b"),
    ]  # fmt: skip
    with ledger.transaction() as entry:
        appended, refused = entry.add_storable_events(COLUMNS, rows)
    assert refused == [rows[1]]
    assert (appended.accepted, appended.superseding, appended.duplicate, appended.conflicting) == (3, 1, 2, 1)


def refusing(monkeypatch: pytest.MonkeyPatch, event_ids: set[str]) -> Callable[[], int]:
    """Let the driver refuse these events, for a value that no check of ours knows; counts what is offered."""
    offered, add = 0, Entry.add_events

    def adding(self: Entry, columns: Any, rows: Any) -> Any:
        nonlocal offered
        offered += 1
        beyond = list(columns).index("value_micros")
        at = list(columns).index("event_id")
        hostile = [
            (*row[:beyond], BEYOND, *row[beyond + 1 :]) if row[at] in event_ids else row
            for row in whole_rows(columns, rows)
        ]  # fmt: skip
        return add(self, columns, hostile)

    monkeypatch.setattr(Entry, "add_events", adding)
    return lambda: offered

"""What is exported of a ledger says everything that is in it, and its events give the same numbers again."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.jobs.conftest import NOW, Tell
from tests.ledger.filled import filled, held
from tests.oracle.engine import changes, snapshot
from touchline.engines import DuckDB
from touchline.errors import InputError, StorageError, UsageError
from touchline.ingest import TrackingEvent
from touchline.jobs import erasing, importing, ledger_export, running, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.settings import Home


def numbers(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    running.run(workspace)
    assert isinstance(workspace.engine, DuckDB)
    return snapshot(workspace.engine)


def taken_back(place: Path, files: list[Path]) -> dict[str, list[dict[str, Any]]]:
    """The numbers of a new home that took exported events back."""
    home = Home(place)
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        for is_again in (False, True):
            report = importing.import_events(workspace, files, site_id=None, mapping=None, now=NOW + 1, form="ledger")
            assert (report.accepted, report.duplicate, report.conflicting) == ((0, 5, 0) if is_again else (5, 0, 0))
        return numbers(workspace)


def test_exported_events_give_the_same_numbers_again(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    url = "https://shop.example/?utm_source=news&utm_medium=email&gclid=Ab1"
    tell(
        {"eventId": "1", "anonId": "a", "url": url, "title": "Tür"}, {"eventId": "2", "anonId": "b", "url": url},
        {"eventId": "3", "anonId": "a", "type": "CONVERSION", "orderId": "A", "value": 5},
    )  # fmt: skip
    with workspace.ledger.transaction() as entry:  # of a browser, which nobody can be held to
        for row in workspace.ledger.rows(schema.TRACKING_EVENTS, limit=2):
            event = {name: row[name] for name in TrackingEvent.__struct_fields__}
            told = {**event, "event_id": f"9b2f6c1e-3f0a-4c57-8d67-0a4b5c6d7e8{row['event_id']}", "is_verified": False}
            entry.add_events(TrackingEvent.__struct_fields__, [tuple(told.values())])
    folder = tmp_path / "files"
    written = ledger_export.export_ledger(workspace.home, folder)
    assert written.events == {"shop-example": 5}
    assert written.tables == {name: len(rows) for name, rows in held(workspace.home.ledger).items()}
    before = numbers(workspace)
    lines, rows = folder / "events" / "shop-example.jsonl", folder / "tracking_events.parquet"
    assert (lines.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert changes(before, taken_back(tmp_path / "lines", [lines])) == ""
    assert changes(before, taken_back(tmp_path / "rows", [rows])) == ""
    with pytest.raises(UsageError, match="is not empty"):
        ledger_export.export_ledger(workspace.home, folder)
    with pytest.raises(StorageError, match="cannot be written"):
        ledger_export.export_ledger(workspace.home, lines)


def test_an_export_that_fails_leaves_nothing(
    workspace: Workspace, tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell({"eventId": "1", "anonId": "ada"})
    folder = tmp_path / "ledger"

    def full(_row: dict[str, Any]) -> bytes:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ledger_export, "_line", full)
        with pytest.raises(StorageError, match="No space left"):
            ledger_export.export_ledger(workspace.home, folder)
    assert list(folder.iterdir()) == []
    assert sum(ledger_export.export_ledger(workspace.home, folder).events.values()) == 1


def test_every_table_is_exported_with_its_types(tmp_path: Path, database_url: str) -> None:
    filled(database_url)
    ledger_export.export_ledger(Home(tmp_path / "home", database_url=database_url), tmp_path / "files")
    for name, rows in held(database_url).items():
        found = pq.read_table(tmp_path / "files" / f"{name}.parquet").to_pylist()
        assert [tuple(row.values()) for row in found] == rows, name


def test_what_is_no_exported_event_leaves_nothing_and_the_erased_stay_erased(
    workspace: Workspace, tell: Tell, tmp_path: Path
) -> None:
    tell({"eventId": "1", "anonId": "ada"}, {"eventId": "2", "anonId": "bob"})
    ledger_export.export_ledger(workspace.home, tmp_path / "files")
    lines = tmp_path / "files" / "events" / "shop-example.jsonl"
    erasing.erase(workspace, workspace.organization()["organization_id"], visitor="ada", now=NOW)
    erasing.erase(workspace, workspace.organization()["organization_id"], visitor="bob", now=NOW)

    def imported(file: Path) -> importing.ImportReport:
        return importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW, form="ledger")

    assert imported(lines).rejected == {"erased": 2}
    first, second = lines.read_text().splitlines()
    bad = tmp_path / "bad.jsonl"
    for line, said in (
        ("{", "bad.jsonl:2 is no event"),
        ('{"event_id": "1"}', "bad.jsonl:2 is no event"),
        (second.replace("shop-example", "other-example"), "is of the site 'other-example'"),
        (second.replace('"event_id":"2"', '"event_id":"a\\u0000"'), "bad.jsonl:2, event_id"),
    ):
        bad.write_text(f"{first.replace('ada', 'eve')}\n{line}\n")
        with pytest.raises(InputError, match=said):
            imported(bad)
    wrong = tmp_path / "wrong.parquet"
    wrong.write_text("words")
    with pytest.raises(InputError, match="is no Parquet file"):
        imported(wrong)
    with closing(Ledger(workspace.home.ledger)) as ledger:
        assert ledger.rows(schema.TRACKING_EVENTS) == []

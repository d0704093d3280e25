"""``import events``, ``import costs`` and ``run``: every row is accounted for."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Command, event, write_costs, write_events
from touchline.errors import BusyError
from touchline.jobs.importing import events
from touchline.jobs.importing.slices import Slices
from touchline.ledger import Ledger, schema

MAPPING = """
event_name = "what"
[fields]
eventId = "id"
anonId = "who"
occurredAt = "when"
[events]
viewed = { type = "PAGE_VIEW" }
bought = { type = "CONVERSION", name = "purchase" }
"""


def test_reading_a_file_twice_changes_nothing(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.jsonl")
    first = touchline("import", "events", file, "--json").document
    again = touchline("import", "events", file, "--json").document
    assert (first["read"], first["accepted"], first["duplicate"]) == (30, 30, 0)
    assert (again["read"], again["accepted"], again["duplicate"], again["conflicting"]) == (30, 0, 30, 0)


def test_rejected_rows_are_counted_and_shown(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.jsonl")
    lines = ["{", "{", "{", json.dumps({"eventId": "x", "anonId": "a"})]
    file.write_text(file.read_text(encoding="utf-8") + "\n".join(lines), encoding="utf-8")
    report = touchline("import", "events", file, "--show-rejected", "2", "--json").document
    assert report["rejected"] == {"malformed": 3, "missing_field": 1}
    assert report["read"] == report["accepted"] + report["duplicate"] + sum(report["rejected"].values())
    examples = [(one["reason"], one["source"]) for one in report["rejected_examples"]]
    assert examples == [
        ("malformed", "events.jsonl:31"), ("malformed", "events.jsonl:32"), ("missing_field", "events.jsonl:34"),
    ]  # fmt: skip


def test_repeated_id_with_another_story_is_said(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.jsonl", 3)
    touchline("import", "events", file)
    file.write_text(json.dumps(event(0, url="https://shop.example/other")), encoding="utf-8")
    shown = touchline("import", "events", file)
    assert "1 of them differ from the verified report of the same id, which is kept" in shown.out


def test_reports_that_superseded_unverified_ones_are_counted(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.jsonl", 5)
    touchline("import", "events", file)
    for count in (1, 2):
        unverify(home, *(f"e{number}" for number in range(count)))
        document = touchline("import", "events", file, "--json").document
        assert (document["accepted"], document["superseding"], document["duplicate"]) == (count, count, 5 - count)
    unverify(home, "e0", "e1")
    assert "2 of them took the place of unverified reports of the same id" in touchline("import", "events", file).out
    unverify(home, "e0")
    assert "1 of them took the place of an unverified report of the same id" in touchline("import", "events", file).out
    assert "took the place" not in touchline("import", "events", file).out


def unverify(home: Path, *event_ids: str) -> None:
    """Make the reports of these ids look as if a browser had sent them."""
    with closing(Ledger(home / "ledger.db")) as ledger, ledger.transaction() as entry:
        for event_id in event_ids:
            assert entry.change(schema.TRACKING_EVENTS, {"event_id": event_id}, is_verified=False) == 1


def test_mapped_file_is_read(home: Path, touchline: Command, tmp_path: Path) -> None:
    mapping, file = tmp_path / "m.toml", tmp_path / "events.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    file.write_text("id,who,when,what\n1,a,2026-01-01T00:00:00Z,viewed\n2,a,2026-01-01T00:01:00Z,bought\n", "utf-8")
    assert touchline("import", "events", file, "--mapping", mapping, "--json").document["accepted"] == 2


def test_costs_are_read_and_rejected_rows_shown(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_costs(tmp_path / "costs.csv")
    file.write_text(file.read_text(encoding="utf-8") + "2026-01-03,META,ten\n", encoding="utf-8")
    report = touchline("import", "costs", file, "--source", "export", "--json").document
    assert (report["read"], report["accepted"]) == (3, 2)
    assert sum(report["rejected"].values()) == 1
    assert report["rejected_examples"][0]["source"] == "costs.csv:4"


def test_run_says_why_it_rebuilt(home: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", write_events(tmp_path / "events.jsonl"))
    first = touchline("run")
    assert "30 new events" in first.out
    assert "Rebuilt from scratch" in first.out
    assert "Rebuilt from scratch" not in touchline("run").out
    touchline("settings", "set", "lookback_days", "60")
    assert "Rebuilt from scratch" in touchline("run").out
    assert "Rebuilt from scratch" not in touchline("run", "--rebuild").out


def test_run_tells_seconds_and_rows(home: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", write_events(tmp_path / "events.jsonl"))
    report = touchline("run", "--json").document
    assert (report["is_rebuild"], report["is_always_rebuilt"], report["events"]) == (True, False, 30)
    assert report["rows"]["conversions"] == 10
    assert set(report["seconds"]) >= {"follow", "sessions", "attribution", "health"}


def test_costs_that_are_said_again_are_counted(home: Path, touchline: Command, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("date,platform,cost\n2026-03-01,META,5\n2026-03-02,META,5\n2026-03-01,GOOGLE_ADS,5\n")
    second.write_text("date,platform,cost\n2026-03-01,META,7\n2026-03-03,META,7\n")
    assert touchline("import", "costs", first, "--json").document["replaced_days"] == 0
    assert touchline("import", "costs", second, "--json").document["replaced_days"] == 1


def test_rows_of_costs_that_repeat_others_are_shown(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = tmp_path / "costs.csv"
    file.write_text("date,platform,cost\n" + "2026-03-02,META,1.50\n" * 5, encoding="utf-8")
    shown = touchline("import", "costs", file)
    assert "4 rows repeat an earlier row of the file word for word; all of them count" in shown.out
    assert [line.split() for line in shown.out.splitlines() if "costs.csv:" in line] == [
        [f"costs.csv:{number}", "costs.csv:2"] for number in (3, 4, 5)
    ]
    document = touchline("import", "costs", file, "--json").document
    assert (document["accepted"], document["repeated"]) == (5, 4)
    assert document["repeated_examples"][0] == {"row": "costs.csv:3", "repeats": "costs.csv:2"}


def interrupt(*_: object) -> None:
    raise BusyError("Interrupted.")


def test_rows_that_an_interrupted_import_stored_are_shown(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.jsonl", 600)
    with pytest.MonkeyPatch.context() as patch:
        finish = Slices._finish
        patch.setattr(events, "MOST_ROWS", 250)
        patch.setattr(Slices, "_finish", interrupt)
        assert touchline("import", "events", file).exit_code == 4
        patch.setattr(Slices, "_finish", finish)
        shown = touchline("import", "events", file)
    rows = [line.split() for line in shown.out.splitlines()]
    assert rows[0][:2] == ["Events:", "600"]
    assert ["accepted", "100"] in rows
    assert ["stored", "before", "500", "by", "the", "same", "import,", "which", "was", "interrupted"] in rows

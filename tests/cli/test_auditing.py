"""Who looked at a person, exported or erased one, or changed a setting is on record, without the person's ids."""

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_what_is_done_with_persons_is_on_record(touchline: Command, tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    touchline("init", "--domain", "shop.example", "--currency", "EUR", *home)
    file = tmp_path / "events.jsonl"
    file.write_text(
        json.dumps({"eventId": "e1", "type": "CONVERSION", "anonId": "ada-77", "orderId": "A-1", "value": 5,
                    "occurredAt": "2026-03-02T10:00:00Z"}), encoding="utf-8",
    )  # fmt: skip
    touchline("import", "events", file, *home)
    touchline("run", *home)
    for words in (
        ("explain", "person", "ada-77"), ("explain", "conversion", "A-1"), ("export", "person", "--visitor", "ada-77"),
        ("settings", "set", "titles", "leave_out"), ("erase", "--order", "A-1", "--dry-run"),
        ("erase", "--order", "A-1"), ("query", "select 'ada-77' as one"),
    ):  # fmt: skip
        assert touchline(*words, *home).exit_code == 0, words
    entries = touchline("audit", "--json", *home).document["entries"]
    assert [(row["action"], row["detail"]) for row in reversed(entries)] == [
        ("looked", "at a person's ids"), ("looked", "at one conversion and its history"),
        ("exported", "a person, by visitor"), ("changed", "titles: leave_out instead of keep"),
        ("erased", "a person, by order: 1 event, 0 claims"), ("looked", "at the rows of a statement in SQL"),
    ]  # fmt: skip
    assert "ada-77" not in repr(entries)
    assert "A-1" not in repr(entries)
    assert {row["actor"][:9] for row in entries} == {"command: "}
    newest = touchline("audit", "--csv", "--limit", "1", *home).out.splitlines()
    assert (newest[0].split(",")[:4], len(newest)) == (["entry", "at", "actor", "action"], 2)
    assert touchline("audit", "--json", "--csv", *home).exit_code != 0


def test_the_record_of_processing_follows_the_settings(touchline: Command, tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    touchline("init", "--domain", "shop.example", "--currency", "EUR", *home)

    def record() -> dict[str, str]:
        found = touchline("processing", "--json", *home).document
        return {row["topic"]: row["answer"] for row in found["activities"]}

    before = record()
    for name, value in (
        ("visitor_ids", "anonymous"), ("retention_days", "400"), ("withdrawal", "erase"), ("do_not_track", "respect"),
        ("titles", "leave_out"), ("redacted_keys", "nick"), ("kept_keys", "q"),
    ):  # fmt: skip
        touchline("settings", "set", name, value, *home)
    after = record()
    assert sorted(topic for topic in before if before[topic] != after[topic]) == [
        "Categories of data", "Identification on shop.example", "Refusals", "Retention of events",
        "Taken out before it is kept", "Withdrawal of consent",
    ]  # fmt: skip
    assert after["Erasures"].endswith("the numbers that involve the person change")
    assert after["Retention of events"] == "400 days after they happened"
    assert "Identification on shop.example" in touchline("processing", *home).out

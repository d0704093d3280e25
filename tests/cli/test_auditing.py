"""Who looked at a person, exported or erased one, or changed a setting is on record, without the person's ids."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest

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


def test_what_commands_change_of_access_and_numbers_is_on_record(
    touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ("--home", tmp_path / "home")
    touchline("init", "--domain", "shop.example", "--currency", "EUR", *home)
    password = "correct horse battery\n"
    made = touchline("key", "create", "--kind", "secret", "--scope", "provision", "--json", *home).document
    touchline("site", "add", "blog.example", *home)
    touchline("key", "rotate", made["key_id"], "--json", *home)
    for _ in range(2):
        touchline("key", "revoke", made["key_id"], *home)
    monkeypatch.setattr("sys.stdin", StringIO(password * 2))
    touchline("user", "add", "ada", "--role", "viewer", *home)
    touchline("user", "set", "ada", "--organization", "shop-example", "--role", "editor", *home)
    touchline("user", "password", "ada", *home)
    touchline("user", "remove", "ada", *home)
    for _ in range(2):
        touchline("goal", "set", "lead", "--event-type", "CUSTOM", *home)
        touchline("target", "set", "--roas", "2", *home)
    touchline("goal", "remove", "lead", *home)
    touchline("target", "remove", *home)
    file = tmp_path / "costs.csv"
    file.write_text("date,platform,account_id,campaign_id,cost\n2026-02-01,META,1,7,50\n", encoding="utf-8")
    touchline("import", "costs", file, *home)
    touchline("site", "costs", "add", "blog-example", "--platform", "META", "--account", "1", *home)
    touchline("site", "costs", "remove", "--platform", "META", "--account", "1", *home)
    touchline("organization", "add", "Beta", "--domain", "beta.example", "--currency", "EUR", *home)
    entries = touchline("audit", "--json", "--organization", "shop-example", *home).document["entries"]
    said = [re.sub(r"key_\w+", "key", row["detail"]) for row in reversed(entries)]
    assert said == [
        "key key of site shop-example: made, secret, for provision", "site blog-example: added",
        "key key: made in place of key", "key key: revoked", "user ada: added as viewer of all organizations",
        "user ada: sees organization shop-example", "user ada: editor", "user ada: another password",
        "user ada: removed", "goal lead: added", "target of all platforms: added", "goal lead: removed",
        "target of all platforms: removed", "costs of account 1 of META: of site blog-example",
        "costs of account 1 of META: of no site",
    ]  # fmt: skip
    assert {(row["actor"][:9], row["action"]) for row in entries} == {("command: ", "changed")}
    beta = touchline("audit", "--json", "--organization", "beta", *home).document["entries"]
    assert [row["detail"] for row in beta] == ["organization beta: added with site beta-example"]

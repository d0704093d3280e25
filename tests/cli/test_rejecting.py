"""``rejected``: what was refused can be counted and looked at."""

import json
from pathlib import Path

from tests.cli.conftest import Command
from touchline.ledger import Ledger, schema

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1)"


def lines(file: Path) -> Path:
    events = [
        *({"eventId": f"b{n}", "type": "PAGE_VIEW", "userAgent": BOT} for n in range(3)),
        {"eventId": "w", "type": "CONVERSION", "value": "ann@b.example"},
    ]
    file.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    return file


def test_nothing_was_refused(home: Path, touchline: Command) -> None:
    assert "Nothing was refused." in touchline("rejected").out
    assert touchline("rejected", "--json").document == []


def test_reasons_with_counts_and_the_newest_examples(home: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", lines(tmp_path / "e.jsonl"))
    ledger = Ledger(home / "ledger.db")
    with ledger.transaction() as entry:
        entry.put(schema.UNKEPT_REJECTIONS, site_id="shop-example", reason="bot", minute_at=0, count=40)
        entry.put(schema.UNKEPT_REJECTIONS, site_id="another", reason="bot", minute_at=0, count=40)
    ledger.close()
    bots, wrong = touchline("rejected", "--json", "--show", "2").document
    assert (bots["reason"], bots["count"], bots["kept"]) == ("bot", 43, 3)
    assert [one["event_id"] for one in bots["newest"]] == ["b2", "b1"]
    assert (wrong["reason"], wrong["count"], wrong["kept"]) == ("wrong_type", 1, 1)
    assert "ann" not in json.dumps(wrong)
    shown = touchline("rejected").out
    assert "43" in shown
    assert "Googlebot" in shown
    assert [one["reason"] for one in touchline("rejected", "--reason", "bot", "--json").document] == ["bot"]
    assert touchline("rejected", "--reason", "boredom").exit_code == 2


def test_an_accepted_event_is_not_called_refused(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    event = {"eventId": "a", "type": "CUSTOM", "name": "call", "properties": {"mail": "ann@b.example"}}
    file.write_text(json.dumps(event), encoding="utf-8")
    assert touchline("import", "events", file, "--json").document["accepted"] == 1
    shown = touchline("rejected").out
    assert "Refused events" not in shown
    assert "Accepted, but for what was not read or was taken out" in shown
    touchline("import", "events", lines(tmp_path / "more.jsonl"))
    before, _, after = touchline("rejected").out.partition("Accepted, but")
    assert "Refused events" in before
    assert ("unread_field" in before, "unread_field" in after) == (False, True)


def test_no_examples_where_none_are_asked_for(home: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", lines(tmp_path / "e.jsonl"))
    assert "For example" not in touchline("rejected", "--show", "0").out


def test_access_logs_keep_a_hundred_lines_that_are_no_visits(home: Path, touchline: Command, tmp_path: Path) -> None:
    said = '192.0.2.7 - - [10/Oct/2026:13:55:36 +0200] "GET /%d%s HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux)"\n'
    file = tmp_path / "access.log"
    file.write_text("".join(said % (n, end) for n in range(150) for end in ("", ".png")), encoding="utf-8")
    report = touchline("import", "events", file, "--format", "combined", "--json").document
    assert (report["accepted"], report["rejected"]) == (150, {"asset": 150})
    [assets] = touchline("rejected", "--json").document
    assert (assets["count"], assets["kept"]) == (150, 100)
    again = touchline("import", "events", file, "--format", "combined", "--json").document
    assert (again["accepted"], again["duplicate"], again["conflicting"]) == (0, 150, 0)
    assert b"192.0.2.7" not in (home / "ledger.db").read_bytes()
    assert touchline("import", "events", file, "--format", "combined", "--mapping", "x.toml").exit_code == 2


def test_fields_that_nothing_reads_are_shown(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    said = [{"eventId": f"e{n}", "type": "PAGE_VIEW", "sku": n, **({"color": n} if n else {})} for n in range(3)]
    file.write_text("\n".join(map(json.dumps, said)), encoding="utf-8")
    imported = touchline("import", "events", file, "--json").document
    assert (imported["accepted"], imported["unread"]) == (3, {"sku": 3, "color": 2})
    shown = touchline("import", "events", file).out
    assert "Fields that nothing reads" in shown
    [found] = touchline("rejected", "--reason", "unread_field", "--json", "--show", "9").document
    assert (found["reason"], found["count"]) == ("unread_field", 10)
    assert [one["field"] for one in found["newest"]] == ["sku", "color"]
    assert "sku: nothing reads this field of 6 events." in touchline("rejected").out


def test_tags_that_say_nothing_are_shown(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    url = "https://shop.example/?gclid=123&utm_campaign={campaign}"
    said = [{"eventId": f"e{n}", "type": "PAGE_VIEW", "url": url} for n in range(2)]
    file.write_text("\n".join(map(json.dumps, said)), encoding="utf-8")
    imported = touchline("import", "events", file, "--json").document
    assert (imported["accepted"], imported["unread"]) == (2, {"url: implausible": 2, "url: template": 2})
    [found] = touchline("rejected", "--reason", "unread_field", "--json", "--show", "9").document
    messages = {one["field"]: one["message"] for one in found["newest"]}
    assert messages["url: implausible"].endswith("No click is counted for it. (2 events)")
    assert "{campaignid}" in messages["url: template"]
    assert "a click id is one that no ad platform writes" in touchline("rejected").out

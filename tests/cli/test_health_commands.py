"""Alarms as an operator meets them: from a broken day to a message, a word about it, and silence."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.health.stopping import STOPPED, write_stop
from tests.jobs.alarming.receivers import receiving, status
from touchline.jobs.alarming import webhooks
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

LATER = "2290-01-01"
LANDINGS = "landings"


def test_from_a_broken_day_to_a_message_a_word_and_silence(
    home: Path, tmp_path: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_WEBHOOK_HOSTS", "127.0.0.1")
    monkeypatch.setattr(webhooks, "SECONDS", 300.0)
    assert touchline("import", "events", write_stop(tmp_path / "a.jsonl")).exit_code == 0
    with receiving([status(500), status(204)]) as receiver:
        added = touchline("alarm", "add", "webhook", receiver.url, "--json")
        secret = json.loads(added.out)["secret"]
        first = touchline("run", "--notify")
        assert "1 not: webhook-1: The receiver answered 500" in first.out
        assert json.loads(first.err.splitlines()[-1])["event"] == "health_alarm"
        assert "new alarm" in json.loads(touchline("run", "--notify", "--json").out)["notified"]
        assert len(receiver.came) == 1, "it is tried again later, and nothing is new"
        assert touchline("alarm", "test", "webhook-1").exit_code == 0
    assert json.loads(receiver.came[1].body)["test"]
    listed = touchline("alarm", "list")
    assert receiver.url in listed.out
    assert secret not in listed.out
    shown = {one["measure"]: one for one in json.loads(touchline("health", "alarms", "--json").out)["alarms"]}
    alarm = shown[LANDINGS]
    assert (alarm["since"], alarm["until"], alarm["state"]) == (*map(str, STOPPED), "closed")
    assert alarm["alarm_id"] in {one["alarmId"] for one in json.loads(receiver.came[0].body)["alarms"]}
    assert touchline("health", "ack", alarm["alarm_id"], "--note", "the tag", "--by", "ann").exit_code == 0
    assert "muted until 2290" in touchline("health", "mute", alarm["alarm_id"], "--until", LATER).out
    again = {one["measure"]: one for one in json.loads(touchline("health", "alarms", "--json").out)["alarms"]}
    assert [again[LANDINGS][name] for name in ("acknowledged_by", "note", "muted_until")] == ["ann", "the tag", LATER]
    assert touchline("alarm", "remove", "webhook-1").exit_code == 0
    with Workspace(Home(home)) as workspace:
        assert workspace.ledger.rows(schema.ALARM_DESTINATIONS) == []


def test_notes_stand_in_the_report_and_on_the_chart_after_the_next_run(
    home: Path, tmp_path: Path, touchline: Command
) -> None:
    assert home.is_dir()
    touchline("import", "events", write_stop(tmp_path / "a.jsonl"))
    touchline("run")
    said = "Deploy <4.2>, of a new consent banner for everybody"
    assert touchline("health", "note", "add", STOPPED[0], said).exit_code == 0
    touchline("health", "note", "add", STOPPED[1], "Wrong", "--site", "shop-example")
    notes = json.loads(touchline("health", "note", "list", "--json").out)["notes"]
    assert touchline("health", "note", "remove", notes[1]["note_id"]).exit_code == 0
    assert touchline("run").exit_code == 0
    report = json.loads(touchline("health", "--json", "--weeks", "2").out)
    assert [note["said"] for note in report["notes"]] == [said]
    assert said in touchline("health").out
    drawn = tmp_path / "landings.svg"
    assert touchline("health", "chart", "landings", "--svg", drawn).exit_code == 0
    assert "Deploy &lt;4.2&gt;, of a new consent banner" in drawn.read_text()
    assert "#c2362e" in drawn.read_text(), "the signals"
    page = tmp_path / "report.html"
    touchline("report", "html", page)
    assert "Deploy &lt;4.2&gt;" in page.read_text()
    refused = touchline("health", "chart", "conversions", "--svg", drawn)
    assert refused.exit_code != 0
    assert "conversions --goal " in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alarm", "add", "email", "ops@shop.example\nBcc: x@y.example"), "no e-mail address"),
        (("alarm", "add", "webhook", "http://hooks.example/"), "begins with https"),
        (("alarm", "add", "webhook", "https://u:p@hooks.example/"), "no user"),
        (("alarm", "test", "nobody"), "no destination"), (("alarm", "remove", "nobody"), "no destination"),
        (("health", "note", "add", "2026-01-05", "x" * 1_001), "1,000 characters"),
        (("health", "note", "add", "2026-01-05", " "), "says something"),
        (("health", "note", "add", "2026-01-05", "x", "--site", "nobody-s"), "no site"),
        (("health", "note", "remove", "7"), "no note"), (("health", "ack", "w_1"), "alarm's id"),
        (("health", "mute", "a_0000000000000000", "--until", "2020-01-01"), "a day to come"),
        (("health", "--weeks", "0"), "one week at least"), (("health", "--weeks", "1", "--days", "7"), "both"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    told: Path, touchline: Command, words: tuple[str, ...], said: str
) -> None:
    assert told.is_dir()
    outcome = touchline(*words)
    assert outcome.exit_code != 0
    assert said in outcome.err

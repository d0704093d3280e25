"""``doctor``: what is wrong is found, said, and has a next step."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.architecture.portable_sql import findings
from tests.cli.conftest import Command, write_costs, write_events
from touchline.cli import clock
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

QUERIES = sorted((Path(__file__).resolve().parents[2] / "src" / "touchline" / "jobs" / "doctor").glob("*.sql"))


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_query_is_portable_and_writes_nothing(file: Path) -> None:
    assert findings(file.stem, file.read_text(encoding="utf-8")) == ["header: writes names no declared table: ''"]


def checks(touchline: Command, *words: object) -> dict[str, tuple[str, str, str]]:
    """Every check by name: status, message, next step."""
    found = touchline("doctor", *words, "--json").document["checks"]
    return {check["name"]: (check["status"], check["message"], check["next_step"]) for check in found}


def test_healthy_home_is_said_to_be_well(touchline: Command, shop: Path) -> None:
    outcome = touchline("doctor", "--home", shop)
    assert outcome.exit_code == 0
    assert "✗" not in outcome.out
    assert "all 3" in checks(touchline, "--home", shop)["conservation"][1]


NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def visits(file: Path, days: list[int]) -> Path:
    """A visit on each of these days of March, at noon."""
    told = [
        {"eventId": f"e{day}", "type": "PAGE_VIEW", "anonId": f"a{day}", "url": "https://shop.example/"}
        | {"occurredAt": f"2026-03-{day:02}T11:59:00Z", "userAgent": "Mozilla/5.0"}
        for day in days
    ]
    file.write_text("".join(json.dumps(event) + "\n" for event in told), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("days", "seen_on", "said"),
    [
        ([20, 21, 22], (22, 23), None),
        ([20, 21, 22], (22, 24), "nothing has arrived since 2026-03-22 12:00 UTC, for 2 days; before, there were some"),
        ([16, 19, 22], (22, 28), None),
        ([16, 19, 22], (22, 29), "for 7 days; before, there were never more than 2 days without any."),
        ([20, 21, 22], (30, 31), None),
        ([22], (22, 28), None),
    ],
    ids=["a day", "two days", "a quiet site", "a quiet site's long silence", "a file of the past", "one test event"],
)
def test_silence_that_is_longer_than_usual_is_a_problem(
    home: Path, touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: list[int],
    seen_on: tuple[int, int], said: str | None,
) -> None:  # fmt: skip
    def at(day: int) -> None:
        moment = NOW.replace(day=day)
        monkeypatch.setattr(clock, "time", SimpleNamespace(time_ns=lambda: int(moment.timestamp()) * 10**9))

    arrived_on, looked_at_on = seen_on
    at(arrived_on)
    touchline("import", "events", visits(tmp_path / "visits.jsonl", days))
    touchline("run")
    at(looked_at_on)
    found = checks(touchline)
    assert touchline("doctor").exit_code == (0 if said is None else 1)
    assert ("arrival" in found) == (said is not None)
    if said is not None:
        assert found["arrival"][0] == "problem"
        assert said in found["arrival"][1]
        assert "touchline key list" in found["arrival"][2]


def test_missing_home(touchline: Command, tmp_path: Path) -> None:
    outcome = touchline("doctor", "--home", tmp_path / "nowhere", "--json")
    assert outcome.exit_code == 1
    assert outcome.document["is_well"] is False
    assert "touchline init" in outcome.document["checks"][0]["next_step"]


def test_new_home_has_next_steps_and_no_problem(home: Path, touchline: Command) -> None:
    assert touchline("doctor").exit_code == 0
    found = checks(touchline)
    assert found["events"][2] == "touchline import events FILE…"
    assert found["ad costs"][2] == "touchline import costs FILE…"
    assert found["targets"][2].startswith("touchline target set")
    assert found["engine"][2] == "touchline run"


def test_numbers_that_lag_behind_are_found(home: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", write_events(tmp_path / "a.jsonl"))
    touchline("run")
    assert checks(touchline)["following the ledger"][0] == "ok"
    touchline("import", "events", write_events(tmp_path / "b.jsonl", 40))
    touchline("import", "costs", write_costs(tmp_path / "c.csv"))
    status, message, step = checks(touchline)["following the ledger"]
    assert (status, step) == ("warning", "touchline run")
    assert " 12 " in message
    touchline("goal", "set", "x", "--event-name", "x")
    assert checks(touchline)["settings"][1] == "Changed since the last run: goals."
    touchline("run")
    found = checks(touchline)
    assert (found["following the ledger"][0], found["settings"][0]) == ("ok", "ok")
    assert found["goal x"][0] == "warning"


def test_another_job_is_not_the_last_run(home: Path, touchline: Command, tmp_path: Path) -> None:
    """``serve`` keeps other jobs in the same table, such as retention."""
    touchline("import", "events", write_events(tmp_path / "a.jsonl"))
    touchline("run")
    said = checks(touchline)["last run"]
    with Workspace(Home(home)) as workspace, workspace.ledger.transaction() as entry:
        entry.add(schema.JOB_RUNS, job="retention", started_at=2**52, ended_at=2**52, status="failed", detail="x")
    assert checks(touchline)["last run"] == said


def test_engine_of_another_ledger_is_found(home: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", write_events(tmp_path / "a.jsonl"))
    touchline("run")
    (home / "ledger.db").unlink()
    touchline("init", "--domain", "shop.example", "--currency", "EUR")
    status, _, step = checks(touchline)["following the ledger"]
    assert (status, step) == ("problem", "touchline run --rebuild")


def test_no_goal_is_a_problem(home: Path, touchline: Command) -> None:
    touchline("goal", "remove", "conversion")
    assert checks(touchline)["goals"][0] == "problem"
    assert touchline("doctor").exit_code == 1


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"type": "CONVERSION", "url": None}, "problem", "no touchpoint"),
        ({}, "ok", "10 of 10 counted conversions have a touch"),
    ],
)
def test_missing_links_are_explained(
    home: Path, touchline: Command, tmp_path: Path, fields: dict[str, Any], status: str, words: str
) -> None:
    touchline("import", "events", write_events(tmp_path / "a.jsonl", **fields))
    touchline("run")
    found = checks(touchline)["attribution links"]
    assert found[0] == status
    assert words in found[1]


def test_costs_without_visits_are_named(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = tmp_path / "costs.csv"
    file.write_text("date,platform,campaign_id,campaign_name,cost\n2026-01-01,META,77,Spring,10\n", encoding="utf-8")
    touchline("import", "events", write_events(tmp_path / "a.jsonl"))
    touchline("import", "costs", file)
    touchline("run")
    status, message, step = checks(touchline)["costs meet touches"]
    assert status == "warning"
    assert "Spring (META)" in message
    assert "utm_id" in step


def test_rejections_are_counted_by_reason(home: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_events(tmp_path / "a.jsonl")
    file.write_text(file.read_text(encoding="utf-8") + "{\n{\n{\n", encoding="utf-8")
    touchline("import", "events", file)
    assert checks(touchline)["rejected events"][:2] == ("warning", "3 malformed.")


def test_deployment_checklist_says_what_is_missing(home: Path, touchline: Command) -> None:
    outcome = touchline("doctor", "--deployment", "--json")
    found = {check["name"]: check for check in outcome.document["checks"]}
    assert outcome.exit_code == 1
    assert [name for name, check in found.items() if check["status"] == "problem"] == ["server"]
    assert {"home's mode", "CRON_SECRET", "limits", "ledger", "key of the pages", "monitoring", "jobs"} <= set(found)
    assert found["server"]["next_step"] == "touchline serve"
    said = "10,000 events a minute are accepted for a site, and 3,000 from an address without a secret key."
    assert found["limits"]["message"] == said
    assert "TOUCHLINE_EVENTS_PER_MINUTE_OF_CLIENT" in found["limits"]["next_step"]
    assert found["public URL"]["status"] == found["users"]["status"] == "warning"
    home.chmod(0o755)
    outcome = touchline("doctor", "--deployment")
    assert outcome.exit_code == 1
    assert f"chmod 700 {home}" in outcome.out

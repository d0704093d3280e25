"""The history of runs: what is kept of each, for how many, and how it is shown."""

import json

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline import changes
from touchline.changes import ALL_CHANNELS
from touchline.cli import main
from touchline.errors import UsageError
from touchline.jobs import run_history
from touchline.jobs.erasing import erase
from touchline.jobs.run_history import Credited, keep_run, moved_conversions, past_runs
from touchline.jobs.running import run
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.pipeline import RunReport

VISIT: dict[str, object] = {"eventId": "p", "anonId": "v", "url": "https://shop.example/?utm_source=l&utm_medium=email"}
ORDER: dict[str, object] = {
    "eventId": "o", "anonId": "v", "type": "CONVERSION", "orderId": "o", "value": 10, "currency": "EUR",
    "occurredAt": "2026-03-03T10:00:00Z",
}  # fmt: skip


def test_runs_are_kept_with_what_they_changed_and_shown(
    workspace: Workspace, tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(ORDER)
    run(workspace)
    tell(VISIT)
    run(workspace)
    run(workspace)  # has nothing to do
    late, first = past_runs(workspace, 9)
    assert (first.why, first.events, late.why, late.events) == ("first", 1, "", 1)
    assert late.started_at <= late.ended_at
    assert late.rows_written > 0
    assert [(one.reason, one.channel, one.conversions) for one in late.changes] == [
        ("late_events", "(all)", 1), ("late_events", "(unattributed)", None), ("late_events", "Email", None),
    ]  # fmt: skip
    assert [one.credit_after - one.credit_before for one in late.changes] == [0, -(10**9), 10**9]
    assert past_runs(workspace, 1) == [late]
    with pytest.raises(UsageError, match="at least one run, not 0"):
        past_runs(workspace, 0)
    home = ["--home", str(workspace.home.path)]
    capsys.readouterr()
    assert main(["runs", "--json", *home]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [len(one["changes"]) for one in document["runs"]] == [3, 2]
    assert main(["runs", *home]) == 0
    shown = capsys.readouterr().out
    assert "touches that came late" in shown
    assert "(unattributed) -1.00, Email +1.00" in shown
    assert "the first run" in shown


def test_single_conversions_with_other_links_are_listed_until_they_are_gone(
    workspace: Workspace, tell: Tell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_CONVERSIONS", 2)
    monkeypatch.setattr(run_history, "LISTED_RUNS", 2)
    home = ["--home", str(workspace.home.path)]
    assert main(["runs", "--conversions", *home]) == 0
    assert "No run is recorded that gave single conversions other links." in capsys.readouterr().out
    for who in "abc":
        tell({**ORDER, "eventId": who, "orderId": who, "anonId": who})
    run(workspace)
    assert moved_conversions(workspace, 9) == []  # new conversions have no other links
    for who in "abc":
        tell({**VISIT, "eventId": f"p{who}", "anonId": who, "occurredAt": "2026-03-01T10:00:00Z"})
    run(workspace)
    found = moved_conversions(workspace, 9)
    assert [(one.reason, one.channels, one.credit_moved) for one in found] == 2 * [
        ("late_events", (Credited("(unattributed)", 10**9, 0), Credited("Email", 0, 10**9)), 2 * 10**9)
    ]
    other: dict[str, object] = {"url": "https://shop.example/?utm_source=x&utm_medium=sms"}
    tell({**VISIT, **other, "eventId": "q", "anonId": "c", "occurredAt": "2026-03-02T10:00:00Z"})
    run(workspace)
    newest, *older = moved_conversions(workspace, 9)
    assert (newest.started_at > older[0].started_at, older, moved_conversions(workspace, 1)) == (True, found, [newest])
    capsys.readouterr()
    assert main(["runs", "--conversions", "--csv", *home]) == 0
    header, first, *_ = capsys.readouterr().out.splitlines()
    assert header == "run,organization_id,conversion_id,reason,channel,credit_before,credit_after"
    assert first.split(",")[2:] == [newest.conversion_id, "late_events", "Email", "1.0", "0.0"]
    assert main(["runs", "--conversions", "--json", *home]) == 0
    assert json.loads(capsys.readouterr().out)["conversions"][0]["conversion_id"] == newest.conversion_id
    assert main(["runs", "--conversions", *home]) == 0
    assert "Email -1.00, SMS +1.00" in " ".join(capsys.readouterr().out.split())
    assert main(["runs", "--csv", *home]) == 2

    erase(workspace, newest.organization_id, visitor="c", now=NOW)
    run(workspace)
    assert newest.conversion_id not in {one.conversion_id for one in moved_conversions(workspace, 9)}
    kept = workspace.engine.select("select distinct conversion_id from moved_conversions")["conversion_id"].to_pylist()
    assert newest.conversion_id not in kept
    with pytest.raises(UsageError, match="at least one conversion, not 0"):
        moved_conversions(workspace, 0)


def test_a_run_that_only_made_the_links_of_a_new_fit_is_kept(workspace: Workspace) -> None:
    keep_run(workspace, RunReport(refitted_links=2), started_at=1, ended_at=2)
    assert [one.rows_written for one in past_runs(workspace, 9)] == [2]


def test_a_home_without_a_run_says_so(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--home", str(workspace.home.path)]) == 0
    assert "No run is recorded yet." in capsys.readouterr().out


def test_of_many_runs_the_newest_are_kept(workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_history, "KEPT_RUNS", 2)
    for number in range(4):
        tell({**ORDER, "eventId": f"o{number}", "orderId": f"o{number}"})
        run(workspace)
    kept = past_runs(workspace, 9)
    assert [one.changes[0].reason for one in kept] == ["new", "new"]
    assert [one.channel for one in kept[0].changes] == [ALL_CHANNELS, "(unattributed)"]
    times = {row["started_at"] for row in workspace.ledger.rows(schema.RUN_CHANGES)}
    assert times == {row["started_at"] for row in workspace.ledger.rows(schema.RUNS)}


def test_nothing_that_is_kept_names_a_conversion_or_a_person() -> None:
    named = {column.name for table in (schema.RUNS, schema.RUN_CHANGES) for column in table.columns}
    assert [name for name in named if name.endswith("_id")] == ["organization_id"]

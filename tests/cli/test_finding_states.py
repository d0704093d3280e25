"""What is decided about a finding stays with its id, whatever days are judged."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import touchline as tl
from tests.cli.conftest import Command
from touchline.errors import UnknownError, UsageError
from touchline.jobs.finding_states import remove_state, set_state, states_of
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

ID, OTHER = "w_" + "a" * 16, "w_" + "b" * 16
MAY = date(2026, 5, 1)


def test_a_decision_is_kept_replaced_and_forgotten(home: Path, touchline: Command) -> None:
    with Workspace(Home(home)) as workspace:
        organization_id = workspace.organization()["organization_id"]
        set_state(workspace, organization_id, ID, "snoozed", until=MAY, note="Spring sale", now=1)
        set_state(workspace, organization_id, OTHER, "dismissed", now=2)
        assert states_of(workspace, organization_id) == {
            ID: {"state": "snoozed", "until_date": MAY, "note": "Spring sale"},
            OTHER: {"state": "dismissed", "until_date": None, "note": ""},
        }
        set_state(workspace, organization_id, ID, "accepted", now=3)
        remove_state(workspace, organization_id, OTHER)
        assert states_of(workspace, organization_id) == {ID: {"state": "accepted", "until_date": None, "note": ""}}
        with pytest.raises(UnknownError, match="Nothing was decided"):
            remove_state(workspace, organization_id, OTHER)
    for words in (("set", OTHER, "snoozed", "--until", "2026-05-01", "--note", "later"), ("remove", ID)):
        assert touchline("finding", *words).exit_code == 0
    shown = touchline("finding", "list")
    assert OTHER in shown.out
    assert ID not in shown.out


def test_waste_shows_the_ids_and_what_was_decided_at_once(told: Path, touchline: Command) -> None:
    found = touchline("waste", "--json").document["findings"]
    assert {one["decision"] for one in found} == {""}
    name = found[0]["finding_id"]
    shown = touchline("waste").out
    assert (name in shown, "decided" in shown) == (True, False)
    assert touchline("finding", "set", name, "snoozed", "--until", "2026-05-01", "--note", "Sale").exit_code == 0
    shown = " ".join(touchline("waste").out.split())
    assert "snoozed until 2026-05-01: Sale" in shown
    decided = touchline("waste", "--json").document["findings"][0]
    assert [decided[f"decision{part}"] for part in ("", "_until", "_note")] == ["snoozed", "2026-05-01", "Sale"]
    header, first, *_ = touchline("waste", "--csv").out.splitlines()
    assert dict(zip(header.split(","), first.split(","), strict=False))["decision"] == "snoozed"
    with tl.open(told) as opened:
        assert opened.report("waste")["decision"].to_pylist()[0] == "snoozed"
    assert touchline("finding", "remove", name).exit_code == 0
    assert "decided" not in touchline("waste").out


BAD: list[tuple[dict[str, Any], str]] = [
    ({"finding_id": "w_1"}, "id is w_"),
    ({"state": "open"}, "A state is one of"),
    ({"state": "snoozed"}, "needs a day"),
    ({"until": MAY}, "needs a day"),
    ({"note": "x" * 1_001}, "up to 1000 characters"),
    ({"note": "\0"}, "up to 1000 characters"),
]


@pytest.mark.parametrize(("given", "message"), BAD)
def test_what_is_no_decision_is_refused(home: Path, given: dict[str, Any], message: str) -> None:
    with Workspace(Home(home)) as workspace, pytest.raises(UsageError, match=message):
        set_state(workspace, "o", **{"finding_id": ID, "state": "accepted", "now": 1, **given})

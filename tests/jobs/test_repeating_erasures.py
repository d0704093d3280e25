"""A restored home lacks everybody who was erased since its backup, and the log says who did what."""

import json
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.errors import InputError
from touchline.jobs import auditing, erasing, keeping, repeating_erasures
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.erasure_journal import journal_of
from touchline.magnitudes import DAY_MICROS
from touchline.settings import Home

ANN = (
    {"eventId": "a1", "anonId": "ann"},
    {"eventId": "a2", "anonId": "ann", "type": "CONVERSION", "orderId": "A-1", "userId": "u-1", "accountId": "acme"},
    {"eventId": "a3", "type": "REFUND", "orderId": "A-1", "value": 5},
)
BEN = ({"eventId": "b1", "anonId": "ben", "accountId": "acme"}, {"eventId": "c1", "anonId": "cleo"})


def kept(workspace: Workspace) -> list[str]:
    return sorted(row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS))


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"order": "A-1"}, ["b1", "c1"]),
        ({"account": "acme"}, ["c1"]),
        ({"visitor": "ann"}, ["b1", "c1"]),
    ],
)
@pytest.mark.parametrize("way", ["next to the backup", "from the home"])
def test_a_restore_repeats_what_was_erased_since(
    workspace: Workspace, tell: Tell, tmp_path: Path, given: dict[str, str], left: list[str], way: str
) -> None:
    tell(*ANN, *BEN)
    copy = tmp_path / "backup"
    keeping.back_up_home(workspace.home, copy)
    erasing.erase(workspace, "shop", now=NOW, **given)  # type: ignore[arg-type] # texts
    assert kept(workspace) == left
    former = workspace.home if way == "from the home" else None
    if former is None:
        assert repeating_erasures.tell_backups(workspace) == []
        assert (journal_of(copy).stat().st_mode & 0o777, "ann" in journal_of(copy).read_text()) == (0o600, False)
    restored = keeping.restore_home(copy, Home(tmp_path / "again"), erased_home=former)
    with Workspace(Home(tmp_path / "again")) as again:
        assert (kept(again), restored.events, restored.erased) == (left, len(left), 5 - len(left))
        assert repeating_erasures.erased_in(again) == repeating_erasures.erased_in(workspace)
        assert repeating_erasures.repeat(again, repeating_erasures.erased_in(workspace), now=NOW) == 0


def test_a_restore_without_erasures_keeps_all_and_a_damaged_list_is_refused(
    workspace: Workspace, tell: Tell, tmp_path: Path
) -> None:
    tell(*ANN)
    copy = tmp_path / "backup"
    keeping.back_up_home(workspace.home, copy)
    assert keeping.restore_home(copy, Home(tmp_path / "again")).erased == 0
    journal_of(copy).write_text(json.dumps(["shop", "x"]) + "\n")
    with pytest.raises(InputError, match="erasures:1"):
        keeping.restore_home(copy, Home(tmp_path / "third"))
    assert not (tmp_path / "third" / "ledger.db").exists()


def test_entries_of_the_audit_log_end_with_their_time(workspace: Workspace) -> None:
    old = NOW - (auditing.KEPT_DAYS + 1) * DAY_MICROS
    auditing.note(workspace.ledger, "shop", "looked", "at a person's ids", now=old, actor="user: ada")
    auditing.note(workspace.ledger, "shop", "changed", "titles: leave_out instead of keep", now=old + 2 * DAY_MICROS)
    auditing.note(workspace.ledger, "other", "looked", "at a person's ids", now=NOW)
    (left,) = auditing.entries(workspace.ledger, "shop", limit=9)
    assert (left["action"], left["actor"]) == ("changed", auditing.system_user())

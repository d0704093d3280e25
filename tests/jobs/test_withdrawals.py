"""A withdrawal of consent: what was kept of the browser stays with a record, or goes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.jobs import exporting, keeping, setup
from touchline.jobs.withdrawals import carry_out_withdrawals
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home


def say(
    workspace: Workspace,
    consent_id: str,
    choice: str,
    visitor_id: str | None,
    at: int = NOW,
    site: str = "shop-example",
) -> None:
    with workspace.ledger.transaction() as entry:
        entry.add(
            schema.CONSENTS, consent_id=consent_id, site_id=site, choice=choice, visitor_id=visitor_id,
            text_version="v1", purposes="ads", source="banner", said_at=at, received_at=at,
        )  # fmt: skip


def reported_by_browsers(workspace: Workspace, but: str = "") -> None:
    with closing(sqlite3.connect(workspace.home.ledger_file)) as ledger, ledger:
        ledger.execute(
            "update tracking_events set is_verified = 0 where event_id not like ?", (f"{but}%" if but else "",)
        )


def kept(workspace: Workspace) -> list[str]:
    return sorted(row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS))


def told(workspace: Workspace, tell: Tell) -> None:
    tell(
        {"eventId": "a1", "anonId": "ann"}, {"eventId": "a2", "anonId": "ann", "type": "CONVERSION", "orderId": "1"},
        {"eventId": "b1", "anonId": "ben"},
    )  # fmt: skip
    reported_by_browsers(workspace)
    say(workspace, "c1", "granted", "ann")
    say(workspace, "c2", "denied", "ann")
    say(workspace, "c3", "granted", "ben")
    say(workspace, "c4", "denied", None)
    say(workspace, "c5", "denied", "unknown")


@pytest.mark.parametrize(
    ("withdrawal", "number", "events", "visitors"),
    [
        ("mark", 0, ["a1", "a2", "b1"], ["ann", "ann", "ben", None, "unknown"]),
        ("erase", 2, ["b1"], [None, None, "ben", None, None]),
    ],
)
def test_what_a_withdrawal_leaves(
    workspace: Workspace, tell: Tell, withdrawal: str, number: int, events: list[str], visitors: list[str | None]
) -> None:
    told(workspace, tell)
    setup.change_setting(workspace, "shop", "withdrawal", withdrawal, now=NOW)
    assert carry_out_withdrawals(workspace, now=NOW) == number
    assert [row["event_id"] for row in workspace.ledger.rows(schema.TRACKING_EVENTS)] == events
    rows = sorted(workspace.ledger.rows(schema.CONSENTS), key=lambda row: row["consent_id"])
    assert [row["visitor_id"] for row in rows] == visitors
    carried_out = [row["consent_id"] for row in rows if row["carried_out_at"]]
    assert carried_out == (["c2", "c5"] if number else [])
    assert carry_out_withdrawals(workspace, now=NOW) == 0


def test_a_persons_file_has_what_the_person_chose(workspace: Workspace, tell: Tell) -> None:
    told(workspace, tell)
    with exporting.exported(workspace, "shop", visitor="ann") as person:
        (consents,) = [section for section in person.sections if section.name == "consents"]
        assert [row["choice"] for row in consents.rows()] == ["granted", "denied"]


def test_a_withdrawal_takes_what_browsers_of_its_site_reported_of_the_id_and_nothing_else(
    workspace: Workspace, tell: Tell
) -> None:
    setup.add_site(workspace, "shop", name="Other", domain="other.example", time_zone="UTC", now=NOW)
    user, order = {"userId": "u-1"}, {"type": "CONVERSION", "orderId": "7", "value": 5}
    tell(
        {"eventId": "b1", "anonId": "ann", **user}, {"eventId": "s1", "anonId": "ann", **user, **order},
        {"eventId": "s2", **user, **order, "orderId": "8"}, {"eventId": "b2", "anonId": "bob", **user},
        {"eventId": "s3", **order, "type": "REFUND"}, {"eventId": "s4", "anonId": "eve", **user},
        {"eventId": "b3", "anonId": "ann", "type": "X"}, {"eventId": "s5", "type": "X", "title": "ann"},
    )  # fmt: skip
    tell({"eventId": "b4", "anonId": "ann"}, site_id="other-example")
    reported_by_browsers(workspace, but="s")
    setup.change_setting(workspace, "shop", "withdrawal", "erase", now=NOW)
    everything = ["b1", "b2", "b4", "s1", "s2", "s3", "s4"]
    say(workspace, "c1", "denied", "eve", site="other-example")
    say(workspace, "c2", "denied", "u-1")
    assert (carry_out_withdrawals(workspace, now=NOW), kept(workspace)) == (2, everything)
    say(workspace, "c3", "denied", "ann", site="other-example")
    assert (carry_out_withdrawals(workspace, now=NOW), kept(workspace)) == (1, sorted({*everything} - {"b4"}))
    say(workspace, "c4", "denied", "ann")
    assert (carry_out_withdrawals(workspace, now=NOW), kept(workspace)) == (1, ["b2", "s1", "s2", "s3", "s4"])
    assert [row["event_id"] for row in workspace.ledger.rows(schema.REJECTED_EVENTS)] == ["s5"]
    tell({"eventId": "s6", "anonId": "ann"})
    assert "s6" in kept(workspace)  # what a server reports of it is not refused, either


def test_the_newest_choice_decides_and_each_withdrawal_is_carried_out(workspace: Workspace, tell: Tell) -> None:
    setup.change_setting(workspace, "shop", "withdrawal", "erase", now=NOW)
    for turn, choices in enumerate((("granted", "denied"), ("granted", "denied"), ("denied", "granted"))):
        at = NOW + 10 * turn
        tell({"eventId": f"b{turn}", "anonId": "ann", "occurredAt": "2026-03-07T00:00:00Z"})
        reported_by_browsers(workspace)
        for place, choice in enumerate(choices):
            say(workspace, f"c{turn}{place}", choice, "ann", at + place)
        is_withdrawn = choices[-1] == "denied"
        assert carry_out_withdrawals(workspace, now=at - NOW + 1) == is_withdrawn
        assert kept(workspace) == ([] if is_withdrawn else [f"b{turn}"])


def test_a_restored_home_repeats_a_withdrawal_of_what_browsers_reported_alone(
    workspace: Workspace, tell: Tell, tmp_path: Path
) -> None:
    setup.change_setting(workspace, "shop", "withdrawal", "erase", now=NOW)
    tell({"eventId": "b1", "anonId": "ann"}, {"eventId": "s1", "anonId": "ann", "orderId": "7", "type": "CONVERSION"})
    reported_by_browsers(workspace, but="s")
    copy = keeping.back_up_home(workspace.home, tmp_path / "backup")
    say(workspace, "c1", "denied", "ann")
    assert (copy.events, carry_out_withdrawals(workspace, now=NOW), kept(workspace)) == (2, 1, ["s1"])
    home = Home(tmp_path / "restored")
    keeping.restore_home(tmp_path / "backup", home)
    with Workspace(home) as restored:
        assert kept(restored) == ["s1"]

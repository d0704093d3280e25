"""A withdrawal of consent: what was kept of the browser stays with a record, or goes."""

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.jobs import exporting, setup
from touchline.jobs.withdrawals import carry_out_withdrawals
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema


def say(workspace: Workspace, consent_id: str, choice: str, visitor_id: str | None) -> None:
    with workspace.ledger.transaction() as entry:
        entry.add(
            schema.CONSENTS, consent_id=consent_id, site_id="shop-example", choice=choice, visitor_id=visitor_id,
            text_version="v1", purposes="ads", source="banner", said_at=NOW, received_at=NOW,
        )  # fmt: skip


def told(workspace: Workspace, tell: Tell) -> None:
    tell(
        {"eventId": "a1", "anonId": "ann"}, {"eventId": "a2", "anonId": "ann", "type": "CONVERSION", "orderId": "1"},
        {"eventId": "b1", "anonId": "ben"},
    )  # fmt: skip
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

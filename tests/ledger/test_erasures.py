"""What one transaction takes away, and how it sees what was taken away before it."""

import pytest

from tests.ledger.events import COLUMNS, event
from touchline.ledger import Ledger, Theirs, schema

ADA, SITE = "v:north.example:ada", "north.example"


def claimed(ledger: Ledger, user: str) -> None:
    said = {"identifier": ADA, "linked_identifier": user, "claimed_at": 0, "source": "crm"}
    with ledger.transaction() as entry:
        assert entry.add_new(schema.IDENTITY_CLAIMS, [{"organization_id": "north", **said}]) == 1


def told(ledger: Ledger, *rows: tuple[object, ...]) -> None:
    with ledger.transaction() as entry:
        entry.add_events(COLUMNS, list(rows))


@pytest.mark.parametrize(("takes_events", "withdraws"), [(False, False), (True, False), (False, True), (True, True)])
def test_tombstones_of_either_kind_are_seen_and_old_ones_are_not(
    ledger: Ledger, takes_events: bool, withdraws: bool
) -> None:
    told(ledger, event("e1"))
    claimed(ledger, "u:ada")
    with ledger.transaction() as entry:
        erasing = entry.erasing("north")
        if takes_events:
            assert erasing.erase_of(Theirs([ADA]), erasing.note(ADA, 1)) == 1
        if withdraws:
            assert erasing.withdraw([(ADA, "u:ada")], "crm") == 1
        assert erasing.has_tombstones_after(0, 0) is (takes_events or withdraws)
        assert erasing.has_tombstones_after(1, 0) is withdraws
        assert erasing.has_tombstones_after(0, 1) is takes_events
        assert erasing.has_tombstones_after(1, 1) is False


@pytest.mark.parametrize(("occurred_at", "received_at", "before", "expected"), [
    (5, 9, 5, False), (5, 9, 6, True), (9, 5, 5, False), (9, 5, 6, True), (5, 5, 6, True), (9, 9, 6, False),
])  # fmt: skip
def test_an_old_event_or_an_old_refusal_is_one_to_take(
    ledger: Ledger, occurred_at: int, received_at: int, before: int, expected: bool
) -> None:
    told(ledger, event("e1", occurred_at=occurred_at))
    refusal = {"site_id": SITE, "received_at": received_at, "reason": "bot", "message": "", "payload": ""}
    with ledger.transaction() as entry:
        entry.add(schema.REJECTED_EVENTS, source="", **refusal)
    with ledger.transaction() as entry:
        assert entry.erasing("north").has_before(before) is expected
        assert entry.erasing("south").has_before(100) is False


def test_an_erasure_takes_no_cost(ledger: Ledger) -> None:
    """What was spent is nobody's: neither a person nor a retention period takes it."""
    with ledger.transaction() as entry:
        load = {"organization_id": "north", "source": "csv", "file_name": "", "file_hash": "", "loaded_at": 0}
        number = entry.add(schema.AD_COST_LOADS, **load, accepted=1, rejected=1)
        columns = [column.name for column in schema.AD_COST_ROWS.columns if column.name != "row_number"]
        entry.add_many(schema.AD_COST_ROWS, columns, [(number, "2026-01-01", *(ADA for _ in range(9)), 1, 1, 1)])
    told(ledger, event("e1", occurred_at=5))
    before = [ledger.rows(table) for table in (schema.AD_COST_LOADS, schema.AD_COST_ROWS)]
    with ledger.transaction() as entry:
        erasing = entry.erasing("north")
        erasing.erase_of(Theirs([ADA], [ADA], [ADA]), erasing.note(ADA, 1))
        erasing.erase_before(2**60, erasing.note("*", 1))
        erasing.erase_rejections_before(2**60)
        erasing.erase_claims([ADA])
    assert [ledger.rows(table) for table in (schema.AD_COST_LOADS, schema.AD_COST_ROWS)] == before
    assert [len(rows) for rows in before] == [1, 1]
    assert ledger.rows(schema.TRACKING_EVENTS) == []

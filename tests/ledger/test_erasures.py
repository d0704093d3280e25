"""What one transaction takes away, and how it sees what was taken away before it."""

import pytest

from tests.ledger.events import COLUMNS, event
from touchline.ledger import Ledger, PersonSearch, Sought, schema

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
            assert erasing.take_events(1, [1]) == 1
        if withdraws:
            assert erasing.withdraw([(ADA, "u:ada")], "crm") == 1
        assert erasing.has_tombstones_after(0, 0) is (takes_events or withdraws)
        assert erasing.has_tombstones_after(1, 0) is withdraws
        assert erasing.has_tombstones_after(0, 1) is takes_events
        assert erasing.has_tombstones_after(1, 1) is False


def test_rows_that_are_gone_are_not_taken_again(ledger: Ledger) -> None:
    """Two that work on one request count each row once, and leave one tombstone for it."""
    told(ledger, event("e1"), event("e2"))
    for taken in (2, 0):
        with ledger.transaction() as entry:
            assert entry.deleting("north").take_events(1, [1, 2]) == taken
    tombstones = ledger.rows(schema.ERASED_EVENTS)
    assert [(row["erasure"], row["sequence"]) for row in tombstones] == [(1, 1), (1, 2)]


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
    for organization_id, is_any in (("north", expected), ("south", False)):
        with ledger.reading(organization_id) as reading:
            sought = Sought(0, reading.newest(), happened_before=before)
        with ledger.searching(organization_id, sought) as search:
            assert bool(found_by(search)) is is_any


def found_by(search: PersonSearch) -> list[int]:
    """The numbers of everything that is found."""
    events, rejected, claims = (
        schema.TRACKING_EVENTS.c.sequence, schema.REJECTED_EVENTS.c.rejection, schema.IDENTITY_CLAIMS.c.claim,
    )  # fmt: skip
    parts = (search.events_after(0, events), search.rejections_after(0, rejected), search.claims_after(0, claims))
    return [row[0] for part in parts for _, rows in part for row in rows]


def test_an_erasure_takes_no_cost(ledger: Ledger) -> None:
    """What was spent is nobody's: neither a person nor a retention period takes it."""
    with ledger.transaction() as entry:
        load = {"organization_id": "north", "source": "csv", "file_name": "", "file_hash": "", "loaded_at": 0}
        number = entry.add(schema.AD_COST_LOADS, **load, accepted=1, rejected=1)
        columns = [column.name for column in schema.AD_COST_ROWS.columns if column.name != "row_number"]
        row = (number, "2026-01-01", *(ADA for _ in range(9)), 1, 1, 1, ADA, ADA, 1, 1, 1, ADA, 1, 1)
        entry.add_many(schema.AD_COST_ROWS, columns, [row])
    told(ledger, event("e1", occurred_at=5))
    before = [ledger.rows(table) for table in (schema.AD_COST_LOADS, schema.AD_COST_ROWS)]
    with ledger.transaction() as entry:
        erasing = entry.erasing("north")
        everything = range(1, 100)
        erasing.take_events(1, everything)
        erasing.take_rejections(1, everything)
        erasing.take_claims(1, everything)
    assert [ledger.rows(table) for table in (schema.AD_COST_LOADS, schema.AD_COST_ROWS)] == before
    assert [len(rows) for rows in before] == [1, 1]
    assert ledger.rows(schema.TRACKING_EVENTS) == []

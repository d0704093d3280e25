"""A row that is cut where all that follows is empty is stored as the whole row is."""

from msgspec.structs import astuple

from touchline.ingest import row_of
from touchline.ingest.event import PAGE_VIEW_FIELDS
from touchline.ledger import Ledger, schema
from touchline.ledger.event_rows import whole_rows
from touchline.tracking_event import TrackingEvent

COLUMNS = TrackingEvent.__struct_fields__


def event(event_id: str, **more: object) -> TrackingEvent:
    given = {
        "site_id": "north.example",
        "type": "PAGE_VIEW",
        "occurred_at": 1,
        "received_at": 1_772_900_000_000_000,
        **more,
    }
    return TrackingEvent(event_id=event_id, identifier="v:shop:a", payload_hash=event_id, **given)  # type: ignore[arg-type]


def test_cut_rows_are_stored_as_whole_ones_are(ledger: Ledger) -> None:
    views = [event("a"), event("b", name="x", is_test=True), event("c"), event("d", value_micros=7)]
    cut = [row_of(one) for one in views]
    assert [len(row) for row in cut] == [PAGE_VIEW_FIELDS, len(COLUMNS), PAGE_VIEW_FIELDS, len(COLUMNS)]
    with ledger.transaction() as entry:
        assert entry.add_events(COLUMNS, cut).accepted == len(views)
    stored = ledger.rows(schema.TRACKING_EVENTS)
    assert [tuple(row[name] for name in COLUMNS) for row in stored] == [astuple(one) for one in views]


def test_what_is_cut_is_what_the_ledger_fills_in() -> None:
    whole = astuple(event("a"))
    assert whole_rows(COLUMNS, [row_of(event("a")), whole]) == [whole, whole]

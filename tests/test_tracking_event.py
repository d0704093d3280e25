"""An event's fields are declared once: the ledger, the engine and the reference follow."""

import pytest

from tests.quantifiers import each
from touchline.ledger import schema
from touchline.table import Kind
from touchline.tables import TRACKING_EVENTS
from touchline.tracking_event import EVENT_FIELDS, Mark, TrackingEvent

FIELDS = {field.name: field for field in EVENT_FIELDS}


def test_every_field_is_a_column_of_the_ledger() -> None:
    columns = {column.name: column.nullable for column in schema.TRACKING_EVENTS.columns}
    assert columns.pop("sequence") is False
    assert columns == {name: field.is_nullable for name, field in FIELDS.items()}


def test_the_engine_has_all_but_what_no_run_reads() -> None:
    missing = set(FIELDS).difference(TRACKING_EVENTS.column_names)
    assert missing == {
        "session_id", "path", "title", "ip_hash", "payload_hash", "consent", "properties",
    }  # fmt: skip
    assert set(TRACKING_EVENTS.column_names).difference(FIELDS) == {"organization_id", "sequence"}


@pytest.mark.parametrize(
    ("name", "kind", "is_nullable"),
    [
        ("event_id", Kind.TEXT, False),
        ("payload_hash", Kind.TEXT, False),
        ("city", Kind.TEXT, True),
        ("occurred_at", Kind.TIMESTAMP, False),
        ("value_micros", Kind.INTEGER, True),
        ("is_test", Kind.BOOLEAN, False),
    ],
)
def test_types_follow_from_the_declaration(name: str, kind: Kind, *, is_nullable: bool) -> None:
    assert (FIELDS[name].kind, FIELDS[name].is_nullable) == (kind, is_nullable)


def test_text_that_differs_from_event_to_event_is_loose() -> None:
    loose = {column.name for column in TRACKING_EVENTS.columns if column.is_loose}
    assert (
        loose
        == {"event_id", "identifier", "url", "click_ids"}
        == {n for n, field in FIELDS.items() if Mark.LOOSE in field.marks}
    )


def test_old_rows_count_as_verified_and_nothing_else_is_assumed_of_them() -> None:
    defaults = {column.name for column in schema.TRACKING_EVENTS.columns if column.server_default is not None}
    assert defaults == {"is_verified"}
    assert each(FIELDS[name].default is True for name in defaults)


def test_fields_keep_the_order_of_the_event() -> None:
    assert tuple(FIELDS) == TrackingEvent.__struct_fields__

"""Mapping files: what they can say, and how they are told that they are wrong."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from touchline.errors import MappingError
from touchline.ingest import Rejection
from touchline.ingest.mapped import RowMapper
from touchline.ingest.mapping import parse_mapping, wire_mapping

BASE = '[fields]\neventId = "id"\n'
TYPED = '[constants]\ntype = "CUSTOM"\n'


def payload_of(mapping: str, row: Mapping[str, object]) -> Any:
    return RowMapper(parse_mapping(mapping)).payload(row)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[fields", "not TOML"),
        (BASE + 'urll = "x"\n' + TYPED, "no fields.urll. Did you mean url?"),
        (BASE + 'publicKey = "x"\n' + TYPED, "no fields.publicKey"),
        ("colour = 1\n" + BASE + TYPED, "no colour"),
        (BASE, "fields.type"),
        ("[fields]\n" + TYPED, "fields.eventId"),
        (BASE + "url = 5\n" + TYPED, "fields.url must be a column's name, or a list of alternatives, not 5"),
        (BASE + "url = []\n" + TYPED, "fields.url"),
        (BASE + 'url = { column = "x", optional_invalid = "maybe" }\n' + TYPED, '"drop" or "reject"'),
        (BASE + 'url = { column = "x", optional = 1 }\n' + TYPED, "true or false"),
        (BASE + 'url = { colum = "x" }\n' + TYPED, "Did you mean column?"),
        ("[fields]\neventId = { hash = [] }\n" + TYPED, "a list of columns"),
        ('event_name = "n"\n' + BASE + '[events]\na = { type = "VIEW" }', "one of PAGE_VIEW"),
        ('event_name = "n"\n' + BASE + "[events]\na = 1", "events.a"),
        (BASE + '[events]\na = { type = "CUSTOM" }\n' + TYPED, "event_name"),
        (BASE + TYPED + '[time]\nformat = "us"', "time.format"),
        (BASE + TYPED + '[time]\nzone = "Mars/Base"', "time.zone"),
        (BASE + TYPED + '[time]\nzone = "Europe"', "time.zone"),
        (BASE + TYPED + '[time]\nzone = "posixrules"', "time.zone"),
        (BASE + TYPED + "[time]\nzone = 1", "time.zone"),
        (BASE + TYPED + 'eventId = "x"', "no constants.eventId"),
        ('delimiter = ";;"\n' + BASE + TYPED, "one character"),
        ("fields = 1", "must be a table"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(MappingError, match=re.escape(says)):
        parse_mapping(text)


def test_a_missing_column_is_named_with_those_that_exist() -> None:
    mapping = parse_mapping(
        BASE + 'anonId = ["client_id", "clientId"]\ncity = { column = "c", optional = true }\n' + TYPED
    )
    mapping.check_columns(["id", "clientId"], "f.csv")
    with pytest.raises(MappingError, match=r"'client_id' or 'clientId', which f\.csv does not have.*: id, other"):
        mapping.check_columns(["id", "other"], "f.csv")
    with pytest.raises(MappingError, match="'id' twice"):
        mapping.check_columns(["id", "id", "clientId"], "f.csv")


def test_the_first_alternative_that_has_a_value_counts() -> None:
    mapping = BASE + 'anonId = ["a", "b"]\n' + TYPED
    assert payload_of(mapping, {"id": "1", "a": " ", "b": "B"})["anonId"] == "B"
    assert payload_of(mapping, {"id": "1", "a": "A", "b": "B"})["anonId"] == "A"
    assert "anonId" not in payload_of(mapping, {"id": "1", "a": ""})


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('{"sum": 245}', "245"), ('{"sum": 9.5}', "9.5"), ({"sum": 1}, "1"), ('{"sum": null}', None), ("", None),
        ("{}", None), ("[1]", None), ('{"sum": ""}', None), (float("nan"), None),
    ],
)  # fmt: skip
def test_paths_into_json(cell: object, value: str | None) -> None:
    assert payload_of(BASE + 'value = "data:sum"\n' + TYPED, {"id": "1", "data": cell}).get("value") == value


def test_paths_go_through_objects_and_lists() -> None:
    row: dict[str, object] = {"id": "1", "data": '{"items": [{"sku": "a"}, {"sku": "b"}]}'}
    assert payload_of(BASE + 'orderId = "data:items.1.sku"\n' + TYPED, row)["orderId"] == "b"
    assert "orderId" not in payload_of(BASE + 'orderId = "data:items.2.sku"\n' + TYPED, row)


def test_a_cell_that_is_no_json_rejects_the_row() -> None:
    refused = payload_of(BASE + 'value = "data:sum"\n' + TYPED, {"id": "1", "data": "{x"})
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.field, refused.payload) == ("malformed", "data", '{"id":"1","data":"{x"}')


def test_an_invalid_optional_field_is_dropped_only_where_the_mapping_says_so() -> None:
    dropping = BASE + 'emailHash = { column = "mail", optional_invalid = "drop" }\n' + TYPED
    assert "emailHash" not in payload_of(dropping, {"id": "1", "mail": "me@example.com"})
    assert payload_of(dropping, {"id": "1", "mail": "a" * 64})["emailHash"] == "a" * 64
    assert payload_of(BASE + 'emailHash = "mail"\n' + TYPED, {"id": "1", "mail": "x"})["emailHash"] == "x"


def test_event_names_are_translated_and_others_become_custom() -> None:
    mapping = (
        'event_name = "n"\n'
        + BASE
        + '[events]\nbuy = { type = "CONVERSION", name = "purchase" }\nsee = { type = "PAGE_VIEW" }'
    )
    assert payload_of(mapping, {"id": "1", "n": "buy"}) == {"type": "CONVERSION", "name": "purchase", "eventId": "1"}
    assert payload_of(mapping, {"id": "1", "n": "see"}) == {"type": "PAGE_VIEW", "eventId": "1"}
    assert payload_of(mapping, {"id": "1", "n": "other"}) == {"type": "CUSTOM", "name": "other", "eventId": "1"}
    assert payload_of(mapping, {"id": "1", "n": ""}).reason == "missing_field"


def test_the_hashed_id_depends_on_every_value_and_on_nothing_else() -> None:
    mapping = '[fields]\neventId = { hash = ["a|b", "c"] }\n' + TYPED
    ids = [
        payload_of(mapping, row)["eventId"]
        for row in ({"a": "1", "c": "2"}, {"b": "1", "c": "2", "d": "3"}, {"a": "12", "c": ""}, {"a": "1", "c": "3"})
    ]
    assert ids[0] == ids[1]
    assert len({*ids}) == 3
    assert re.fullmatch("[0-9a-f]{32}", ids[0])


@pytest.mark.parametrize(
    ("time", "cell", "moment"),
    [
        ("", "2025-02-23T00:00:01.750Z", datetime(2025, 2, 23, 0, 0, 1, 750_000, UTC)),
        ("", "2025-02-23 00:00:01.75 UTC", datetime(2025, 2, 23, 0, 0, 1, 750_000, UTC)),
        ("", "soon", "soon"),
        ("", "2025-02-23 00:00:01", datetime(2025, 2, 23, 0, 0, 1)),  # noqa: DTZ001 - refused by the wire, with a message
        ('zone = "Europe/Berlin"', "2025-02-23 01:00:01", datetime(2025, 2, 23, 0, 0, 1, tzinfo=UTC)),
        ('format = "epoch_s"', "1740268801.75", datetime(2025, 2, 23, 0, 0, 1, 750_000, UTC)),
        ('format = "epoch_ms"', 1740268801750, datetime(2025, 2, 23, 0, 0, 1, 750_000, UTC)),
        ('format = "epoch_ms"', "1e400", "1e400"),
        ('format = "epoch_ms"', "x", "x"),
    ],
)
def test_times(time: str, cell: object, moment: object) -> None:
    mapping = BASE + 'occurredAt = "t"\n' + TYPED + "[time]\n" + time
    assert payload_of(mapping, {"id": "1", "t": cell})["occurredAt"] == moment


def test_values_become_what_the_wire_wants() -> None:
    mapping = BASE + 'isTest = "t"\nuserId = "u"\nproperties = "p"\nsurvey = "s"\nvalue = "v"\n' + TYPED
    row: dict[str, object] = {"id": 7, "t": "Yes", "u": 12, "p": '{"a": 1}', "s": "A friend", "v": 0.1}
    assert payload_of(mapping, row) == {
        "type": "CUSTOM", "eventId": "7", "isTest": True, "userId": "12", "properties": {"a": 1},
        "survey": {"answer": "A friend"}, "value": "0.1",
    }  # fmt: skip


def test_a_file_with_the_names_of_the_wire_needs_no_mapping() -> None:
    assert set(wire_mapping(["eventId", "type", "url", "note"], "f.csv").fields) == {"eventId", "type", "url"}
    with pytest.raises(MappingError, match=r"f\.csv has no column eventId and no column type"):
        wire_mapping(["id"], "f.csv")

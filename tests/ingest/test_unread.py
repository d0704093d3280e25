"""No field is ignored in silence: what nothing reads is named, and changes nothing else of the event."""

import json
import re
import tomllib
from collections import Counter
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.test_wire import MINIMAL, accepted_batch, event_of, refusal_of
from touchline.errors import MappingError
from touchline.ingest import Reason
from touchline.ingest.mapping import MAPPABLE, _Parser, parse_mapping
from touchline.ingest.readers import read
from touchline.ingest.unread import MOST_COUNTED, OTHERS, FieldNames
from touchline.ingest.wire_event import FIELDS, choices_of

WHOLE: dict[str, Any] = {
    **MINIMAL, "anonId": "ada", "value": 12.50, "currency": "EUR", "url": "https://shop.example/?utm_source=x",
    "properties": {"sku": 1, "events": []}, "survey": {"answer": "a friend", "question": "Where?"},
    "metadata": {"city": "Bonn", "utm": {"source": "news"}},
}  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {
    "": (), "survey.": ("survey",), "metadata.": ("metadata",), "metadata.utm.": ("metadata", "utm"),
}  # fmt: skip
READ = {
    *FIELDS, "events", "answer", "question", "gclid", "utm", "ref", "city", "district", "device_type", "medium",
    "source", "campaign",
}  # fmt: skip
SOME_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.text(st.characters(codec="utf-8"), max_size=70).filter(lambda name: name not in READ)
extras = st.dictionaries(st.tuples(st.sampled_from([*PLACES]), names), SOME_JSON, max_size=6)


def with_extras(event: dict[str, Any], more: dict[tuple[str, str], Any]) -> dict[str, Any]:
    event = deepcopy(event)
    for (inside, name), value in more.items():
        place = event
        for step in PLACES[inside]:
            place = place[step]
        place[name] = value
    return event


@given(extras, extras, st.dictionaries(names, SOME_JSON, max_size=3), st.booleans())
def test_whatever_is_added_is_named_and_changes_nothing(
    first: dict[tuple[str, str], Any], second: dict[tuple[str, str], Any], beside: dict[str, Any], is_ascii: bool
) -> None:
    events = [with_extras({**WHOLE, "eventId": "e1"}, first), with_extras({**WHOLE, "eventId": "e2"}, second)]
    envelope = {**beside, "publicKey": "pk", "events": events}
    plain = accepted_batch({**WHOLE, "eventId": "e1"}, {**WHOLE, "eventId": "e2"})
    batch = accepted_batch(json.dumps(envelope, ensure_ascii=is_ascii).encode())
    assert batch.accepted == plain.accepted
    assert batch.rejected == []
    added = [*(inside + name for inside, name in (*first, *second)), *beside]
    assert batch.unread == Counter(added)
    alone = accepted_batch(json.dumps(events[0], ensure_ascii=is_ascii).encode())
    assert (alone.accepted, alone.unread) == (plain.accepted[:1], Counter(inside + name for inside, name in first))


def test_what_is_wrong_is_still_refused() -> None:
    for wrong in ({"value": "x"}, {"type": "BUY"}, {"survey": {"sku": 1}}, {"metadata": 7}):
        refused = refusal_of({**MINIMAL, **wrong, "sku": 1})
        assert refused.field is not None
        assert refused.field.partition(".")[0] == next(iter(wrong))


def test_a_body_that_ends_early_is_no_json_whatever_it_begins_with() -> None:
    assert refusal_of(b'{"sku": 1, "eventId": "e1", "type": ').reason == Reason.MALFORMED
    assert refusal_of(b'{"sku": "\\ud800", "eventId": "e1", "type": "PAGE_VIEW"}').reason == Reason.MALFORMED


def test_names_are_cut_and_counted_one_by_one_up_to_a_limit() -> None:
    names = FieldNames()
    counted = names.settled({f"{n}\x1b" + "x" * 99: 1 for n in range(MOST_COUNTED + 7)})
    assert counted[OTHERS] == 7
    assert {len(name) for name in counted if name != OTHERS} == {64}
    assert "\x1b" not in "".join(counted)
    assert names.settled({"late": 2}) == {OTHERS: 2}


@pytest.mark.parametrize(
    ("said", "micros"),
    [
        ({"valueMicros": 12_500_000}, 12_500_000),
        ({"valueMicros": "12500000"}, 12_500_000),
        ({"valueMicros": 12_500_000, "value": 12.5}, 12_500_000),
        ({"valueMicros": 12_500_000, "value": "12.50"}, 12_500_000),
        ({"valueMicros": 1}, 1),
        ({"valueMicros": 0}, 0),
        ({"valueMicros": None}, None),
        ({"valueMicros": 2**53 - 1}, 2**53 - 1),
    ],
)
def test_value_micros_are_the_value(said: dict[str, Any], micros: int | None) -> None:
    event = event_of(**said)
    assert (event.value_micros, event.currency) == (micros, None if micros is None else "EUR")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"valueMicros": 12_500_000, "value": 12.51}, Reason.CONTRADICTION),
        ({"valueMicros": 12_500_000, "value": 12_500_000}, Reason.CONTRADICTION),
        ({"valueMicros": -1}, Reason.OUT_OF_RANGE),
        ({"valueMicros": 2**53}, Reason.OUT_OF_RANGE),
        ({"valueMicros": 10**30}, Reason.OUT_OF_RANGE),
        ({"valueMicros": 12.5}, Reason.WRONG_TYPE),
        ({"valueMicros": "12.5"}, Reason.UNKNOWN_VALUE),
        ({"valueMicros": "1_000"}, Reason.UNKNOWN_VALUE),
        ({"valueMicros": "٣٤"}, Reason.UNKNOWN_VALUE),
        ({"valueMicros": True}, Reason.WRONG_TYPE),
    ],
)
def test_value_micros_that_are_none_are_refused(said: dict[str, Any], reason: Reason) -> None:
    refused = refusal_of({**MINIMAL, **said})
    assert (refused.reason, refused.field) == (reason, "valueMicros")


def test_one_amount_is_one_event_however_it_is_written() -> None:
    assert event_of(valueMicros=12_500_000) == event_of(valueMicros="12500000") == event_of(value="12.5")


def test_a_survey_is_its_answer_or_answer_and_question() -> None:
    answers = [event_of(survey=said).survey_answer for said in ("Google ", {"answer": " Google"}, "", None)]
    assert answers == ["Google", "Google", None, None]
    assert refusal_of({**MINIMAL, "survey": "x" * 513}).reason == Reason.TOO_LONG


CHOSEN = {name: found for name, kind in FIELDS.items() if (found := choices_of(kind))}


def test_there_are_enumerations() -> None:
    assert CHOSEN.keys() == {"type", "consent"}


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("came", ["PURCHASE", "", 7])
def test_an_enumeration_lists_what_it_takes(name: str, came: object) -> None:
    message = refusal_of({**MINIMAL, name: came}).message
    assert [choice for choice in CHOSEN[name] if choice not in message] == []
    assert (repr(came) in message) == (name != "consent")  # which may mean a refusal, of which nothing is repeated


def test_columns_that_nothing_reads_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "e.csv"
    file.write_text("eventId,type,sku,metadata\ne1,PAGE_VIEW,1,x\ne2,PAGE_VIEW,,\n", encoding="utf-8")
    unread = Counter[str]()
    assert len([*read(file, unread=unread)]) == 2
    assert unread == {"sku": 2, "metadata": 2}
    assert "sku" not in MAPPABLE


MAPPING = """
event_name = "kind"
[fields]
eventId = { hash = ["id"] }
anonId = "who"
city = { column = "town", optional = true }
[constants]
currency = "EUR"
[time]
format = "iso"
[events]
viewed = { type = "PAGE_VIEW" }
"""
TABLES = {
    "": "", "fields.": "fields", "fields.city.": "fields.city", "fields.eventId.": "fields.eventId",
    "constants.": "constants", "time.": "time", "events.viewed.": "events.viewed",
}  # fmt: skip
MAPPING_KEYS = MAPPABLE | {
    "event_name", "delimiter", "fields", "constants", "time", "events", "hash", "column", "optional",
    "optional_invalid", "format", "zone", "type", "name",
}  # fmt: skip
words = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ_0123456789", min_size=1, max_size=20)
unread_columns = st.lists(words.filter(lambda word: word not in MAPPABLE), min_size=1, max_size=6, unique=True)


@given(
    st.sampled_from([*TABLES]), words.filter(lambda word: word not in MAPPING_KEYS), st.sampled_from(['"x"', "1", "[]"])
)
def test_a_key_of_a_mapping_that_nothing_reads_is_refused_by_its_name(inside: str, key: str, value: str) -> None:
    parse_mapping(MAPPING)
    document = tomllib.loads(MAPPING)
    place = document
    for step in TABLES[inside].split("."):
        place = place[step] if step else place
    place[key] = tomllib.loads(f"value = {value}")["value"]
    with pytest.raises(MappingError, match=re.escape(f"there is no {inside}{key}")):
        _Parser("the mapping").mapping(document)


@given(unread_columns, st.integers(1, 4))
def test_every_column_of_a_file_that_nothing_reads_is_counted(columns: list[str], rows: int) -> None:
    """A file with a mapping says itself which columns are read; one without has the names of the wire."""
    with TemporaryDirectory() as folder:
        for ending in ("csv", "jsonl"):
            file = Path(folder, f"e.{ending}")
            found = [{"eventId": f"e{n}", "type": "PAGE_VIEW", **dict.fromkeys(columns, "x")} for n in range(rows)]
            lines = [",".join(row) for row in ([*found[0]], *(row.values() for row in found))]
            file.write_text("\n".join(lines if ending == "csv" else map(json.dumps, found)), encoding="utf-8")
            assert unread_of(file) == dict.fromkeys(columns, rows)


def unread_of(file: Path) -> Counter[str]:
    """What an import of the file would name, by how many events have it."""
    unread = Counter[str]()
    payloads = [payload for _, payload in read(file, unread=unread)]
    for payload in payloads:
        if isinstance(payload, bytes):
            unread.update(accepted_batch(payload).unread)
    return unread

"""Hostile text, numbers, times and URLs: refused by field, or cleaned, where they are decoded."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from touchline.ingest import RejectedEvent, Rejection, TrackingEvent, accept
from touchline.ingest.mapped import RowMapper
from touchline.ingest.mapping import parse_mapping
from touchline.ingest.readers import read
from touchline.ingest.wire import Posted

NOW = 1_800_000_000_000_000
MINIMAL = {"eventId": "e1", "type": "CONVERSION", "anonId": "a"}
TEXTS = (
    "name", "title", "path", "city", "district", "utmSource", "userAgent", "metadata.city", "metadata.gclid",
    "metadata.utm.campaign", "survey.answer", "survey.question", "properties.a", "properties.a.b", "referrer", "url",
)  # fmt: skip
IDS = ("eventId", "anonId", "sessionId", "userId", "accountId", "orderId")


def with_field(field: str, value: object) -> dict[str, Any]:
    made: dict[str, Any] = {**MINIMAL}
    if field.startswith("survey."):
        made["survey"] = {"answer": "x"}
    *outer, last = field.split(".")
    inner = made
    for name in outer:
        inner = inner.setdefault(name, {})
    inner[last] = value
    return made


def outcome(payload: Any) -> TrackingEvent | RejectedEvent:
    said = payload if isinstance(payload, dict) else payload.encode()
    (batch,) = accept([("f:1", said)], site_id="s", received_at=NOW, default_currency="EUR")
    found: list[TrackingEvent | RejectedEvent] = [*batch.accepted, *batch.rejected]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("field", [*TEXTS, *IDS])
def test_nul_is_refused_by_field_at_any_depth_and_every_door(field: str) -> None:
    said = with_field(field, "a\0b")
    envelope = json.dumps({"events": [said, MINIMAL]}).encode()
    posted = Posted.read(envelope)
    assert isinstance(posted, Posted)
    assert isinstance(posted.events[0], Rejection)
    assert not isinstance(posted.events[1], Rejection)
    for payload in (json.dumps(said), said):
        refused = outcome(payload)
        assert isinstance(refused, RejectedEvent)
        assert (refused.reason, refused.field) == ("malformed", field.partition(".")[0] if "prop" in field else field)
        assert refused.event_id is None or "\0" not in refused.event_id


@pytest.mark.parametrize(
    "broken", ['{"events": [{"eventId": 5}}', '{"events": [{}]}x', '{"events": [{"eventId": "e1"', '{"events": 5}']
)
def test_a_broken_envelope_is_refused_alike_by_a_file_and_a_request(broken: str) -> None:
    refused, posted = outcome(broken), Posted.read(broken.encode())
    assert isinstance(refused, RejectedEvent)
    assert isinstance(posted, Rejection)
    assert (refused.reason, refused.field, refused.message) == (posted.reason.value, posted.field, posted.message)


def test_a_refused_event_of_an_envelope_is_named_by_its_place() -> None:
    envelope = json.dumps({"events": [MINIMAL, {"eventId": "e2"}, {**MINIMAL, "eventId": "e3"}, 5]}).encode()
    (batch,) = accept([("f:7", envelope)], site_id="s", received_at=NOW, default_currency="EUR")
    assert [event.event_id for event in batch.accepted] == ["e1", "e3"]
    assert [(row.source, row.event_id) for row in batch.rejected] == [("f:7#2", "e2"), ("f:7#4", None)]


@pytest.mark.parametrize("field", [*TEXTS, *IDS])
def test_half_of_a_pair_is_refused(field: str) -> None:
    for payload in (json.dumps(with_field(field, "a\ud800")), with_field(field, "a\ud800")):
        assert isinstance(outcome(payload), RejectedEvent)


@pytest.mark.parametrize("control", ["\x1b", "\n", "\x7f", "\x01"])
@pytest.mark.parametrize("field", IDS)
def test_ids_have_no_control_characters(field: str, control: str) -> None:
    refused = outcome(json.dumps(with_field(field, f"a{control}b")))
    assert isinstance(refused, RejectedEvent)
    assert (refused.reason, refused.field) == ("malformed", field)


def test_text_for_people_is_cleaned() -> None:
    event = outcome(json.dumps({**MINIMAL, "title": "a\x0bb\tc", "survey": {"answer": "a\x1b"}}))
    assert isinstance(event, TrackingEvent)
    assert (event.title, event.survey_answer) == ("a\ufffdb\tc", "a\ufffd")


HOSTILE = st.text(st.characters() | st.sampled_from("\0\x01\x1b\x7f\x85\ud800\udfff\u202e\u200b\n"), max_size=12)


@given(st.dictionaries(st.sampled_from([*TEXTS, *IDS]), HOSTILE, max_size=4))
def test_whatever_is_kept_can_be_stored(fields: dict[str, str]) -> None:
    said = {**MINIMAL, **{name: text for name, text in fields.items() if "." not in name}}
    for payload in (said, json.dumps(said)):
        kept = outcome(payload)
        for name in kept.__struct_fields__:
            text = getattr(kept, name)
            assert not isinstance(text, str) or not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text), name


@pytest.mark.parametrize("text", ["1_000", "٣٤", "\uff11\uff12", "0x10", "Infinity", "NaN", "1,000", "1__0"])
def test_what_only_python_takes_for_a_number_is_refused(text: str) -> None:
    said = {**MINIMAL, "value": text}
    hidden = json.dumps(said).replace("value", "v\\u0061lue")
    for payload in (said, json.dumps(said), json.dumps({"events": [said]}), hidden):
        refused = outcome(payload)
        assert isinstance(refused, RejectedEvent), payload
        assert refused.field == "value"


@pytest.mark.parametrize(("text", "micros"), [(" 12 ", 12_000_000), ("+5", 5_000_000), ("1e3", 1_000_000_000)])
def test_what_a_person_means_is_read(text: str, micros: int) -> None:
    event = outcome(json.dumps({**MINIMAL, "value": text}))
    assert isinstance(event, TrackingEvent)
    assert event.value_micros == micros


def mapped(at: str, form: str = "iso") -> Any:
    zone = 'zone = "Europe/Berlin"'
    text = (
        f'[fields]\neventId = "id"\noccurredAt = "at"\n[constants]\ntype = "CUSTOM"\n[time]\nformat = "{form}"\n{zone}'
    )
    return RowMapper(parse_mapping(text)).payload({"id": "1", "at": at})


def test_a_time_that_the_zone_skips_is_refused_and_one_that_it_shows_twice_is_the_first() -> None:
    skipped = mapped("2026-03-29T02:30:00")
    assert isinstance(skipped, Rejection)
    assert "does not exist in Europe/Berlin" in skipped.message
    twice = mapped("2026-10-25 02:30:00")["occurredAt"]
    assert twice == datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=0)
    assert mapped("2026-03-29T03:30:00")["occurredAt"].utcoffset().total_seconds() == 7_200


@pytest.mark.parametrize(
    ("at", "form"),
    [
        ("2026-W05-1", "iso"), ("2026-01-01é12:00", "iso"), ("1_740_268_801", "epoch_s"), ("١٧٤٠٢٦٨٨٠١", "epoch_s"),
        ("NaN", "epoch_ms"),
    ],
)  # fmt: skip
def test_odd_times_are_left_to_the_wires_own_check(at: str, form: str) -> None:
    found = mapped(at, form)
    assert isinstance(outcome(found), RejectedEvent)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", " JaVa\nScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x",
        "javascript://a%0aalert(1)", "blob:https://a.example/1", "\x01javascript:x",
    ],
)  # fmt: skip
def test_urls_that_run_code_are_left_out(url: str) -> None:
    for field in ("url", "referrer"):
        event = outcome(json.dumps({**MINIMAL, field: url}))
        assert isinstance(event, TrackingEvent)
        assert getattr(event, field) is None
    event = outcome(json.dumps({**MINIMAL, "metadata": {"ref": url}}))
    assert isinstance(event, TrackingEvent)
    assert event.referrer is None


@pytest.mark.parametrize("url", ["https://shop.example/a", "myshop://product/7", "android-app://com.google.android.gm/",
                                 "shop.example/a", "/a?utm_source=x", "localhost:3000/a"])  # fmt: skip
def test_urls_of_the_web_and_of_apps_stay(url: str) -> None:
    event = outcome(json.dumps({**MINIMAL, "url": url}))
    assert isinstance(event, TrackingEvent)
    assert event.url == url


MAPPING = parse_mapping('[fields]\neventId = "id"\ntitle = "t"\n[constants]\ntype = "CUSTOM"')


def test_an_unclosed_quote_costs_its_line_and_no_other(tmp_path: Path) -> None:
    lines = ["id,t", "1,a", '2,"open', *(f"{n},x" for n in range(3, 13))]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    rows = list(read(tmp_path / "e.csv", MAPPING))
    assert len(rows) == 12
    ((source, refused),) = [row for row in rows if isinstance(row[1], Rejection)]
    assert source == "e.csv:3"
    assert "quote" in refused.message  # type: ignore[union-attr]


CELLS = st.text(st.sampled_from('ab,"\n\r\0é\ufeff '), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_record_of_a_csv_is_read(tmp_path: Path, rows: list[tuple[str, str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("id", "t"), *rows])
    (tmp_path / "e.csv").write_bytes(text.getvalue().encode())
    found = list(read(tmp_path / "e.csv", MAPPING))
    batches = list(accept(found, site_id="s", received_at=NOW, default_currency="EUR"))
    assert sum(len(b.accepted) + len(b.rejected) for b in batches) == len(found) == len(rows)

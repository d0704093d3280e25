"""Clocks that are off: a send time corrects them, in doubt it does not, and a constant skew moves nothing."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.ingest import TrackingEvent, accept
from touchline.ingest.clocks import correction
from touchline.ingest.context import Context
from touchline.ingest.steps import processed, sent_at
from touchline.ingest.wire import Posted

RECEIVED = 1_770_000_000_000_000
SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
TOLERANCE, MONTH = 5 * SECOND, 30 * DAY


def said(micros: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat()


def taken(body: dict[str, object], *, is_live: bool = True) -> list[TrackingEvent]:
    """What becomes of a request."""
    posted = Posted.read(msgspec.json.encode(body))
    assert isinstance(posted, Posted)
    context = Context("s", RECEIVED, "EUR", is_live=is_live, sent_at=posted.sent_at)
    rows = [processed(wire, context) for wire in posted.events]  # type: ignore[arg-type]
    assert [row for row in rows if not isinstance(row, TrackingEvent)] == []
    return rows  # type: ignore[return-value]


def unmarked(row: TrackingEvent) -> TrackingEvent:
    """All of a row but what tells of the sender's clock."""
    return msgspec.structs.replace(row, clock_corrected_seconds=None, payload_hash="")


def envelope(ages: list[int], skew: int, latency: int) -> dict[str, object]:
    """Events of these ages from a browser whose clock is ``skew`` ahead, on a connection that takes so long."""
    sent = RECEIVED - latency + skew
    events = [
        {"eventId": f"e{n}", "type": "PAGE_VIEW", "occurredAt": said(sent - age)} for n, age in enumerate(ages)
    ]  # fmt: skip
    return {"sentAt": said(sent), "events": events}


AGES = st.lists(st.integers(0, 90 * DAY), min_size=1, max_size=5)
SKEWS = st.integers(TOLERANCE * 2 + 1, MONTH - TOLERANCE)


@given(AGES, SKEWS, st.sampled_from([1, -1]), st.sampled_from([0, 1, 400_000, TOLERANCE]))
def test_a_constant_skew_of_a_browser_changes_nothing(ages: list[int], off: int, sign: int, latency: int) -> None:
    """By how much it is off, does not matter; next to a clock that is right, all times are later by the way alone."""
    rows = taken(envelope(ages, sign * off, latency))
    assert [RECEIVED - row.occurred_at for row in rows] == ages
    assert {row.clock_corrected_seconds for row in rows} == {round((latency - sign * off) / SECOND)}
    right = taken(envelope(ages, 0, latency))
    assert [row.occurred_at for row in rows] == [row.occurred_at + latency for row in right]
    assert {row.clock_corrected_seconds for row in right} == {None}
    if latency == 0:
        assert [unmarked(row) for row in rows] == [unmarked(row) for row in right]


@given(AGES, st.integers(-2 * MONTH, 2 * MONTH), st.integers(0, TOLERANCE))
def test_the_correction_is_what_its_rule_says(ages: list[int], skew: int, latency: int) -> None:
    sent = RECEIVED - latency + skew
    off = RECEIVED - sent
    for age in ages:
        is_believed = TOLERANCE < abs(off) <= MONTH
        assert correction(sent - age, sent, RECEIVED) == (off if is_believed else 0)


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (TOLERANCE, None), (TOLERANCE + 1, -5), (-TOLERANCE, None), (-TOLERANCE - 1, 5),
        (MONTH, -2_592_000), (MONTH + 1, None), (-MONTH, 2_592_000),
        (-MONTH - 1, None), (-50 * 365 * DAY, None), (600_400_000, -600), (600_600_000, -601),
    ],
)  # fmt: skip
def test_a_send_time_is_believed_within_bounds(off: int, expected: int | None) -> None:
    (row,) = taken({**envelope([42 * DAY], 0, 0), "sentAt": said(RECEIVED + off)})
    occurred_at = RECEIVED - 42 * DAY
    assert (row.clock_corrected_seconds, row.occurred_at) == (expected, occurred_at - (off if expected else 0))


@pytest.mark.parametrize(("after", "expected"), [(TOLERANCE, 0), (TOLERANCE + 1, None)])
def test_nothing_is_later_than_it_was_received_whatever_the_send_time(after: int, expected: int | None) -> None:
    """A little later may be, as times of events in one millisecond rise; a send time long before is not believed."""
    sent = RECEIVED + 10 * MINUTE
    (row,) = taken(
        {"eventId": "e", "type": "PAGE_VIEW", "occurredAt": said(sent + after), "sentAt": said(sent)}
    )  # fmt: skip
    assert row.occurred_at == RECEIVED
    assert row.clock_corrected_seconds == -600 - 5
    assert correction(sent + after, sent, RECEIVED) == (RECEIVED - sent - after if expected == 0 else 0)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        ([10 * MINUTE], [0]), ([8 * MINUTE, 10 * MINUTE], [2 * MINUTE, 0]), ([TOLERANCE + 1], [0]), ([DAY], [0]),
        ([TOLERANCE], [-TOLERANCE]), ([-MINUTE], [MINUTE]), ([-3 * DAY, MINUTE], [3 * DAY + MINUTE, 0]),
    ],
)  # fmt: skip
def test_without_a_send_time_the_latest_event_of_a_browser_says_how_far_it_is_ahead(
    ahead: list[int], expected: list[int]
) -> None:
    """Its events keep their distances; a clock that is behind, or hardly ahead, is not seen."""
    posted = Posted.read(msgspec.json.encode({"events": [
        {"eventId": f"e{n}", "type": "PAGE_VIEW", "occurredAt": said(RECEIVED + off)} for n, off in enumerate(ahead)
    ]}))  # fmt: skip
    assert isinstance(posted, Posted)
    context = Context("s", RECEIVED, "EUR", is_live=True, sent_at=sent_at(None, posted.events, RECEIVED))
    rows = [processed(wire, context) for wire in posted.events]  # type: ignore[arg-type]
    assert [RECEIVED - row.occurred_at for row in rows if isinstance(row, TrackingEvent)] == expected


@pytest.mark.parametrize(("ahead", "expected"), [(10 * MINUTE, 0), (-10 * MINUTE, 10 * MINUTE), (DAY + 1, None)])
def test_of_many_browsers_each_event_is_moved_alone(ahead: int, expected: int | None) -> None:
    posted = Posted.read(msgspec.json.encode({"events": [
        {"eventId": "a", "type": "PAGE_VIEW", "occurredAt": said(RECEIVED - MINUTE)},
        {"eventId": "b", "type": "PAGE_VIEW", "occurredAt": said(RECEIVED + ahead)},
    ]}))  # fmt: skip
    assert isinstance(posted, Posted)
    one, other = (processed(wire, Context("s", RECEIVED, "EUR", is_live=True)) for wire in posted.events)  # type: ignore[arg-type]
    assert isinstance(one, TrackingEvent)
    assert RECEIVED - one.occurred_at == MINUTE
    assert (RECEIVED - other.occurred_at if isinstance(other, TrackingEvent) else None) == expected


def test_the_send_time_of_an_event_goes_before_that_of_its_envelope() -> None:
    body = envelope([MINUTE, MINUTE], 10 * MINUTE, 0)
    events: list[dict[str, object]] = body["events"]  # type: ignore[assignment]
    events[1] |= {"sentAt": said(RECEIVED), "occurredAt": said(RECEIVED - MINUTE)}
    first, second = taken(body)
    assert (first.clock_corrected_seconds, second.clock_corrected_seconds) == (-600, None)


def test_an_event_of_a_broken_envelope_is_corrected_all_the_same() -> None:
    """It is decoded event by event where one of them is wrong, or has a field that nothing reads."""
    body = envelope([MINUTE], 10 * MINUTE, 0)
    (row,) = taken({**body, "context": {"library": "x"}})
    assert (row.clock_corrected_seconds, RECEIVED - row.occurred_at) == (-600, MINUTE)


def test_an_event_a_month_ahead_is_corrected_before_it_is_refused() -> None:
    (row,) = taken(envelope([MINUTE], 29 * DAY, 0))
    assert RECEIVED - row.occurred_at == MINUTE


def test_without_a_time_of_its_own_an_event_happened_when_it_was_received() -> None:
    (row,) = taken({"eventId": "e", "type": "PAGE_VIEW", "sentAt": said(RECEIVED + 10 * MINUTE)})
    assert (row.occurred_at, row.clock_corrected_seconds) == (RECEIVED, None)


def test_of_a_file_nobody_knows_when_it_was_received() -> None:
    body = {"eventId": "e", "type": "PAGE_VIEW", "occurredAt": said(RECEIVED - 3 * DAY - MINUTE),
            "sentAt": said(RECEIVED - 3 * DAY)}  # fmt: skip
    enveloped = {"events": [body], "sentAt": body["sentAt"]}
    (batch,) = accept(
        [("f:1", msgspec.json.encode(body)), ("f:2", msgspec.json.encode(enveloped))],
        site_id="s", received_at=RECEIVED, default_currency="EUR",
    )  # fmt: skip
    assert batch.rejected == []
    assert batch.unread == {}
    assert [RECEIVED - row.occurred_at for row in batch.accepted] == [3 * DAY + MINUTE] * 2


def test_sent_again_later_it_is_the_same_event() -> None:
    event = {"eventId": "e", "type": "PAGE_VIEW", "occurredAt": said(RECEIVED - MINUTE)}
    hashes = [taken({**event, **more})[0].payload_hash for more in ({}, {"sentAt": said(RECEIVED)})]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-01-01T00:00:00", 1_770_000_000_000])
def test_a_send_time_that_is_none_is_named(wrong: object) -> None:
    event = {"eventId": "e", "type": "PAGE_VIEW"}
    refused = Posted.read(msgspec.json.encode({"sentAt": wrong, "events": [event]}))
    assert not isinstance(refused, Posted)
    expected = "sentAt: Expected an ISO-8601 time with Z or an offset, such as 2026-01-31T12:00:00Z, but it is"
    assert refused.message.startswith(expected)
    single = Posted.read(msgspec.json.encode({**event, "sentAt": wrong}))
    assert isinstance(single, Posted)
    assert single.events[0].message.startswith(expected)  # type: ignore[union-attr]

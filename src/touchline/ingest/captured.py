"""Touches and links from the capture library, as events of the wire. That library's ``bridge`` does the mapping."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from attribution_campaign_context.bridge import Event, Unsendable, conversion_event, touch_event
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from touchline.ingest.accept import Payload
from touchline.ingest.event import Reason
from touchline.ingest.rejection import Rejection, shortened

Row = Mapping[str, Any]

_MEANT: Mapping[Unsendable, tuple[Reason, str, str]] = {
    Unsendable.NO_ID: (Reason.MISSING_FIELD, "id", "The record has no id."),
    Unsendable.NOT_A_CONVERSION: (Reason.UNKNOWN_VALUE, "relation", "Expected the relation conversion."),
    Unsendable.NOBODY: (
        Reason.MISSING_FIELD, "anonId", "Neither the visitor of its touch nor a user is known, so no touch leads to it."
    ),
    Unsendable.BAD_VALUE: (Reason.WRONG_TYPE, "value", "Expected an amount in the snapshot's value"),
    Unsendable.BAD_CURRENCY: (Reason.UNKNOWN_VALUE, "currency", "Expected three letters in the snapshot's currency"),
    Unsendable.BAD_TIME: (Reason.WRONG_TYPE, "occurredAt", "Expected a time of ISO 8601 in the snapshot's occurred_at"),
}  # fmt: skip
_SAID = {
    Unsendable.BAD_VALUE: ("value", "value_micros"),
    Unsendable.BAD_CURRENCY: ("currency",),
    Unsendable.BAD_TIME: ("occurred_at",),
}


def touch_payloads(rows: Iterable[Row]) -> Iterator[tuple[str, Payload]]:
    """Page views, from rows of ``attribution_touches``; each with its source, ``touch <id>``."""
    for row in rows:
        yield f"touch {row['id']}", _touch_payload(row)


def conversion_payloads(rows: Iterable[Row]) -> Iterator[tuple[str, Payload]]:
    """Conversions, from rows of ``attribution_subject_links`` that name their touch's person; source ``link <id>``."""
    for row in rows:
        yield f"link {row['id']}", _conversion_payload(row)


def _touch_payload(row: Row) -> Payload:
    try:
        touch = AttributionTouch.model_validate(row)
    except ValidationError as error:
        return _malformed(error)
    return _payload(touch_event(touch), {}, touch)


def _conversion_payload(row: Row) -> Payload:
    known = row["known_touch_id"]
    try:
        link = AttributionSubjectLink.model_validate(row)
        whose = {"id": known, "visitor_id": row["visitor_id"], "session_id": row["session_id"]}
        touch = None if known is None else AttributionTouch.model_validate(whose)
    except ValidationError as error:
        return _malformed(error)
    return _payload(conversion_event(link, touch), link.snapshot, link)


def _payload(
    event: Event | Unsendable, said: Mapping[str, Any], record: AttributionTouch | AttributionSubjectLink
) -> Payload:
    if not isinstance(event, Unsendable):
        return event
    reason, field, message = _MEANT[event]
    wrong = next((said[name] for name in _SAID.get(event, ()) if said.get(name) is not None), None)
    if event in _SAID:
        message = f"{message}, but it is {shortened(wrong)}."
    return Rejection(reason, field, message, record.model_dump_json())


def _malformed(error: ValidationError) -> Rejection:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    came = shortened(first["input"])
    return Rejection(Reason.MALFORMED, field, f"{field or 'The row'}: {first['msg']}, but it is {came}.", came)

"""Records of consent: who agreed to what, when and where, or took it back."""

from hashlib import sha256
from typing import Literal, NamedTuple

from touchline.ingest.context import Context
from touchline.ingest.event import EventType, Reason
from touchline.ingest.rejection import Rejection
from touchline.ingest.scrubbing import kept_id, kept_text
from touchline.ingest.steps import times
from touchline.ingest.wire_event import WireEvent
from touchline.tracking_event import TrackingEvent


class ConsentRow(NamedTuple):
    """A record as the ledger keeps it; the columns of ``consents``, in their order."""

    consent_id: str
    """A hash of the message: one that is sent again adds nothing."""
    site_id: str
    choice: Literal["granted", "denied"]
    visitor_id: str | None
    """The id that was given, or taken back; without it, nobody knows whose choice it was."""
    text_version: str | None
    purposes: str | None
    """With commas between them."""
    source: str | None
    said_at: int
    received_at: int


def consent_row(wire: WireEvent, context: Context) -> ConsentRow | Rejection:
    """The record in an event that has one.

    :returns: a rejection if it says no choice, comes from no visitor, or grants what the browser itself refuses.
    """
    said = wire.consent_record
    if said is None or wire.consent is None:
        return Rejection(Reason.MISSING_FIELD, "consent", "consent is missing: expected granted or denied.")
    if wire.consent == "granted" and context.is_consent_refused:
        return Rejection(Reason.CONSENT_DENIED, "consent", "The browser itself refuses; what was sent is not kept.")
    if context.noise is not None:
        return Rejection(context.noise.reason, context.noise.field, context.noise.message)
    row = TrackingEvent(
        site_id=context.site_id, event_id=wire.event_id, type=EventType.CUSTOM.value,
        occurred_at=context.received_at, received_at=context.received_at, is_verified=context.is_verified,
    )  # fmt: skip
    refused = times(wire, row, context)
    if refused is not None:
        return refused
    visitor_id = kept_id((said.anon_id or wire.anon_id or "").strip()) or None
    if context.visitor_ids == "anonymous" and not context.is_verified:
        visitor_id = None
    version, purposes, source = (
        _kept(text, context) for text in (said.version, ",".join(said.purposes or ()), said.source)
    )
    message = f"{wire.event_id} {wire.occurred_at or ''}"
    whose = (visitor_id, message) if visitor_id else (context.visit_id or message,)
    parts = (context.site_id, *whose, wire.consent, version or "", purposes or "", source or "")
    return ConsentRow(
        sha256("\0".join(parts).encode()).hexdigest(), context.site_id, wire.consent, visitor_id, version, purposes,
        source, row.occurred_at, context.received_at,
    )  # fmt: skip


def _kept(text: str | None, context: Context) -> str | None:
    return kept_text(text, "", context.redaction, set()) if text else None

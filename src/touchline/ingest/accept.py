"""The entry of the stage: payloads in, accepted and rejected events out."""

import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import msgspec

from attribution_campaign_context.personal_text import scrub_text
from touchline.characters import cleaned
from touchline.ingest.context import Context
from touchline.ingest.event import Reason, RejectedEvent
from touchline.ingest.refusals_said import says_no, says_refusal
from touchline.ingest.rejection import Rejection
from touchline.ingest.scrubbing import kept_id, scrubbed_text
from touchline.ingest.steps import NOT_KEPT, processed
from touchline.ingest.wire import Posted, event_id_of, plain_event
from touchline.ingest.wire_faults import Said
from touchline.redaction import EVERYTHING, Redaction
from touchline.tag_names import TagNames
from touchline.tracking_event import TrackingEvent
from touchline.visitor_ids import DEFAULT

Payload = Said | Rejection
"""A payload, or a row that a reader could not read."""

KEPT_PAYLOAD = 8_192
"""The number of characters of a rejected event that are stored."""
KEPT_START = 2_048
"""Characters stored of an event that is far longer: scrubbing is the most expensive part of a rejection."""
KEPT_NAME = 512
"""The number of characters stored of the source and of the field's name, both of which the sender chooses."""
ADDRESS_KEY_BYTES = 32
"""Of a key under which hashes of addresses are stored."""
_CUT_HASH = re.compile(r"[0-9a-fA-F]{8,63}\Z")
"""What is left of a hash where a text was cut: it names a person nearly as well as the whole, and gets no key."""
_INVALID_CONSENT = (
    "consent: Expected one of granted, denied; any other value counts as a refusal, and what was sent is not kept."
)


class Batch(NamedTuple):
    """A chunk of outcomes, in the order of the events."""

    accepted: list[TrackingEvent]
    rejected: list[RejectedEvent]
    unread: Counter[str]
    """The number of events with each unread field, and with tags that have no usable value."""

    @classmethod
    def empty(cls) -> "Batch":
        """A batch without an event."""
        return cls([], [], Counter())


def accept(  # noqa: PLR0913 - what an import knows about its site
    payloads: Iterable[tuple[str, Payload]],
    *,
    site_id: str,
    received_at: int,
    default_currency: str,
    tag_names: TagNames = (),
    redaction: Redaction = EVERYTHING,
    chunk_size: int = 5_000,
    address_key: bytes = b"",
) -> Iterator[Batch]:
    """Decodes, checks and enriches events; every event that comes in goes out, accepted or rejected with a reason.

    ``payloads`` are pairs of a source (``events.csv:12``) and a payload; ``received_at`` is in microseconds since 1970
    (UTC). A batch has ``chunk_size`` outcomes, or up to 99 more after an envelope. Hashes of addresses get
    ``address_key``, by default one that nobody knows.

    >>> line = b'{"eventId": "e1", "type": "PAGE_VIEW", "url": "https://shop.example/?utm_source=News", "anonId": "a"}'
    >>> batch = next(accept([("f:1", line)], site_id="s1", received_at=1_800_000_000_000_000, default_currency="EUR"))
    >>> batch.accepted[0].identifier, batch.accepted[0].utm_source, batch.rejected
    ('v:s1:a', 'news', [])
    """
    batch = Batch.empty()
    context = Context(
        site_id, received_at, default_currency, tag_names=tag_names, unread=batch.unread, redaction=redaction,
        keyed_address=partial(_keyed_address, address_key or secrets.token_bytes(ADDRESS_KEY_BYTES)),
    )  # fmt: skip
    for source, payload in payloads:
        if not isinstance(payload, bytes) or (event := plain_event(payload)) is None:
            _take(batch, _outcomes(source, payload, context, batch.unread))
        elif isinstance(row := processed(event, context), TrackingEvent):
            batch.accepted.append(row)  # the usual case
        else:
            batch.rejected.append(rejected(row, source, payload, context))
        if len(batch.accepted) + len(batch.rejected) >= chunk_size:
            yield batch
            batch = Batch.empty()
            context = msgspec.structs.replace(context, unread=batch.unread)
    if batch.accepted or batch.rejected:
        yield batch


def _keyed_address(key: bytes, ip_hash: str) -> str:
    return hmac.digest(key, ip_hash.encode(), "sha256").hex()


def _take(batch: Batch, outcomes: Iterable[TrackingEvent | RejectedEvent]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, TrackingEvent):
            batch.accepted.append(outcome)
        else:
            batch.rejected.append(outcome)


def _outcomes(
    source: str, payload: Payload, context: Context, unread: Counter[str]
) -> Iterator[TrackingEvent | RejectedEvent]:
    if isinstance(payload, Rejection):
        row = rejected(payload, source, payload.payload.encode(errors="replace"), context)
        yield msgspec.structs.replace(row, event_id=None)  # a row of a file has no event id before it is mapped
        return
    posted = Posted.read(payload)
    if isinstance(posted, Rejection):
        yield rejected(posted, source, payload, context)
        return
    if posted.unread:
        unread.update(posted.unread)
    for place, wire in enumerate(posted.events):
        outcome = wire if isinstance(wire, Rejection) else processed(wire, context)
        if isinstance(outcome, Rejection):
            where = f"{source}#{place + 1}" if posted.is_envelope else source
            yield rejected(outcome, where, posted.said(place), context)
        else:
            yield outcome


class Refused(NamedTuple):
    """A rejected event before it is decided whether it is stored: only :meth:`row` computes the expensive part."""

    site_id: str
    event_id: str | None
    received_at: int
    reason: str
    field: str | None
    message: str
    """The message as its sender may read it; the row has a scrubbed one."""
    source: str
    said: Said | None
    """The event as received; ``None`` if it must not be stored."""
    most: int
    """The number of characters of it that are stored."""
    is_refusal: bool
    """Whether its visitor refuses consent: then its message, which may repeat a value, is not stored either."""
    is_invalid_consent: bool
    """Whether it says so by a value that is none of the choices."""

    def _message(self) -> str:
        if not self.is_refusal:
            return scrubbed_text(self.message)
        return _INVALID_CONSENT if self.is_invalid_consent else NOT_KEPT

    def row(self) -> RejectedEvent:
        """The row with the payload, scrubbed and cleaned."""
        whole = "" if self.said is None else _text(self.said)
        text = scrubbed_text(whole[: self.most])
        if len(whole) > self.most:
            text = _CUT_HASH.sub("", text)
        return RejectedEvent(
            site_id=self.site_id, event_id=self.event_id, received_at=self.received_at, reason=self.reason,
            field=self.field, message=self._message(),
            source=scrub_text(cleaned(self.source)[:KEPT_NAME], "id"), payload=cleaned(text),
        )  # fmt: skip


def refused(rejection: Rejection, source: str, said: Said, context: Context, most: int = KEPT_PAYLOAD) -> Refused:
    """A rejection with its payload; without it if the visitor refuses consent, or browsers are to have no id.

    A refusal counts whatever the event is rejected for, and also in one that cannot be decoded. One by a
    value that everybody understands, such as ``false``, is no fault.
    """
    is_refusal = rejection.reason is Reason.CONSENT_DENIED or context.is_consent_refused or says_refusal(said)
    is_invalid = rejection.field == "consent" and rejection.reason is not Reason.CONSENT_DENIED
    reason = Reason.CONSENT_DENIED if is_invalid and says_no(said) else rejection.reason
    is_kept = not is_refusal and context.visitor_ids == DEFAULT
    if isinstance(said, bytes) and len(said) > 4 * KEPT_PAYLOAD:
        most = min(most, KEPT_START)
    return Refused(
        context.site_id, _id_of(said) if is_kept else None, context.received_at, reason.value,
        rejection.field and scrub_text(cleaned(rejection.field)[:KEPT_NAME]), cleaned(rejection.message[:KEPT_PAYLOAD]),
        source, said if is_kept else None, most, is_refusal, is_invalid,
    )  # fmt: skip


def _id_of(said: Said) -> str | None:
    event_id = event_id_of(said)
    return event_id and kept_id(event_id)


def rejected(
    rejection: Rejection, source: str, said: Said, context: Context
) -> RejectedEvent:  # fmt: skip
    """A rejection as a row, scrubbed."""
    return refused(rejection, source, said, context).row()


def _text(payload: Said) -> str:
    if not isinstance(payload, bytes):
        try:
            payload = msgspec.json.encode(payload, enc_hook=str)
        except (TypeError, ValueError):  # for values that JSON cannot express, such as half of a surrogate pair
            payload = str(sorted(payload)).encode(errors="replace")
    return payload[: 4 * KEPT_PAYLOAD].decode(errors="replace")

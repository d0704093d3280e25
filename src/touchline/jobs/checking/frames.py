"""Payloads of an import, checked and made rows: what a worker process does, or the import's own where it is short."""

import marshal
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec.structs import astuple

from touchline.characters import unstorable as is_unstorable
from touchline.ingest import Batch, RejectedEvent, Row, TrackingEvent, accept, harmless, row_of, unstorable
from touchline.ingest.event import PAGE_VIEW_FIELDS, Reason
from touchline.ingest.readers import Chunk, told_apart
from touchline.redaction import EVERYTHING, Redaction
from touchline.table import Kind
from touchline.tag_names import TagNames
from touchline.tracking_event import EVENT_FIELDS

FRAME_ROWS = 250
"""Rows that are stored together at least."""

NOISE = frozenset({Reason.ASSET, Reason.NO_PAGE, Reason.BOT, Reason.MONITORING})
"""Why most lines of an access log are refused: they are no visits."""

Rows = Sequence[Row]

_COLUMNS = TrackingEvent.__struct_fields__
_TEXTS = [place for place, field in enumerate(EVENT_FIELDS) if field.kind is Kind.TEXT]
_FIRST_TEXTS = itemgetter(*(place for place in _TEXTS if place < PAGE_VIEW_FIELDS))
_MORE_TEXTS = itemgetter(*(place for place in _TEXTS if place >= PAGE_VIEW_FIELDS))
_PAYLOAD_HASH, _EVENT_ID = _COLUMNS.index("payload_hash"), _COLUMNS.index("event_id")


class Arrival(NamedTuple):
    """Where and when an import's rows arrive."""

    site_id: str
    received_at: int
    """Microseconds since 1970 (UTC)."""
    currency: str
    """The organization's."""
    is_log: bool
    """Whether the rows are lines of an access log."""
    tag_names: TagNames = ()
    """The organization's own names of UTM parameters."""
    redaction: Redaction = EVERYTHING
    """What the organization redacts."""
    address_key: bytes = b""
    """Under which hashes of addresses are stored; it ends with the import. ``b""``: one for each chunk."""


class Frame(NamedTuple):
    """A few rows that are stored together, and were read one after the other."""

    content: bytes
    """The good rows and the refused ones, as :func:`rows_of` reads them."""
    digest: bytes
    """Of what the rows say, whenever they are read."""
    size: int
    """How many rows were read for it."""
    reasons: Mapping[str, int]
    """How many of them were refused for each reason."""
    noise: Rows
    """Refused lines of a log of which not all are kept; they are not in ``content``."""
    unread: Mapping[str, int]
    """How many of them had each field that nothing reads."""


def check(chunk: Chunk, arrival: Arrival) -> list[Frame]:
    """The payloads of a chunk as frames, in their order."""
    batches = accept(
        told_apart(chunk), site_id=arrival.site_id, received_at=arrival.received_at, default_currency=arrival.currency,
        tag_names=arrival.tag_names, redaction=arrival.redaction, chunk_size=FRAME_ROWS,
        address_key=arrival.address_key,
    )  # fmt: skip
    return [_frame(batch, arrival) for batch in batches]


def rows_of(content: bytes) -> tuple[Rows, Rows]:
    """The good and the refused rows of a frame."""
    accepted, rejected = marshal.loads(content)  # noqa: S302 - from a process of ours
    return accepted, rejected


def _frame(batch: Batch, arrival: Arrival) -> Frame:
    accepted, refused = _storable([row_of(event) for event in batch.accepted])
    rejected = [harmless(row) for row in chain(batch.rejected, refused)]
    is_noise = [arrival.is_log and row.reason in NOISE for row in rejected]
    kept = [astuple(row) for row, is_one in zip(rejected, is_noise, strict=True) if not is_one]
    noise = [astuple(row) for row, is_one in zip(rejected, is_noise, strict=True) if is_one]
    content: Any = (accepted, kept)
    return Frame(
        marshal.dumps(content), _digest(accepted, rejected), len(accepted) + len(rejected),
        dict(Counter(row.reason for row in rejected)), noise, dict(batch.unread),
    )  # fmt: skip


def _storable(rows: Rows) -> tuple[Rows, list[RejectedEvent]]:
    """The rows without those that a database refuses, so that one of them does not end the import."""
    more = [row for row in rows if len(row) > PAGE_VIEW_FIELDS]
    texts = chain.from_iterable(chain(map(_FIRST_TEXTS, rows), map(_MORE_TEXTS, more)))
    if not is_unstorable("".join(filter(None, texts))):
        return rows, []
    from touchline.ledger.storable import faults  # noqa: PLC0415 - a process would import all of the ledger at its start

    storable, refused = [], []
    for row in rows:
        fault = next(faults(_COLUMNS, row), None)
        if fault is None:
            storable.append(row)
        else:
            refused.append(unstorable(TrackingEvent(**dict(zip(_COLUMNS, row, strict=False))), *fault))
    return storable, refused


def _digest(accepted: Rows, rejected: Sequence[RejectedEvent]) -> bytes:
    texts = [text for row in accepted for text in (row[_EVENT_ID], row[_PAYLOAD_HASH])]
    texts += [text for row in rejected for text in (row.reason, row.source, row.payload)]
    return blake2b("\n".join(texts).encode(errors="surrogatepass"), digest_size=16).digest()

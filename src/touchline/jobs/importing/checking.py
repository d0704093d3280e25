"""Payloads of an import, checked and made rows: what a worker process does, or the import's own where it is short."""

import marshal
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

from msgspec.structs import astuple

from touchline.characters import unstorable as is_unstorable
from touchline.ingest import Batch, Payload, RejectedEvent, TrackingEvent, accept, harmless, row_of, unstorable
from touchline.ingest.event import Reason
from touchline.ledger.rows import Rows
from touchline.ledger.storable import faults
from touchline.tag_names import TagNames

FRAME_ROWS = 250
"""Rows that are stored together at least."""

NOISE = frozenset({Reason.ASSET, Reason.NO_PAGE, Reason.BOT, Reason.MONITORING})
"""Why most lines of an access log are refused: they are no visits."""

Read = Sequence[tuple[str, Payload]]
"""Payloads, each with its source."""

_COLUMNS = TrackingEvent.__struct_fields__
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


def check(payloads: Iterable[tuple[str, Payload]], arrival: Arrival) -> list[Frame]:
    """The payloads as frames, in their order."""
    batches = accept(
        payloads, site_id=arrival.site_id, received_at=arrival.received_at, default_currency=arrival.currency,
        tag_names=arrival.tag_names, chunk_size=FRAME_ROWS,
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
    if not is_unstorable("".join([value for row in rows for value in row if value.__class__ is str])):
        return rows, []
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

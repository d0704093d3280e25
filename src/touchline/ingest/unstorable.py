"""Events that the ledger's database refuses, as they are kept."""

from msgspec.structs import asdict, replace

from touchline.characters import storable
from touchline.ingest.event import Reason, RejectedEvent, TrackingEvent


def unstorable(event: TrackingEvent, field: str, message: str) -> RejectedEvent:
    """The refusal of an event whose ``field`` cannot be stored; what it said is not kept."""
    refusal = RejectedEvent(
        site_id=event.site_id, event_id=event.event_id, received_at=event.received_at, field=field, message=message,
        reason=Reason.UNSTORABLE.value, source="", payload="",
    )  # fmt: skip
    return harmless(refusal)


def harmless(row: RejectedEvent) -> RejectedEvent:
    r"""The refusal with U+FFFD for NUL and for halves of surrogate pairs, which PostgreSQL refuses.

    >>> harmless(RejectedEvent(site_id="s", received_at=1, reason="x", message="a\0b", source="", payload="")).message
    'a\ufffdb'
    """
    texts = {name: text for name, text in asdict(row).items() if isinstance(text, str)}
    return replace(row, **{name: storable(text) for name, text in texts.items()})

"""Events that the ledger's database cannot store, as rejections."""

from msgspec.structs import asdict, replace

from touchline.characters import storable
from touchline.ingest.event import Reason, RejectedEvent
from touchline.tracking_event import TrackingEvent

UNKNOWN_VALUE = "The database refuses a value of this event."


def unstorable(event: TrackingEvent, field: str | None = None, message: str = UNKNOWN_VALUE) -> RejectedEvent:
    """The rejection of an event whose ``field`` cannot be stored (``None``: unknown which).

    The content of the event is not stored.
    """
    refusal = RejectedEvent(
        site_id=event.site_id, event_id=event.event_id, received_at=event.received_at, field=field, message=message,
        reason=Reason.UNSTORABLE.value, source="", payload="",
    )  # fmt: skip
    return harmless(refusal)


def harmless(row: RejectedEvent) -> RejectedEvent:
    r"""The rejection with U+FFFD for NUL and for halves of surrogate pairs, which PostgreSQL rejects.

    >>> harmless(RejectedEvent(site_id="s", received_at=1, reason="x", message="a\0b", source="", payload="")).message
    'a\ufffdb'
    """
    texts = {name: text for name, text in asdict(row).items() if isinstance(text, str)}
    if "".join(texts.values()).isprintable():
        return row
    return replace(row, **{name: storable(text) for name, text in texts.items()})

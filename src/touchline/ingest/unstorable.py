"""Events that the ledger's database refuses, as they are kept."""

from msgspec.structs import asdict, replace

from touchline.characters import storable
from touchline.ingest.event import Reason, RejectedEvent
from touchline.tracking_event import TrackingEvent

UNKNOWN_VALUE = "The database refuses a value of this event."


def unstorable(event: TrackingEvent, field: str | None = None, message: str = UNKNOWN_VALUE) -> RejectedEvent:
    """The refusal of an event of which ``field`` (``None``: it is not known which) cannot be stored.

    What the event said is not kept.
    """
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
    if "".join(texts.values()).isprintable():
        return row
    return replace(row, **{name: storable(text) for name, text in texts.items()})

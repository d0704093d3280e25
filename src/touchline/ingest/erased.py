"""Who was erased stays erased: what comes again of them is refused, and nothing of it is kept but the refusal."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from touchline.ingest.event import EventType, Happened, Reason, RejectedEvent
from touchline.tracking_event import TrackingEvent

EVERYBODY = ""
"""The entry under which a retention period stands: what happened up to then is gone, whosever it was."""


def entry_of(organization_id: str, identifier: str) -> str:
    """The name under which an erasure of ``identifier`` is entered: a hash, for a list of the erased names them again.

    >>> entry_of("o", "v:s:ada")[:16]
    'cf841aeb4939c1ee'
    """
    return sha256(f"{organization_id} {identifier}".encode()).hexdigest()


def order_entry(organization_id: str, site_id: str, order_id: str, *, is_proven: bool) -> str:
    """The name under which an erased person's order is entered.

    :param is_proven: whether a verified event of the person named the order. Then all that names the order alone is
        refused; else only its refunds and what browsers say of it, for a stranger may have named it.
    """
    return entry_of(organization_id, f"{'o' if is_proven else 'r'}:{site_id}:{order_id}")


def standing(erased: Mapping[str, int], *, keeps_all: bool) -> Mapping[str, int]:
    """The entries that hold: those of a retention period hold only while the organization has one."""
    if keeps_all and EVERYBODY in erased:
        return {name: until for name, until in erased.items() if name != EVERYBODY}
    return erased


def erased_among(
    events: Iterable[TrackingEvent | Happened], organization_id: str, erased: Mapping[str, int]
) -> list[int]:
    """Places of the events that happened before their person, or their time, was erased: the one screening there is."""
    if not erased:
        return []
    return [place for place, event in enumerate(events) if _is_erased(event, organization_id, erased)]


def _is_erased(event: TrackingEvent | Happened, organization_id: str, erased: Mapping[str, int]) -> bool:
    return any(event.occurred_at <= erased.get(entry, -1) for entry in _entries(organization_id, event))


def _entries(organization_id: str, event: TrackingEvent | Happened) -> Iterator[str]:
    yield EVERYBODY
    yield entry_of(organization_id, event.identifier)
    if event.user_id is not None:
        yield entry_of(organization_id, f"u:{event.user_id}")
    if event.email_hash is not None:
        yield entry_of(organization_id, f"m:{event.email_hash}")
    if event.order_id is not None and event.identifier.startswith("e:"):
        yield order_entry(organization_id, event.site_id, event.order_id, is_proven=True)
        if event.type == EventType.REFUND or not event.is_verified:
            yield order_entry(organization_id, event.site_id, event.order_id, is_proven=False)


def refusal_of(site_id: str, received_at: int) -> RejectedEvent:
    """What is kept of an event that comes after its person was erased."""
    message = "It happened before its person, or its time, was erased; what was sent is not kept."
    return RejectedEvent(
        site_id=site_id, received_at=received_at, reason=Reason.ERASED.value, message=message, source="",
        payload="",
    )  # fmt: skip

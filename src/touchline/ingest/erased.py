"""Erased persons stay erased: later events of them are rejected, and only the rejection is stored."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

from touchline.ingest.event import EventType, Happened, Reason, RejectedEvent
from touchline.tracking_event import TrackingEvent

EVERYBODY = ""
"""The entry of a retention period: everything before its time was deleted, for all persons."""


Keyed = Callable[[str], str]
"""A text as the ledger stores it: hashes in it under the key of the home, if they are not under it already."""


def entry_of(organization_id: str, identifier: str, keyed: Keyed) -> str:
    """The entry of an erasure of ``identifier``: a keyed hash, so that the list of erasures does not name anybody.

    >>> entry_of("o", "v:s:ada", str)[:16]
    'cf841aeb4939c1ee'
    """
    return keyed(sha256(f"{organization_id} {identifier}".encode()).hexdigest())


def entries_of(organization_id: str, identifier: str, keyed: Keyed) -> Iterator[str]:
    """The entries of an identifier, in the form in which it is stored or comes in.

    Where it has a hash in it, there are two: an erasure before hashes had a key was entered without it.

    >>> len(list(entries_of("o", "v:s:ada", str))), len(list(entries_of("o", "m:0a", lambda text: f"k1_{text}")))
    (1, 2)
    """
    kept = keyed(identifier)
    yield entry_of(organization_id, kept, keyed)
    if kept != identifier:
        yield entry_of(organization_id, identifier, keyed)


def of_browsers(identifier: str) -> str:
    """What browsers alone reported of an identifier, as a withdrawal of consent erases it.

    >>> of_browsers("v:s:ada")
    'b:v:s:ada'
    """
    return f"b:{identifier}"


def name_of_order(site_id: str, order_id: str, *, is_proven: bool) -> str:
    """What stands for an erased person's order among identifiers.

    :param is_proven: whether a verified event of the person named the order. If so, everything that names only the
        order is rejected; if not, only its refunds and unverified events: a stranger may have named it.

    >>> name_of_order("shop", "A-1", is_proven=True)
    'o:shop:A-1'
    """
    return f"{'o' if is_proven else 'r'}:{site_id}:{order_id}"


def standing(erased: Mapping[str, int], *, keeps_all: bool) -> Mapping[str, int]:
    """The entries in force; those of a retention period are in force only while the organization has one."""
    if keeps_all and EVERYBODY in erased:
        return {name: until for name, until in erased.items() if name != EVERYBODY}
    return erased


def erased_among(
    events: Iterable[TrackingEvent | Happened], organization_id: str, erased: Mapping[str, int], keyed: Keyed
) -> list[int]:
    """Places of the events that occurred before their person, or their period, was erased; all doors use this check."""
    if not erased:
        return []
    return [place for place, event in enumerate(events) if _is_erased(event, organization_id, erased, keyed)]


def _is_erased(
    event: TrackingEvent | Happened, organization_id: str, erased: Mapping[str, int], keyed: Keyed
) -> bool:  # fmt: skip
    occurred_at = event.occurred_at
    return occurred_at <= erased.get(EVERYBODY, -1) or any(
        occurred_at <= erased.get(entry, -1)
        for name in _names(event)
        for entry in entries_of(organization_id, name, keyed)
    )


def _names(event: TrackingEvent | Happened) -> Iterator[str]:
    yield event.identifier
    if not event.is_verified:
        yield of_browsers(event.identifier)
    if event.user_id is not None:
        yield f"u:{event.user_id}"
    if event.email_hash is not None:
        yield f"m:{event.email_hash}"
    if event.order_id is not None and event.identifier.startswith("e:"):
        yield name_of_order(event.site_id, event.order_id, is_proven=True)
        if event.type == EventType.REFUND or not event.is_verified:
            yield name_of_order(event.site_id, event.order_id, is_proven=False)


def refusal_of(site_id: str, received_at: int) -> RejectedEvent:
    """The stored form of an event that was received after its person was erased."""
    message = "It happened before its person, or its time, was erased; what was sent is not kept."
    return RejectedEvent(
        site_id=site_id, received_at=received_at, reason=Reason.ERASED.value, message=message, source="",
        payload="",
    )  # fmt: skip

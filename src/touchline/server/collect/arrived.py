"""What is counted of a day's arrivals in addition to the events themselves: rejected events."""

from collections import Counter
from collections.abc import Iterable

from touchline.ingest import NOBODYS_FAULT, Reason, Refused, RejectedEvent
from touchline.ledger.arrivals import Arrived
from touchline.magnitudes import day_of

_ROBOTS = (Reason.BOT, Reason.MONITORING, Reason.DATACENTRE, Reason.PREFETCH)
_COUNT_OF = {Reason.CONSENT_DENIED.value: "consent_refusals"} | {reason.value: "robots" for reason in _ROBOTS}
_UNCOUNTED = frozenset(reason.value for reason in NOBODYS_FAULT) - _COUNT_OF.keys()
"""Reasons without a fault that say nothing of how well events arrive, such as what a site set itself."""


def arrived(rejected: Iterable[RejectedEvent | Refused]) -> Arrived:
    """The counts of rejected events, by site, day and name.

    >>> arrived([])
    Counter()
    """
    return Counter(
        (event.site_id, day_of(event.received_at), _COUNT_OF.get(event.reason, "rejected"))
        for event in rejected
        if event.reason not in _UNCOUNTED
    )

"""What is counted of a day's arrivals in addition to the events themselves: rejected events, and corrected clocks."""

from collections import Counter
from collections.abc import Iterable, Mapping

from touchline.ingest import Reason, Refused, RejectedEvent
from touchline.ledger.arrivals import Arrived, day_of

_ROBOTS = (Reason.BOT, Reason.MONITORING, Reason.DATACENTRE, Reason.PREFETCH)
_COUNT_OF = {Reason.CONSENT_DENIED.value: "consent_refusals"} | {reason.value: "robots" for reason in _ROBOTS}
_UNCOUNTED = frozenset({Reason.INTERNAL.value, Reason.ERASED.value})
"""Reasons that a site set itself: they say nothing of how well its events arrive."""


def arrived(rejected: Iterable[RejectedEvent | Refused], corrected: Mapping[tuple[str, int], int]) -> Arrived:
    """The counts, by site, day and name.

    :param corrected: how many events had their clock corrected, by site and day.

    >>> arrived([], {("shop", 0): 2})
    Counter({('shop', 0, 'clock_corrected'): 2})
    """
    found = Counter({(site_id, day, "clock_corrected"): count for (site_id, day), count in corrected.items()})
    found.update(
        (event.site_id, day_of(event.received_at), _COUNT_OF.get(event.reason, "rejected"))
        for event in rejected
        if event.reason not in _UNCOUNTED
    )
    return found

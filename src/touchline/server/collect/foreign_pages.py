"""Requests from pages that a key does not allow: a browser hides the rejection, so the owner is informed."""

from contextlib import suppress

import structlog

from touchline.characters import cleaned
from touchline.ingest import Reason, RejectedEvent, Rejection
from touchline.ingest.scrubbing import scrubbed_text
from touchline.jobs.origins import origin_of
from touchline.server.collect.collector import Collector, FullError, Offer
from touchline.server.collect.taking import DOOR
from touchline.server.http.keys import Access

MOST_LOGGED = 100
"""The number of origins that one process logs: anyone can send any origin, so it is bounded."""

log = structlog.get_logger("touchline.server")


class ForeignPages:
    """Stores the origins of rejected requests among the rejected events of the site.

    :param collector: writes them; no request waits for it.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._logged: set[tuple[str, str]] = set()

    def note(self, access: Access, origin: str | None, received_at: int) -> None:
        """Store the origin of a request with a key of this site (``None``: it named none)."""
        said = _said(origin or "")
        if len(self._logged) < MOST_LOGGED and (access.site_id, said) not in self._logged:
            self._logged.add((access.site_id, said))
            log.warning("foreign_origin", site=access.site_id, origin=said, hint=_HINT)
        row = RejectedEvent(
            site_id=access.site_id, received_at=received_at, reason=Reason.FOREIGN_ORIGIN.value, field="origin",
            message=f"origin: {said or 'A request without one'} may not send with this key.", source=DOOR, payload=said,
        )  # fmt: skip
        offer = Offer(access.organization_id, access.keeps_all, [], [row], len(said), _never)
        with suppress(FullError):
            self._collector.take(offer).add_done_callback(lambda done: done.cancelled() or done.exception())


def _said(origin: str) -> str:
    """The origin as it is stored. An IP address may be the client's own, so it is redacted, except for loopback."""
    text = cleaned(origin)
    found = origin_of(text)
    return text if found is not None and found.host in _LOOPBACK else scrubbed_text(text)


_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_HINT = "touchline key create --origin ORIGIN makes a key for its pages."


def _never(_place: int, _rejection: Rejection) -> RejectedEvent:
    raise AssertionError("it offers no event that could be refused")

"""The events: decoded, and processed by the steps of :mod:`touchline.ingest.steps`."""

from touchline.ingest import Rejection
from touchline.ingest.steps import Context, sent_at
from touchline.ingest.wire import Posted
from touchline.server.collect.taking import taken
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.problems import Problem


def decoding(_parts: Parts, tracked: Tracked) -> None:
    """Decode the body, without the client's address."""
    posted = Posted.read(tracked.seen.without_address(tracked.body))
    if isinstance(posted, Rejection):
        raise Problem(400, posted.reason.value, posted.message, "Send an event, or an envelope of 1 to 100 events.")
    tracked.posted = posted


async def rows(_parts: Parts, tracked: Tracked) -> None:
    """Convert the events to ledger rows and rejections."""
    tracked.context = _context(tracked)
    tracked.events, tracked.places, tracked.refused = await taken(tracked.posted, tracked.context)
    tracked.total = len(tracked.posted.events)
    tracked.posted.events.clear()  # the rows have all of the content: free the memory while it is in the cache


def _context(tracked: Tracked) -> Context:
    access, seen, posted = tracked.access, tracked.seen, tracked.posted
    if access.is_secret:  # the request comes from a machine and says nothing about the visitor
        return Context(
            access.site_id, tracked.received_at, access.currency, tracked.is_verified, tag_names=access.tag_names,
            unread=posted.unread, is_live=True, sent_at=posted.sent_at, redaction=access.redaction,
        )  # fmt: skip
    return Context(
        access.site_id, tracked.received_at, access.currency, tracked.is_verified, seen.user_agent, seen.noise,
        seen.is_consent_refused, seen.city, seen.district, seen.ip_hash, seen.device_class, access.tag_names,
        posted.unread, is_live=True, sent_at=sent_at(posted.sent_at, posted.events, tracked.received_at),
        redaction=access.redaction,
    )  # fmt: skip

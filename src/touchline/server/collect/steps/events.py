"""The events: decoded, and sent through the steps of :mod:`touchline.ingest.steps`."""

from touchline.ingest import Rejection
from touchline.ingest.steps import Context, sent_at
from touchline.ingest.wire import Posted
from touchline.server.collect.taking import taken
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.problems import Problem


def decoding(_parts: Parts, tracked: Tracked) -> None:
    """What the body says, without the client's address."""
    posted = Posted.read(tracked.seen.without_address(tracked.body))
    if isinstance(posted, Rejection):
        raise Problem(400, posted.reason.value, posted.message, "Send an event, or an envelope of 1 to 100 events.")
    tracked.posted = posted


async def rows(_parts: Parts, tracked: Tracked) -> None:
    """The rows of the ledger that the events become, and the refusals of those that become none."""
    tracked.context = _context(tracked)
    tracked.events, tracked.places, tracked.refused = await taken(tracked.posted, tracked.context)
    tracked.total = len(tracked.posted.events)
    tracked.posted.events.clear()  # what they said is in the rows: the memory is used again while it is at hand


def _context(tracked: Tracked) -> Context:
    access, seen, posted = tracked.access, tracked.seen, tracked.posted
    if access.is_secret:  # the request is a machine's own, and says nothing of the visitor
        return Context(
            access.site_id, tracked.received_at, access.currency, tracked.is_verified, tag_names=access.tag_names,
            unread=posted.unread, is_live=True, sent_at=posted.sent_at,
        )  # fmt: skip
    return Context(
        access.site_id, tracked.received_at, access.currency, tracked.is_verified, seen.user_agent, seen.noise,
        seen.is_consent_refused, seen.city, seen.district, seen.ip_hash, seen.device_class, access.tag_names,
        posted.unread, is_live=True, sent_at=sent_at(posted.sent_at, posted.events, tracked.received_at),
    )  # fmt: skip

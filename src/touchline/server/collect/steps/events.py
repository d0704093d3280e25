"""The events: decoded, and processed by the steps of :mod:`touchline.ingest.steps`."""

from attribution_campaign_context.privacy import visit_id
from touchline.channels.devices import device_type
from touchline.ingest import Rejection
from touchline.ingest.context import Context
from touchline.ingest.steps import sent_at
from touchline.ingest.wire import Posted
from touchline.jobs.daily_keys import DailyKeys
from touchline.redaction import without_traces
from touchline.server.collect.taking import taken
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.problems import Problem
from touchline.server.http.request_context import RequestContext
from touchline.visitor_ids import DEFAULT


def decoding(_parts: Parts, tracked: Tracked) -> None:
    """Decode the body, without the client's address."""
    posted = Posted.read(tracked.seen.without_address(tracked.body))
    if isinstance(posted, Rejection):
        raise Problem(400, posted.reason.value, posted.message, "Send an event, or an envelope of 1 to 100 events.")
    tracked.posted = posted


async def rows(parts: Parts, tracked: Tracked) -> None:
    """Convert the events to ledger rows, records of consent, and rejections."""
    tracked.context = _context(parts.sight.keys, tracked)
    tracked.events, tracked.places, tracked.refused, tracked.consents = await taken(tracked.posted, tracked.context)
    tracked.total = len(tracked.posted.events)
    tracked.posted.events.clear()  # the rows have all of the content: free the memory while it is in the cache


def _context(keys: DailyKeys, tracked: Tracked) -> Context:
    access, seen, posted = tracked.access, tracked.seen, tracked.posted
    if access.is_secret:  # the request comes from a machine and says nothing about the visitor
        return Context(
            access.site_id, tracked.received_at, access.currency, tracked.is_verified, tag_names=access.tag_names,
            unread=posted.unread, is_live=True, sent_at=posted.sent_at, redaction=access.redaction,
            keyed_address=keys.keyed_address,
        )  # fmt: skip
    is_bare = access.visitor_ids == "anonymous"
    visit = _visit_id(keys, access.site_id, seen) if access.visitor_ids != DEFAULT else None
    return Context(
        access.site_id, tracked.received_at, access.currency, tracked.is_verified, seen.user_agent, seen.noise,
        seen.is_consent_refused or (access.respects_dnt and seen.has_dnt), seen.city, seen.district, seen.ip_hash,
        seen.device_class or (is_bare and seen.user_agent and device_type(seen.user_agent)) or None, access.tag_names,
        posted.unread, is_live=True, sent_at=sent_at(posted.sent_at, posted.events, tracked.received_at),
        redaction=without_traces(access.redaction) if is_bare else access.redaction,
        visitor_ids=access.visitor_ids, visit_id=visit, keyed_address=keys.keyed_address,
    )  # fmt: skip


def _visit_id(keys: DailyKeys, site_id: str, seen: RequestContext) -> str | None:
    """The id that a browser has for the day; none where nobody knows the address."""
    if seen.visit_hash is None:
        return None
    return visit_id(keys, site_id, seen.visit_hash, seen.user_agent or "")

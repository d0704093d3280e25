"""The commit: queue the events, wait, and answer."""

from collections.abc import Sequence
from typing import Any

from attribution_campaign_context.cookies import DENIED
from touchline.ingest import NOBODYS_FAULT, VISITOR_ID, Reason, Refused, RejectedEvent, is_of_wrong_clock
from touchline.ingest.wire import event_id_of
from touchline.server.collect.collector import FullError, Offer, RevokedError, UnavailableError
from touchline.server.collect.problems import busy, limits_of, unknown_key
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.collect.unread_fields import warnings_of
from touchline.server.http.cross_origin import allowing
from touchline.server.http.problems import JSON_HEADERS, Headers, Problem, inert
from touchline.server.http.request_context import refuses
from touchline.server.tracker.cookie import consent_cookie, expired_cookies, visitor_cookie
from touchline.visitor_ids import DEFAULT


async def outcome(parts: Parts, tracked: Tracked) -> None:
    """Queue the rows in the collector, and wait until they are on disk."""
    access = tracked.access
    rows: list[RejectedEvent | Refused] = [row for _, row in tracked.refused]
    offer = Offer(
        access.organization_id, access.keeps_all, tracked.events, rows, tracked.size_bytes, tracked.refuse,
        tracked.key_ids,
        parts.unread.counts(access.site_id, tracked.posted.unread, tracked.received_at),
        sum(is_of_wrong_clock(row) for row in tracked.events), tracked.consents,
    )  # fmt: skip
    try:
        tracked.outcome = await parts.collector.take(offer)
    except RevokedError:
        raise unknown_key("it was revoked") from None
    except FullError:
        raise busy("More is coming in than can be written.") from None
    except UnavailableError:
        raise busy("The ledger cannot be written now.") from None


def answer(_parts: Parts, tracked: Tracked) -> None:
    """The result of each event, for the answer."""
    places = tracked.places
    refused: list[tuple[int, Refused | RejectedEvent]] = [*tracked.refused]
    refused += [(places[number], row) for number, row in tracked.outcome.unstorable.items()]
    status, headers, body = _told(tracked, refused)
    tracked.answer = status, [*headers, *allowing(tracked.origin), *limits_of(tracked.ruling), *_cookies(tracked)], body


def _cookies(tracked: Tracked) -> Headers:
    """The visitor's id, or the end of it where the browser is to keep none; and what the visitor chose."""
    access, headers = tracked.access, tracked.headers
    if access.is_secret or tracked.origin is None:
        return []
    said = tracked.consents[-1].choice if tracked.consents else DENIED if refuses(headers.get("cookie")) else None
    chosen = consent_cookie(headers, said) if said else []
    is_denied = any(row.reason == Reason.CONSENT_DENIED for _, row in tracked.refused)
    if access.visitor_ids != DEFAULT or tracked.context.is_consent_refused or said == DENIED or is_denied:
        return [*expired_cookies(headers), *chosen]
    visitor_ids = (row[VISITOR_ID] for row in tracked.events)
    return [*visitor_cookie(headers, access.origins.domains, visitor_ids, tracked.received_at), *chosen]


def _told(tracked: Tracked, refused: Sequence[tuple[int, Refused | RejectedEvent]]) -> tuple[int, Headers, bytes]:
    outcome, posted, total = tracked.outcome, tracked.posted, tracked.total
    if not refused and not outcome.erased and not posted.unread:
        accepted = outcome.accepted + len(tracked.consents)
        text = b'{"success":true,"accepted":%d,"deduped":%d,"total":%d}' % (accepted, outcome.duplicate, total)
        return 200, JSON_HEADERS, text
    told = [(place, row.event_id, row.reason, row.field, row.message) for place, row in refused]
    told += [
        (place, event_id_of(posted.said(place)), Reason.ERASED.value, None, "Its person was erased.")
        for place in map(tracked.places.__getitem__, outcome.erased)
    ]
    each = [
        {"index": place, "eventId": event_id, "reasons": [{"code": reason, "field": field, "message": message}]}
        for place, event_id, reason, field, message in sorted(told, key=lambda one: one[0])
    ]
    counts: dict[str, Any] = {
        "accepted": outcome.accepted + len(tracked.consents),
        "deduped": outcome.duplicate,
        "total": total,
        **({"rejected": each} if each else {}),
        **({"warnings": warnings_of(posted.unread)} if posted.unread else {}),
    }
    if not each:
        return 200, JSON_HEADERS, inert({"success": True, **counts})
    if len(each) == total and not NOBODYS_FAULT.intersection(reason for _, _, reason, _, _ in told):
        raise Problem(400, "invalid", "No event of the request is one.", "See rejected.", success=False, **counts)
    return 207, JSON_HEADERS, inert({"success": False, **counts})

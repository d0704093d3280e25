"""``POST /api/track``: one event, or an envelope of up to a hundred, from a page or from a machine.

The way of a request: bounds of its body, what it says, whose key, which page, how many a minute, the steps of
:mod:`touchline.ingest.steps` for each event, the collector; and the answer once all of it is committed.
"""

import time
from collections import Counter
from typing import Any, Protocol

from touchline.ingest import (
    NOBODYS_FAULT,
    VISITOR_ID,
    Reason,
    RejectedEvent,
    Rejection,
    Row,
    TrackingEvent,
    rejected,
    row_of,
)  # fmt: skip
from touchline.ingest.steps import Context, processed
from touchline.ingest.wire import Posted, event_id_of
from touchline.server.bodies import Body, Patience, body_of
from touchline.server.collector import Collector, FullError, Offer, Outcome, UnavailableError
from touchline.server.cross_origin import VARY, allowing, preflight
from touchline.server.keys import Access, Keys
from touchline.server.options import ServerOptions
from touchline.server.problems import JSON_HEADERS, PROBLEM_HEADERS, Headers, Problem, inert
from touchline.server.rate_limits import CLIENT, Limit, RateLimits, Ruling
from touchline.server.request_context import RequestContext, Sight
from touchline.server.signatures import Signatures
from touchline.server.tracker.cookie import visitor_cookie

DOOR = "api/track"
"""What ``rejected_events.source`` says of what came this way."""


class Scope(Protocol):
    """A request's head."""

    method: str
    client: str

    @property
    def headers(self) -> object:
        """Its header fields, by lower-case name."""


class Protocol_(Body, Protocol):  # noqa: N801 - RSGI calls it the protocol
    """Gives the body, takes the answer."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer."""

    def response_empty(self, status: int, headers: Headers) -> None:
        """Answer without a body."""


class Track:
    """The endpoint; its parts are given to it."""

    def __init__(
        self, keys: Keys, limits: RateLimits, collector: Collector, options: ServerOptions, sight: Sight
    ) -> None:
        self._keys = keys
        self._limits = limits
        self._collector = collector
        self._options = options
        self._sight = sight
        self._signatures = Signatures()
        self.patience = Patience(options.body_seconds)
        self.tallies: Counter[str] = Counter()
        """Answers since the start: by status, and problems by their code."""

    async def __call__(self, scope: "Scope", protocol: "Protocol_") -> None:
        """Answer one request."""
        headers = scope.headers
        origin = headers.get("origin")  # type: ignore[attr-defined]
        try:
            if scope.method != "POST":
                self._answer_other(scope.method, origin, protocol)
                return
            status, more, body = await self._answered(scope, headers, origin, protocol)
        except Problem as problem:
            self.tallies[problem.code] += 1
            allowed = allowing(origin) if origin and self._keys.every_origin.allows(origin) else [VARY]
            status, more, body = problem.status, [*PROBLEM_HEADERS, *allowed, *problem.headers], problem.document()
        self.tallies[str(status)] += 1
        protocol.response_bytes(status, more, body)

    def _answer_other(self, method: str, origin: str | None, protocol: "Protocol_") -> None:
        if method != "OPTIONS":
            problem = Problem(405, "wrong_method", "Expected POST.", headers=[("allow", "POST, OPTIONS")])
            raise problem
        allowed = preflight(origin, self._keys.every_origin)
        if allowed is None:
            raise _foreign_page()
        protocol.response_empty(204, allowed)

    async def _answered(
        self, scope: "Scope", headers: object, origin: str | None, protocol: "Protocol_"
    ) -> tuple[int, Headers, bytes]:
        body = await body_of(headers, protocol, self.patience)  # type: ignore[arg-type]
        received_at = time.time_ns() // 1000
        seen = self._sight(headers, scope.client)  # type: ignore[arg-type]
        posted = Posted.read(seen.without_address(body))
        if isinstance(posted, Rejection):
            raise Problem(400, posted.reason.value, posted.message, "Send an event, or an envelope of 1 to 100 events.")
        access, public_key = self._access(headers, posted, received_at)
        is_verified = self._is_verified(headers, access, body, received_at)
        if origin is not None and not access.is_secret and not access.origins.allows(origin):
            raise _foreign_page()
        if origin is None and self._options.needs_origin and not access.is_secret:
            raise _foreign_page()
        ruling = await self._limited(access, seen, len(posted.events))
        context = _context(access, seen, received_at, is_verified=is_verified)
        events, places, refused = _taken(posted, context, public_key)

        def refuse(place: int, rejection: Rejection) -> RejectedEvent:
            return rejected(rejection, DOOR, posted.said(places[place]), context)

        kept = [row for _, row in refused]
        offer = Offer(access.organization_id, access.keeps_all, events, kept, len(body), refuse)
        outcome = await self._committed(offer)
        refused += [(places[place], row) for place, row in outcome.unstorable.items()]
        reply = _reply(posted, outcome, places, refused)
        cookie = visitor_cookie(headers, access.origins.domains, (row[VISITOR_ID] for row in events), received_at)  # type: ignore[arg-type]
        return reply[0], [*reply[1], *allowing(origin), *_limits_of(ruling), *cookie], reply[2]

    def _access(self, headers: object, posted: Posted, now: int) -> tuple[Access, str | None]:
        """What the request's key opens, and its publishable key."""
        authorization = headers.get("authorization")  # type: ignore[attr-defined]
        if authorization is not None:
            access = self._keys.bearer(authorization, now)
            if access is None:
                raise _unknown_key("Authorization: Bearer sk_…")
            public_key = posted.public_key
        else:
            public_key = posted.public_key
            access = self._keys.find(public_key, now) if public_key else None
            if access is None or access.is_secret:  # a secret in a body may stand in a page, too
                raise _unknown_key("publicKey: pk_…")
        if "track" not in access.scopes:
            raise Problem(403, "out_of_scope", "The key may not send events.", "Use a key with the scope track.")
        return access, public_key

    def _is_verified(self, headers: object, access: Access, body: bytes, now: int) -> bool:
        signature = headers.get("x-touchline-signature")  # type: ignore[attr-defined]
        if signature is not None:
            site_id = access.site_id
            self._signatures.check(
                signature, body, lambda key_id: self._keys.secret_with_id(key_id, site_id, now), now / 1e6
            )
            return True
        return access.is_secret

    async def _limited(self, access: Access, seen: RequestContext, events: int) -> Ruling:
        options = self._options
        limits = (
            Limit(f"s:{access.site_id}", options.events_per_minute_of_site),
            Limit(f"k:{access.key_id}", options.events_per_minute_of_key),
            Limit(CLIENT + seen.client_prefix, options.events_per_minute_of_client),
        )
        # A machine with a secret key may send for everybody: its address says nothing.
        ruling = await self._limits.take(limits[:2] if access.is_secret else limits, events)
        if ruling.is_within:
            return ruling
        if not ruling.limit:
            raise Problem(503, "limits_away", "The rate limits cannot be asked.", "Send it again.",
                          headers=[("retry-after", str(ruling.retry_seconds))])  # fmt: skip
        raise Problem(
            429, "too_many", f"{ruling.limit:,} events a minute are taken; {ruling.remaining:,} are left of them.",
            f"Send all {events} of them again in {ruling.retry_seconds} seconds: none was counted.",
            headers=[("retry-after", str(ruling.retry_seconds)), *_limits_of(ruling)],
        )  # fmt: skip

    async def _committed(self, offer: Offer) -> Outcome:
        try:
            return await self._collector.take(offer)
        except FullError:
            raise _busy("More is coming in than can be written.") from None
        except UnavailableError:
            raise _busy("The ledger cannot be written now.") from None


def _context(access: Access, seen: RequestContext, received_at: int, *, is_verified: bool) -> Context:
    if access.is_secret:  # the request is a machine's own, and says nothing of the visitor
        return Context(access.site_id, received_at, access.currency, is_verified)
    return Context(
        access.site_id, received_at, access.currency, is_verified, seen.user_agent, seen.noise, seen.is_consent_refused,
        seen.city, seen.district, seen.ip_hash, seen.device_class,
    )  # fmt: skip


def _taken(
    posted: Posted, context: Context, public_key: str | None
) -> tuple[list[Row], list[int], list[tuple[int, RejectedEvent]]]:
    """The events that are good, with their places, and the others as they are kept, with theirs."""
    events: list[Row] = []
    places: list[int] = []
    refused: list[tuple[int, RejectedEvent]] = []
    for place, wire in enumerate(posted.events):
        outcome: TrackingEvent | Rejection
        if isinstance(wire, Rejection):
            outcome = wire
        elif wire.public_key is not None and wire.public_key != public_key:
            outcome = Rejection(Reason.FOREIGN_KEY, "publicKey", "Expected the key that the request itself has.")
        else:
            outcome = processed(wire, context)
        if isinstance(outcome, Rejection):
            refused.append((place, rejected(outcome, DOOR, posted.said(place), context)))
        else:
            events.append(row_of(outcome))
            places.append(place)
    return events, places, refused


def _reply(
    posted: Posted, outcome: Outcome, places: list[int], refused: list[tuple[int, RejectedEvent]]
) -> tuple[int, Headers, bytes]:
    total = len(posted.events)
    if not refused and not outcome.erased:
        text = b'{"success":true,"accepted":%d,"deduped":%d,"total":%d}' % (outcome.accepted, outcome.duplicate, total)
        return 200, JSON_HEADERS, text
    told = [(place, row.event_id, row.reason, row.field, row.message) for place, row in refused]
    told += [
        (places[i], event_id_of(posted.said(places[i])), Reason.ERASED.value, None, "Its person was erased.")
        for i in outcome.erased
    ]
    each = [
        {"index": place, "eventId": event_id, "reasons": [{"code": reason, "field": field, "message": message}]}
        for place, event_id, reason, field, message in sorted(told, key=lambda one: one[0])
    ]
    counts: dict[str, Any] = {
        "accepted": outcome.accepted,
        "deduped": outcome.duplicate,
        "total": total,
        "rejected": each,
    }
    if len(each) == total and not NOBODYS_FAULT.intersection(reason for _, _, reason, _, _ in told):
        raise Problem(400, "invalid", "No event of the request is one.", "See rejected.", success=False, **counts)
    return 207, JSON_HEADERS, inert({"success": False, **counts})


def _limits_of(ruling: Ruling) -> Headers:
    return [
        ("x-ratelimit-limit", str(ruling.limit)),
        ("x-ratelimit-remaining", str(ruling.remaining)),
        ("x-ratelimit-reset", str(ruling.retry_seconds)),
    ]


def _unknown_key(where: str) -> Problem:
    return Problem(
        401, "unknown_key", f"Expected a valid key: {where}", "See `touchline key list`; make one with `key create`.",
        headers=[("www-authenticate", "Bearer")],
    )  # fmt: skip


def _foreign_page() -> Problem:
    return Problem(
        403, "foreign_origin", "The page's origin is none of the site's.",
        "Send from the site's domain, or make a key that names the origin.",
    )  # fmt: skip


def _busy(why: str) -> Problem:
    return Problem(503, "busy", why, "Send it again: what is stored already counts once.",
                   headers=[("retry-after", "1")])  # fmt: skip

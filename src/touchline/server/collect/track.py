"""``POST /api/track``: one event, or an envelope of up to a hundred, from a page or from a machine.

The way of a request: its head, how much from its network was refused, its body, whose key, which page, what it says,
how many a minute, the steps of :mod:`touchline.ingest.steps` for each event, the collector; and the answer once all of
it is committed. What is dear comes last, so that refusing costs less than accepting; a small body is decoded before
its key is checked, since finding the key in it costs as much. Large bodies take turns, and make room for others on the
way: no request keeps the loop for long.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from touchline.amounts import counted
from touchline.ingest import (
    NOBODYS_FAULT,
    VISITOR_ID,
    Reason,
    Refused,
    RejectedEvent,
    Rejection,
    rejected,
)  # fmt: skip
from touchline.ingest.first_key import first_key
from touchline.ingest.steps import Context
from touchline.ingest.wire import Posted, event_id_of, named_key
from touchline.server.collect.collector import Collector, FullError, Offer, Outcome, RevokedError, UnavailableError
from touchline.server.collect.signatures import Signatures
from touchline.server.collect.taking import DOOR, taken
from touchline.server.http.bodies import Body, Patience, body_of, inflated, is_gzipped
from touchline.server.http.cross_origin import VARY, allowing, preflight
from touchline.server.http.keys import Access, Keys, NotLookedUpError
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import JSON_HEADERS, PROBLEM_HEADERS, Headers, Problem, inert
from touchline.server.http.rate_limits import CLIENT, Limit, RateLimits, Ruling
from touchline.server.http.refusals import Refusals
from touchline.server.http.request_context import RequestContext, Sight
from touchline.server.tracker.cookie import visitor_cookie

MOST_ORIGIN = 300
"""Characters; a host has 253 at most."""
SMALL_BYTES = 4_096
"""Up to this size, decoding a body costs no more than searching it for a key."""
LARGE_BYTES = 32_768
"""Beyond, and where it is gzipped, a body waits for its turn."""
_COUNTED_ALREADY = frozenset({"invalid", "too_many_refused"})
"""Problems that count as no refusal: the limits of events have counted the first, and the second ends by waiting."""


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


@dataclass(slots=True)
class _Asked:
    """What is known of a request so far."""

    headers: Any
    origin: str | None
    seen: RequestContext
    secret: Access | None = None
    """What its secret key opens."""
    size_bytes: int = 0


class Track:
    """The endpoint; its parts are given to it."""

    def __init__(
        self, keys: Keys, limits: RateLimits, collector: Collector, options: ServerOptions, sight: Sight,
        refusals: Refusals,
    ) -> None:  # fmt: skip
        self._keys = keys
        self._limits = limits
        self._collector = collector
        self._options = options
        self._sight = sight
        self._refusals = refusals
        self._turn = asyncio.Lock()
        self._signatures = Signatures()
        self.patience = Patience(options.body_seconds)
        self.tallies: Counter[str] = Counter()
        """Answers since the start: by status, and problems by their code."""

    async def __call__(self, scope: "Scope", protocol: "Protocol_") -> None:
        """Answer one request."""
        headers = scope.headers
        origin = headers.get("origin")  # type: ignore[attr-defined]
        if origin is not None and len(origin) > MOST_ORIGIN:
            origin = origin[:MOST_ORIGIN] + "…"  # nobody's: it is compared label by label
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
        asked = _Asked(headers, origin, self._sight(headers, scope.client))  # type: ignore[arg-type]
        try:
            return await self._read_and_answered(asked, protocol)
        except Problem as problem:
            if problem.status < 500 and asked.secret is None and problem.code not in _COUNTED_ALREADY:
                self._refusals.count(asked.seen.client_prefix, asked.size_bytes)
            raise

    async def _read_and_answered(self, asked: _Asked, protocol: "Protocol_") -> tuple[int, Headers, bytes]:
        authorization = asked.headers.get("authorization")
        if authorization is not None:
            asked.secret = self._keys.known_bearer(authorization, time.time_ns() // 1000)
        if asked.secret is None:
            self._refusals.check(asked.seen.client_prefix)
        if asked.secret is None and authorization is not None:
            asked.secret = await self._looked_up(self._keys.look_up_bearer(authorization, time.time_ns() // 1000))
            if asked.secret is None:
                raise _unknown_key("Authorization: Bearer sk_…")
        if asked.secret is not None:
            _with_scope(asked.secret)
        came = await body_of(asked.headers, protocol, self.patience)
        asked.size_bytes = len(came)
        is_gzip = is_gzipped(asked.headers.get("content-encoding"))
        if is_gzip or len(came) > LARGE_BYTES:
            async with self._turn:
                waiting = await self._offered(asked, came, is_gzip=is_gzip)
        else:
            waiting = await self._offered(asked, came, is_gzip=False)
        return await waiting.answer()

    async def _offered(self, asked: _Asked, came: bytes, *, is_gzip: bool) -> "_Waiting":
        """Make of a body what the collector takes."""
        body = inflated(came) if is_gzip else came
        asked.size_bytes = len(body)
        if len(body) > LARGE_BYTES:
            await asyncio.sleep(0)
        received_at = time.time_ns() // 1000
        if asked.secret is None and len(body) > SMALL_BYTES:
            await self._check_key(asked, body, received_at)
        seen = asked.seen
        posted = Posted.read(seen.without_address(body))
        if isinstance(posted, Rejection):
            raise Problem(400, posted.reason.value, posted.message, "Send an event, or an envelope of 1 to 100 events.")
        access = asked.secret or await self._opened(asked, posted.public_key, received_at)
        key_ids = [access.key_id]
        is_verified = self._is_verified(asked.headers, access, body, received_at, key_ids)
        limits = self._limits_for(access.site_id, key_ids[-1], seen, is_verified=is_verified)
        ruling = await self._limited(limits, len(posted.events))
        context = _context(access, seen, received_at, is_verified=is_verified)
        events, places, kept = await taken(posted, context)

        def refuse(place: int, rejection: Rejection) -> RejectedEvent:
            return rejected(rejection, DOOR, posted.said(places[place]), context)

        rows: list[RejectedEvent | Refused] = [row for _, row in kept]
        offer = Offer(access.organization_id, access.keeps_all, events, rows, len(body), refuse, key_ids)
        return _Waiting(self, asked, posted, access, ruling, offer, places, kept, received_at)

    async def _check_key(self, asked: _Asked, body: bytes, now: int) -> None:
        """Refuse an unknown key, or a page that is none of its, before the events are decoded.

        The key that is found first is nearly always the one; only where it opens nothing is the envelope read for it.
        """
        guess = first_key(body)
        access = self._keys.find(guess, now) if guess else None
        if access is not None and self._may_come_from(asked.origin, access):
            return
        try:
            key = named_key(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # decoding all of it says what is wrong
            return
        await self._opened(asked, key, now)

    async def _looked_up(self, looking: Awaitable[Access | None]) -> Access | None:
        try:
            return await looking
        except NotLookedUpError:
            raise _busy("The ledger cannot be asked for the key now.") from None

    async def _opened(self, asked: _Asked, public_key: str | None, now: int) -> Access:
        """What a publishable key opens to the page that sends it."""
        access = self._keys.find(public_key, now) if public_key else None
        if access is None and public_key:
            access = await self._looked_up(self._keys.look_up(public_key, now))
        if access is None or access.is_secret:  # a secret in a body may stand in a page, too
            raise _unknown_key("publicKey: pk_…")
        if not self._may_come_from(asked.origin, access):
            raise _foreign_page()
        return _with_scope(access)

    def _may_come_from(self, origin: str | None, access: Access) -> bool:
        return not self._options.needs_origin if origin is None else access.origins.allows(origin)

    def _is_verified(self, headers: Any, access: Access, body: bytes, now: int, key_ids: list[str]) -> bool:
        """Whether the body is vouched for; the key that does is one of ``key_ids`` then."""
        signature = headers.get("x-touchline-signature")
        if signature is not None:
            site_id = access.site_id
            signer = self._signatures.check(
                signature, body, lambda key_id: self._keys.secret_with_id(key_id, site_id, now), now / 1e6
            )
            key_ids.append(signer.key_id)
            return True
        return access.is_secret

    def _limits_for(self, site_id: str, key_id: str, seen: RequestContext, *, is_verified: bool) -> tuple[Limit, ...]:
        """The limits of a request that proves itself by ``key_id``, or shows it where it proves nothing.

        A site's strangers and its own machines are counted apart: a flood of the ones must not stop the others.
        """
        options = self._options
        site = Limit(f"s:{site_id}:verified" if is_verified else f"s:{site_id}", options.events_per_minute_of_site)
        key = Limit(f"k:{key_id}", options.events_per_minute_of_key)
        if is_verified:  # a machine with a secret key may send for everybody: its address says nothing
            return site, key
        return site, key, Limit(CLIENT + seen.client_prefix, options.events_per_minute_of_client)

    async def _limited(self, limits: tuple[Limit, ...], events: int) -> Ruling:
        ruling = await self._limits.take(limits, events)
        if ruling.is_within:
            return ruling
        if not ruling.limit:
            raise Problem(503, "limits_away", "The rate limits cannot be asked.", "Send it again.",
                          headers=[("retry-after", str(ruling.retry_seconds))])  # fmt: skip
        taken = counted(ruling.limit, "event a minute is taken", "events a minute are taken")
        raise Problem(
            429, "too_many", f"{taken}; {ruling.remaining:,} are left of them.",
            f"Send all {events} of them again in {counted(ruling.retry_seconds, 'second')}: none was counted.",
            headers=[("retry-after", str(ruling.retry_seconds)), *_limits_of(ruling)],
        )  # fmt: skip

    async def committed(self, offer: Offer) -> Outcome:
        """What the collector makes of an offer.

        :raises Problem: 401 if its key ended meanwhile, 503 if it cannot be written.
        """
        try:
            return await self._collector.take(offer)
        except RevokedError:
            raise _unknown_key("it was revoked") from None
        except FullError:
            raise _busy("More is coming in than can be written.") from None
        except UnavailableError:
            raise _busy("The ledger cannot be written now.") from None


@dataclass(slots=True)
class _Waiting:
    """A request whose turn is over: what it offers waits for its commit."""

    track: Track
    asked: _Asked
    posted: Posted
    access: Access
    ruling: Ruling
    offer: Offer
    places: list[int]
    refused: list[tuple[int, Refused]]
    received_at: int

    async def answer(self) -> tuple[int, Headers, bytes]:
        outcome = await self.track.committed(self.offer)
        refused: list[tuple[int, Refused | RejectedEvent]] = [*self.refused]
        refused += [(self.places[place], row) for place, row in outcome.unstorable.items()]
        status, headers, body = _reply(self.posted, outcome, self.places, refused)
        visitor_ids = (row[VISITOR_ID] for row in self.offer.events)
        cookie = visitor_cookie(self.asked.headers, self.access.origins.domains, visitor_ids, self.received_at)
        return status, [*headers, *allowing(self.asked.origin), *_limits_of(self.ruling), *cookie], body


def _with_scope(access: Access) -> Access:
    if "track" not in access.scopes:
        raise Problem(403, "out_of_scope", "The key may not send events.", "Use a key with the scope track.")
    return access


def _context(access: Access, seen: RequestContext, received_at: int, *, is_verified: bool) -> Context:
    if access.is_secret:  # the request is a machine's own, and says nothing of the visitor
        return Context(access.site_id, received_at, access.currency, is_verified)
    return Context(
        access.site_id, received_at, access.currency, is_verified, seen.user_agent, seen.noise, seen.is_consent_refused,
        seen.city, seen.district, seen.ip_hash, seen.device_class,
    )  # fmt: skip


def _reply(
    posted: Posted, outcome: Outcome, places: list[int], kept: Sequence[tuple[int, Refused | RejectedEvent]]
) -> tuple[int, Headers, bytes]:
    total = len(posted.events)
    if not kept and not outcome.erased:
        text = b'{"success":true,"accepted":%d,"deduped":%d,"total":%d}' % (outcome.accepted, outcome.duplicate, total)
        return 200, JSON_HEADERS, text
    told = [(place, row.event_id, row.reason, row.field, row.message) for place, row in kept]
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

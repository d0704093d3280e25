"""``POST /api/track``: one event, or an envelope of up to a hundred, from a page or a server.

A request goes through :data:`STEPS`. Expensive steps come last, so that rejecting costs less than accepting; a small
body is decoded before its key is checked, because finding the key in it costs as much. Large bodies take turns and let
other requests run in between, so no request blocks the event loop for long.
"""

import time
from collections import Counter

from touchline.server.collect.collector import Collector
from touchline.server.collect.foreign_pages import ForeignPages
from touchline.server.collect.problems import foreign_page
from touchline.server.collect.steps import body, commit, events, head, key, limits
from touchline.server.collect.tracked import Exchange, Parts, Scope, Step, Tracked
from touchline.server.http.bodies import Patience
from touchline.server.http.cross_origin import VARY, allowing, preflight
from touchline.server.http.keys import Keys
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import PROBLEM_HEADERS, Headers, Problem
from touchline.server.http.rate_limits import RateLimits
from touchline.server.http.refusals import Refusals
from touchline.server.http.request_context import Sight

STEPS: tuple[Step, ...] = (
    head.known_secret,
    head.refusals,
    head.new_secret,
    body.whole,
    body.turn,
    body.inflation,
    body.arrival,
    key.early,
    events.decoding,
    key.access,
    key.signature,
    limits.room,
    events.rows,
    body.turn_over,
    commit.outcome,
    commit.answer,
)
"""The steps of a request, from its head to the answer after the commit."""

MOST_ORIGIN = 300
"""Characters; a host has 253 at most."""
_COUNTED_ALREADY = frozenset({"invalid", "too_many_refused"})
"""Problems that do not count as rejected requests: the first has its own limits, and the second is temporary."""


class Track:
    """The endpoint, built from its parts."""

    def __init__(
        self, keys: Keys, rate_limits: RateLimits, collector: Collector, options: ServerOptions, sight: Sight,
        refusals: Refusals,
    ) -> None:  # fmt: skip
        self.patience = Patience(options.body_seconds)
        foreign_pages = ForeignPages(collector)
        self._parts = Parts(keys, rate_limits, collector, options, sight, refusals, self.patience, foreign_pages)
        self.tallies: Counter[str] = Counter()
        """Answers since the start, by status, and problems by code."""

    async def __call__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        fields = scope.headers
        origin = fields.get("origin")
        if origin is not None and len(origin) > MOST_ORIGIN:
            origin = origin[:MOST_ORIGIN] + "…"  # a cut origin matches no allowed one
        keys = self._parts.keys
        try:
            if scope.method != "POST":
                exchange.response_empty(204, self._preflight(scope, origin))
                return
            tracked = Tracked(fields, origin, exchange, self._parts.sight(fields, scope.client))
            status, headers, text = await self._answered(tracked)
        except Problem as problem:
            self.tallies[problem.code] += 1
            allowed = allowing(origin) if origin and keys.every_origin.allows(origin) else [VARY]
            status, headers, text = problem.status, [*PROBLEM_HEADERS, *allowed, *problem.headers], problem.document()
        self.tallies[str(status)] += 1
        exchange.response_bytes(status, headers, text)

    def _preflight(self, scope: Scope, origin: str | None) -> Headers:
        """The answer to a browser that asks whether its page may send."""
        if scope.method != "OPTIONS":
            raise Problem(405, "wrong_method", "Expected POST.", headers=[("allow", "POST, OPTIONS")])
        allowed = preflight(origin, self._parts.keys.every_origin)
        if allowed is None:
            self._note_refused_preflight(scope, origin)
            raise foreign_page()
        return allowed

    def _note_refused_preflight(self, scope: Scope, origin: str | None) -> None:
        """Store its origin if there is only one site: a preflight request names no key."""
        parts = self._parts
        client_prefix = parts.sight(scope.headers, scope.client).client_prefix
        parts.refusals.check(client_prefix)
        parts.refusals.count(client_prefix, 0)
        if parts.keys.only_site is not None and origin is not None:
            parts.foreign_pages.note(parts.keys.only_site, origin, time.time_ns() // 1000)

    async def _answered(self, tracked: Tracked) -> tuple[int, Headers, bytes]:
        parts = self._parts
        try:
            for step in STEPS:
                waiting = step(parts, tracked)
                if waiting is not None:
                    await waiting
        except Problem as problem:
            if problem.status < 500 and tracked.secret is None and problem.code not in _COUNTED_ALREADY:
                parts.refusals.count(tracked.seen.client_prefix, tracked.size_bytes)
            raise
        finally:
            body.turn_over(parts, tracked)
        return tracked.answer

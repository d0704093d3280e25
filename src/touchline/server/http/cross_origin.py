"""From which pages a browser may send: the site's own domain with all below it, and the origins that a key names."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from touchline.jobs.origins import OPAQUE, Origin, ascii_domain, is_within, sender_of
from touchline.server.http.problems import Headers

MAX_AGE_SECONDS = 7_200
"""How long a browser remembers a preflight: the longest that Chromium does."""
EXPOSED = "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
VARY = ("vary", "Origin")


class Origins(NamedTuple):
    """``domains`` with everything below them, over http and https; ``exact`` origins, with scheme and port."""

    domains: frozenset[str]
    exact: frozenset[Origin]

    @staticmethod
    def all_of(several: Iterable["Origins"]) -> "Origins":
        """What any of them allows."""
        found = list(several)
        return Origins(frozenset().union(*(o.domains for o in found)), frozenset().union(*(o.exact for o in found)))

    def allows(self, origin: str) -> bool:
        """Whether pages of ``origin`` may send.

        >>> allowed = origins_of("shop.example", [])
        >>> [allowed.allows(o) for o in ("https://www.shop.example", "https://notshop.example", "null")]
        [True, False, False]
        """
        return _allows(self, origin)


@lru_cache(maxsize=4_096)
def _allows(allowed: Origins, text: str) -> bool:
    origin = sender_of(text)
    if origin is None or origin == OPAQUE:
        return origin in allowed.exact
    return origin in allowed.exact or any(is_within(origin.host, domain) for domain in allowed.domains)


def origins_of(domain: str, exact: Sequence[str]) -> Origins:
    """The origins of a site's key."""
    found = (sender_of(origin.rstrip("/")) for origin in exact)
    return Origins(frozenset({ascii_domain(domain)}), frozenset(origin for origin in found if origin is not None))


def allowing(origin: str | None) -> Headers:
    """The header fields of an answer that pages of ``origin``, which is allowed, may read."""
    if origin is None:
        return [VARY]
    return [
        VARY,
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", EXPOSED),
    ]


def preflight(origin: str | None, origins: Origins) -> Headers | None:
    """The header fields of the answer to a preflight; ``None`` if the origin is allowed nothing."""
    if origin is None or not origins.allows(origin):
        return None
    return [
        *allowing(origin),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-headers", "Content-Type, Content-Encoding, Authorization, X-Touchline-Signature"),
        ("access-control-max-age", str(MAX_AGE_SECONDS)),
    ]

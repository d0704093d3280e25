"""Which host a browser asked for a page, and how the page's address begins."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from attribution_campaign_context.parsing import host_of
from attribution_campaign_context.privacy import Network, is_trusted_peer
from attribution_campaign_context.requests import Headers, peer_of
from attribution_campaign_context.scrub import scrub_origin


def host_asked(scope: Mapping[str, Any], headers: Headers, trusted: int | tuple[Network, ...]) -> str:
    """The host as a trusted proxy named it in ``X-Forwarded-Host``, where the last one counts, else as ``Host`` does.

    >>> headers = Headers([(b"host", b"app:8000"), (b"x-forwarded-host", b"evil.example, shop.example")])
    >>> host_asked({}, headers, 1), host_asked({}, headers, 0)
    ('shop.example', 'app:8000')
    """
    if headers.has(b"x-forwarded-host") and is_trusted_peer(peer_of(scope), trusted):
        return headers.text(b"x-forwarded-host", 1_024).rpartition(",")[2].strip()[:300]
    return headers.text(b"host", 300)


def origin_asked(is_https: bool, host: str, server: Sequence[Any] | None) -> tuple[str, str | None]:
    """Scheme with host, as the browser shows it, and the bare host; both say nothing where nobody knows the host."""
    if (not host or _host_named(host) is None) and server and server[1] is not None:
        host = f"[{server[0]}]:{server[1]}" if ":" in str(server[0]) else f"{server[0]}:{server[1]}"
    bare = _host_named(host) if host else None
    if bare is None:
        return "", None
    return scrub_origin(f"{'https' if is_https else 'http'}://{host.lower()}"), bare


@lru_cache(maxsize=1024)
def _host_named(header: str) -> str | None:
    return host_of("//" + header) if header.isascii() and not _NO_HOST.search(header) else None


_NO_HOST = re.compile(r"[/?#\\\s]")

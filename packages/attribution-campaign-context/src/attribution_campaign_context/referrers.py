"""What a request says about the page before it, with the difference between saying nothing and being silenced."""

from functools import lru_cache
from typing import Literal, NamedTuple

from attribution_campaign_context.parsing import host_of
from attribution_campaign_context.scrub import scrub_url

ReferrerState = Literal["full", "reduced", "origin_only", "absent", "suppressed"]
"""How much came:

* ``full``: a web address with a path or a query;
* ``origin_only``: scheme and host, which is what browsers send to other sites by default;
* ``reduced``: a host in some other form: an app's (``android-app://…``), one without a scheme, or a URL so long that
  only its origin was kept;
* ``suppressed``: there was a page before, and something keeps it back: the header is empty or no address, or the
browser
  says that the visitor came from elsewhere (``Sec-Fetch-Site``) and sends no referrer;
* ``absent``: nothing came and nothing says that there was anything; no error.
"""

MAX_REFERRER_BYTES = 2_048
"""Bytes of a referrer that are kept; of a longer one only the origin is."""


class Referrer(NamedTuple):
    """The page before, as far as it is known."""

    state: ReferrerState
    url: str | None = None
    """Scrubbed as landing URLs are (:mod:`attribution_campaign_context.scrub`)."""
    host: str | None = None
    """Lower case, without port and leading ``www.``."""
    is_own: bool = False
    """Whether it is a page of the site itself."""

    @property
    def is_signal(self) -> bool:
        """Whether it says that somebody else sent the visitor."""
        return self.host is not None and not self.is_own


def read_referrer(
    text: str | None,
    *,
    own_host: str | None = None,
    own_hosts: frozenset[str] = frozenset(),
    fetch_site: bytes = b"",
    more_keys: frozenset[str] = frozenset(),
) -> Referrer:
    """Reads a ``Referer`` header, ``None`` where none came, and also ``Sec-Fetch-Site``.

    >>> read_referrer("https://www.google.com/"), read_referrer("https://a.example/b?code=7").url
    (Referrer(state='origin_only', url='https://www.google.com/', host='google.com', is_own=False),
     'https://a.example/b?code=redacted')
    >>> read_referrer(None, fetch_site=b"cross-site").state, read_referrer(None, fetch_site=b"none").state
    ('suppressed', 'absent')
    """
    if text is None:
        return _UNSAID.get(fetch_site, _ABSENT)
    if text[-1:] == "/" and len(text) < 80 and text.count("/") == 3 and "@" not in text:
        state, url, host = _short(text)
    else:
        state, url, host = _read(text, more_keys)
    if host is None:
        return _OWN_SUPPRESSED if fetch_site == b"same-origin" else _SUPPRESSED
    return Referrer(state, url, host, fetch_site == b"same-origin" or is_own_host(host, own_host, own_hosts))


def _read(text: str, more_keys: frozenset[str]) -> tuple[ReferrerState, str | None, str | None]:
    host = host_of(text)
    if host is None:
        return "suppressed", None, None
    scheme, mark, rest = text.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in {"http", "https"} or len(text) >= MAX_REFERRER_BYTES:
        return "reduced", f"{scheme}://{host}/" if mark else host, host
    is_origin = "/" not in rest[:-1] and "?" not in rest and "#" not in rest
    return "origin_only" if is_origin else "full", scrub_url(text, more_keys), host


@lru_cache(maxsize=1024)
def _short(text: str) -> tuple[ReferrerState, str | None, str | None]:
    """The same for an origin: a few of them are most of the traffic."""
    return _read(text, frozenset())


_ABSENT = Referrer("absent")
_SUPPRESSED = Referrer("suppressed")
_OWN_SUPPRESSED = Referrer("suppressed", is_own=True)
_UNSAID = {b"cross-site": _SUPPRESSED, b"same-site": _SUPPRESSED, b"same-origin": _OWN_SUPPRESSED}


def is_own_host(host: str, own_host: str | None, own_hosts: frozenset[str]) -> bool:
    """Whether a host is the site's: its own, or one of the further ones or a subdomain of those.

    >>> is_own_host("a.pay.example", "shop.example", frozenset({"pay.example"}))
    True
    """
    if host == own_host or host in own_hosts:
        return True
    return bool(own_hosts) and any(host.endswith("." + own) for own in own_hosts)

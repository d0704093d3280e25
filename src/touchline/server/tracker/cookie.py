"""The visitor's cookie, set with an answer: Safari keeps what a script sets for seven days only, and this for its time.

One contract with the tracker and with the capture library: ``tl_vid`` is a UUIDv7, made by the first that needs it, for
13 months from then on. The id says when it was made, so that setting the cookie again prolongs nothing.
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from attribution_campaign_context.cookies import (
    CONSENT_COOKIE,
    SESSION_COOKIE,
    VISITOR_AGE,
    VISITOR_COOKIE,
    candidates,
    cookie_tail,
)
from touchline.domains import registrable_domain
from touchline.jobs.origins import Origin, authority_of, is_within, origin_of
from touchline.server.http.problems import Headers as Fields
from touchline.server.http.request_context import Headers

AGE_SECONDS = int(VISITOR_AGE.total_seconds())

_UUID_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def visitor_cookie(
    headers: Headers | Mapping[str, str], domains: Iterable[str], visitor_ids: Iterable[str | None], now: int
) -> Fields:
    """The header field that sets the cookie, if there is one to set.

    There is where a page of a domain of the site's asks a server below the same domain, and reports one visitor only,
    whose id is a UUIDv7 that still has time, and that no cookie gainsays.

    :param domains: the site's; the cookie is for the one that page and server share, with all below it.
    :param visitor_ids: of the events that were taken.
    :param now: microseconds since 1970.

    >>> headers = {"origin": "https://shop.example", "host": "t.shop.example"}
    >>> visitor_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    >>> [(_, field)] = visitor_cookie(headers, ["shop.example"], [visitor_id], 1_700_000_000_000_000)
    >>> field.partition("; ")[2]
    'Max-Age=22224058; Domain=shop.example; Path=/; Secure; SameSite=Lax'
    """
    origin = headers.get("origin")
    found = set(visitor_ids) if origin else set()
    visitor_id = found.pop() if len(found) == 1 else None
    if origin is None or visitor_id is None or not _UUID_7.fullmatch(visitor_id):
        return []
    page, server = origin_of(origin), authority_of(headers.get("host") or "", 443)
    if page is None or server is None:
        return []
    shared = next((d for d in domains if is_within(page.host, d) and is_within(server[0], d)), None)
    left = _seconds_left(visitor_id, now)
    if shared is None or not 0 < left <= AGE_SECONDS + 86_400 or _is_gainsaid(headers, visitor_id):
        return []
    tail = cookie_tail(max_age=left, domain=_settable(shared), secure=page.scheme == "https")
    return [("set-cookie", f"{VISITOR_COOKIE}={visitor_id}{tail.decode()}")]


def consent_cookie(headers: Headers | Mapping[str, str], choice: str) -> Fields:
    """The header field that keeps what the visitor chose, for the whole site: all hosts below its registrable domain.

    >>> headers = {"origin": "https://www.shop.example", "host": "t.shop.example"}
    >>> consent_cookie(headers, "denied")
    [('set-cookie', 'tl_consent=denied; Max-Age=34128000; Domain=shop.example; Path=/; Secure; SameSite=Lax')]
    >>> consent_cookie({**headers, "host": "t.touchline.example"}, "denied")
    []
    """
    page, server = _page_and_server(headers)
    if page is None or server is None:
        return []
    shared = registrable_domain(page.host)
    if not is_within(server, shared):
        return []
    tail = cookie_tail(max_age=AGE_SECONDS, domain=_settable(shared), secure=page.scheme == "https")
    return [("set-cookie", f"{CONSENT_COOKIE}={choice}{tail.decode()}")]


def expired_cookies(headers: Headers | Mapping[str, str]) -> Fields:
    """Header fields that delete the ids with which a browser came, on each domain on which they may be.

    >>> headers = {"origin": "https://shop.example", "host": "t.shop.example", "cookie": "a=1; tl_sid=x"}
    >>> [field.partition("; Path")[0] for _, field in expired_cookies(headers)]
    ['tl_sid=; Max-Age=0', 'tl_sid=; Max-Age=0; Domain=t.shop.example', 'tl_sid=; Max-Age=0; Domain=shop.example']
    """
    page, server = _page_and_server(headers)
    cookies = [(headers.get("cookie") or "").encode(errors="replace")]
    came = [name for name in (VISITOR_COOKIE, SESSION_COOKIE) if next(candidates(cookies, name.encode()), None)]
    if not came or page is None or server is None:
        return []
    shared = registrable_domain(server)
    domains: list[str | None] = [None]
    while _settable(shared) and is_within(server, shared):
        domains.append(server)
        server = server.partition(".")[2]
    tails = [cookie_tail(max_age=0, domain=domain, secure=page.scheme == "https").decode() for domain in domains]
    return [("set-cookie", f"{name}={tail}") for name in came for tail in tails]


def _page_and_server(headers: Headers | Mapping[str, str]) -> tuple[Origin | None, str | None]:
    """The page that asks, and the host that it asks."""
    origin = headers.get("origin")
    server = authority_of(headers.get("host") or "", 443)
    return (origin_of(origin) if origin else None), (server[0] if server else None)


def _seconds_left(visitor_id: str, now: int) -> int:
    made_at = int(visitor_id[:8] + visitor_id[9:13], 16) // 1000
    return made_at + AGE_SECONDS - now // 1_000_000


def _is_gainsaid(headers: Headers | Mapping[str, str], visitor_id: str) -> bool:
    """Whether the browser has another id, that some server set: that one is the older."""
    cookies = headers.get("cookie")
    if not cookies:
        return False
    names = list(candidates([cookies.encode(errors="replace")], VISITOR_COOKIE.encode()))
    return bool(names) and visitor_id not in names


def _settable(domain: str) -> str | None:
    """The domain as a cookie may name it; a host without a dot, or an address, has its cookie alone."""
    try:
        ip_address(domain)
    except ValueError:
        return domain if "." in domain else None
    return None

"""The sound reading of a request, or of a URL that a client reports, under a policy.

A :class:`Capture` is what was read and why anything was left out; a touch is the part of it that is recorded. Nothing
here raises for what a visitor sends, and time is linear in its length.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote_plus

from attribution_campaign_context.broken_links import may_hold_marks
from attribution_campaign_context.cookies import first_cookie, keeps_refusal
from attribution_campaign_context.extract import AttributionContext
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.page_hosts import host_asked, origin_asked
from attribution_campaign_context.parsing import checked_value, host_of, parse_landing
from attribution_campaign_context.personal_text import kind_in
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.privacy import client_address, is_trusted_peer, visit_id
from attribution_campaign_context.referrers import MAX_REFERRER_BYTES, Referrer, read_referrer
from attribution_campaign_context.registry import CLICK_IDS
from attribution_campaign_context.requests import Headers, ascii_url, is_under, peer_of, purpose_of, raw_path
from attribution_campaign_context.scrub import (
    is_personal,
    is_secret_key,
    names_person,
    plain_at,
    scrub_origin,
    scrub_pairs,
    scrub_path,
    split_url,
)

Skipped = Literal[
    "consent", "refused", "gpc", "dnt", "method", "path", "prefetch", "asset", "fetch", "frame", "bot", "no_signal",
    "websocket", "anonymous",
]  # fmt: skip
"""Why a request made no touch."""
CookieState = Literal["valid", "missing", "malformed", "withheld"]
"""What became of a cookie: ``malformed`` ones are replaced, ``withheld`` says that consent is missing and none was
read. A server cannot tell a cookie that expired from one that never was."""

MAX_USER_AGENT_BYTES = 512
MAX_PATH_LENGTH = 2_048
"""Characters of a landing path; a longer one is left out."""


class Capture(NamedTuple):
    """What one request, or one report of a client, said; in ``scope["state"]["attribution_capture"]``.

    ``raw_query`` and ``refused`` are evidence for finding out why something is missing. Do not store ``raw_query``
    without scrubbing it.
    """

    skipped: Skipped | None
    """``None`` if there is a touch."""
    utm: dict[str, str]
    click_ids: dict[str, str]
    extra: dict[str, str]
    """The policy's ``extra_keys`` that came."""
    refused: dict[str, str]
    """What came and was not taken, with the reason: those of
    :class:`~attribution_campaign_context.parsing.Landing`, and ``personal`` for an e-mail address, a token or a
    subscriber's id."""
    visitor_id: str | None = None
    session_id: str | None = None
    visitor_cookie: CookieState = "missing"
    session_cookie: CookieState = "missing"
    has_consent: bool = True
    source: Literal["request", "client"] = "request"
    """Whether a server saw the visit or a script reported it."""
    referrer: Referrer = Referrer("absent")
    host: str | None = None
    """Host of the page, lower case, without port and leading ``www.``."""
    landing_path: str | None = None
    landing_url: str | None = None
    """Scrubbed, percent-encoded, without default port; ``None`` if it was too long."""
    raw_query: bytes = b""
    """The query as it was sent, up to the policy's ``max_query_bytes``: repetitions, empty values, odd encodings and
    all."""

    @property
    def has_signal(self) -> bool:
        """Whether it says where the visitor came from: a UTM parameter, a click id, or somebody else's page."""
        return bool(self.utm or self.click_ids or self.referrer.is_signal)

    @property
    def context(self) -> AttributionContext:
        """The same in the compatible form; a referrer of the site itself is not in it."""
        return AttributionContext(
            utm=self.utm,
            click_ids=self.click_ids,
            raw_params={**self.utm, **self.click_ids, **self.extra},
            referer=self.referrer.url if self.referrer.is_signal else None,
            landing_path=self.landing_path,
            landing_url=self.landing_url,
            visitor_id=self.visitor_id,
            session_id=self.session_id,
        )


def capture_nothing(reason: Skipped, ids: "Ids | None" = None) -> Capture:
    """The capture of a request that was not read: with the ids it came with, or without consent if there are none."""
    if ids is None:
        return Capture(reason, {}, {}, {}, {}, None, None, "withheld", "withheld", has_consent=False)
    return Capture(reason, {}, {}, {}, {}, *ids)


class Ids(NamedTuple):
    """The ids of a request, and the states of the cookies they came from."""

    visitor_id: str | None = None
    session_id: str | None = None
    visitor_cookie: CookieState = "missing"
    session_cookie: CookieState = "missing"


def capture_url(
    url: str,
    referrer: str | None = None,
    *,
    policy: CapturePolicy | None = None,
    visitor_id: str | None = None,
    session_id: str | None = None,
) -> Capture:
    """Reads a landing URL that a client reports: the one in ``location.href``, whose fragment no server ever sees.

    For single-page apps and for parameters after ``#``: the script sends ``{landing_url, referrer}`` and the app calls
    this, then :func:`touch_of`. Ids that do not match the policy's pattern are dropped (state ``malformed``). Consent
    is the caller's to ask. Do not use it for the request's own URL: the middleware does that.

    >>> found = capture_url("https://shop.example/a#utm_source=News", "https://news.example/")
    >>> found.utm, found.referrer.host, found.skipped
    ({'utm_source': 'news'}, 'news.example', None)
    """
    policy = policy or CapturePolicy()
    matches = policy.id_expression.fullmatch
    visitor = visitor_id if visitor_id and matches(visitor_id) else None
    session = session_id if session_id and matches(session_id) else None
    ids = Ids(visitor, session, _state(visitor, visitor_id is not None), _state(session, session_id is not None))
    origin, path, query, fragment = split_url(plain_at(ascii_url(url.strip().encode("utf-8", "replace"))))
    origin = scrub_origin(origin)
    page = _Page(
        origin,
        host_of(origin) if origin else None,
        path,
        query[1:].encode("ascii"),
        fragment if len(fragment) > 1 else "",
        referrer,
        b"",
    )
    return _read_page(policy, page, ids, "client")


def touch_of(
    capture: Capture, policy: CapturePolicy, *, user_agent: str = "", address: str | None = None
) -> AttributionTouch:
    """The touch of a capture, with a new id, its times, and hashes of user agent and address.

    ``address`` is the client's, already freed of proxies
    (:func:`~attribution_campaign_context.privacy.client_address`).
    """
    now = policy.clock()
    agent = policy.keys.digest("user_agent", user_agent) if user_agent and policy.hash_user_agent else None
    return AttributionTouch(
        id=policy.id_factory(),
        visitor_id=capture.visitor_id,
        session_id=capture.session_id,
        utm_source=capture.utm.get("utm_source"),
        utm_medium=capture.utm.get("utm_medium"),
        utm_campaign=capture.utm.get("utm_campaign"),
        utm_term=capture.utm.get("utm_term"),
        utm_content=capture.utm.get("utm_content"),
        utm_id=capture.utm.get("utm_id"),
        click_ids=capture.click_ids,
        landing_path=capture.landing_path,
        landing_url=capture.landing_url,
        referer=capture.referrer.url if capture.referrer.is_signal else None,
        user_agent_hash=agent,
        ip_hash=policy.keys.digest("ip", address) if address and policy.hash_ip else None,
        raw_params={**capture.utm, **capture.click_ids, **capture.extra},
        created_at=now,
        expires_at=now + policy.retention,
    )


class RequestReader:
    """Reads requests under one policy; what does not depend on the request is worked out once."""

    __slots__ = ("_accepts", "_consent_name", "_session_name", "_trusted", "_visitor_name", "policy")

    def __init__(self, policy: CapturePolicy) -> None:
        self.policy = policy
        self._accepts = policy.id_expression.fullmatch
        self._visitor_name = policy.visitor_cookie.encode("ascii")
        self._session_name = policy.session_cookie.encode("ascii")
        self._consent_name = (policy.consent_cookie or "").encode("ascii")
        self._trusted = policy.networks

    def objection(self, headers: Headers) -> Literal["gpc", "dnt", "refused"] | None:
        """What the browser itself says against keeping anything: a privacy signal, or the refusal that it keeps."""
        if self.policy.respect_gpc and headers.get(b"sec-gpc") == b"1":
            return "gpc"
        if headers.cookies and keeps_refusal(headers.cookies, self._consent_name):
            return "refused"
        return "dnt" if self.policy.respect_dnt and headers.get(b"dnt") == b"1" else None

    def ids(self, scope: Mapping[str, Any], headers: Headers) -> Ids:
        """The ids that the browser came with, or where it keeps none, the hash of the day that stands for them."""
        if self.policy.visitor_ids != "cookies":
            return self._ids_of_the_day(scope, headers)
        if not headers.cookies:
            return _NO_IDS
        visitor, visitor_came = first_cookie(headers.cookies, self._visitor_name, self._accepts)
        session, session_came = first_cookie(headers.cookies, self._session_name, self._accepts)
        return Ids(visitor, session, _state(visitor, visitor_came), _state(session, session_came))

    def _ids_of_the_day(self, scope: Mapping[str, Any], headers: Headers) -> Ids:
        policy, address = self.policy, client_address(peer_of(scope), headers.forwarded, self._trusted)
        if policy.visitor_ids == "anonymous" or address is None:
            return _NO_IDS
        agent = headers.text(b"user-agent", MAX_USER_AGENT_BYTES)
        visit = visit_id(policy.keys, policy.site_id, policy.keys.digest("ip", address), agent)
        return Ids(visit, visit)

    def no_page(self, scope: Mapping[str, Any], headers: Headers) -> Skipped | None:
        """Why the request is nobody opening a page, or ``None``."""
        policy = self.policy
        if scope.get("method", "GET") not in policy.methods:
            return "method"
        path = str(scope.get("path") or "/")
        if is_under(path, policy.ignored_paths) or (policy.only_paths and not is_under(path, policy.only_paths)):
            return "path"
        purpose = purpose_of(path, headers, policy.asset_extensions)
        if purpose != "page":
            return purpose
        is_bot = policy.is_bot
        if is_bot and is_bot(headers.text(b"user-agent", MAX_USER_AGENT_BYTES)):
            return "bot"
        return "anonymous" if policy.visitor_ids == "anonymous" else None

    def page(self, scope: Mapping[str, Any], headers: Headers, ids: Ids) -> Capture:
        """What opening a page says."""
        origin, host = origin_asked(self.is_https(scope, headers), self.host(scope, headers), scope.get("server"))
        said = headers.text(b"referer", MAX_REFERRER_BYTES) if headers.has(b"referer") else None
        query = scope.get("query_string") or b""
        site = headers.get(b"sec-fetch-site")
        return _read_page(self.policy, _Page(origin, host, raw_path(scope), query, "", said, site), ids, "request")

    def touch(self, capture: Capture, scope: Mapping[str, Any], headers: Headers) -> AttributionTouch:
        """The touch of a capture of this request."""
        address = client_address(peer_of(scope), headers.forwarded, self._trusted) if self.policy.hash_ip else None
        agent = headers.text(b"user-agent", MAX_USER_AGENT_BYTES)
        return touch_of(capture, self.policy, user_agent=agent, address=address)

    def host(self, scope: Mapping[str, Any], headers: Headers) -> str:
        """The host that the browser asked, as far as we or a trusted proxy can tell."""
        return host_asked(scope, headers, self._trusted)

    def is_https(self, scope: Mapping[str, Any], headers: Headers) -> bool:
        """Whether the visitor's browser speaks https, as far as we or a trusted proxy can tell."""
        said = headers.get(b"x-forwarded-proto")
        if said and is_trusted_peer(peer_of(scope), self._trusted):
            return said.rpartition(b",")[2].strip().lower() == b"https"
        return bool(scope.get("scheme") == "https")


_NO_IDS = Ids()


def _state(value: str | None, came: bool) -> CookieState:
    return "valid" if value is not None else "malformed" if came else "missing"


class _Page(NamedTuple):
    """A page's address in pieces, and the related request data."""

    origin: str
    host: str | None
    path: str
    query: bytes
    fragment: str
    """With its mark."""
    referrer: str | None
    fetch_site: bytes


def _read_page(policy: CapturePolicy, page: _Page, ids: Ids, source: Literal["request", "client"]) -> Capture:
    refused: dict[str, str] = {}
    utm: dict[str, str] = {}
    clicks: dict[str, str] = {}
    extra: dict[str, str] = {}
    kept, query = page.query, ""
    cut: dict[str, str] = {}
    said = page.referrer
    if kept or page.fragment or may_hold_marks(page.path):
        kept, fragment, cut = _bounded_page(page, policy.max_query_bytes)
        query = ascii_url(kept)
        landing = parse_landing(_address(page, query, fragment), said)
        if landing.named_referrer is not None:
            said = landing.named_referrer
        utm, clicks, refused = landing.utm, landing.click_ids, landing.refused
        if utm or clicks:
            utm, clicks = _without_persons(utm, refused), _without_subscribers(policy, clicks, refused)
        if policy.extra_keys and query:
            extra = _extra(query, policy, refused)
    path = scrub_path(page.path, policy.secret_keys)
    url = None if cut else _landing_url(policy, page, path, query)
    if url is None:
        refused.update(cut, landing_url="too_long")
    referrer = read_referrer(
        said,
        own_host=page.host,
        own_hosts=policy.own_hosts,
        fetch_site=page.fetch_site,
        more_keys=policy.secret_keys,
    )
    return Capture(
        None if utm or clicks or referrer.is_signal else "no_signal",
        utm,
        clicks,
        extra,
        refused,
        *ids,
        True,
        source,
        referrer,
        page.host,
        path if path and len(path) <= MAX_PATH_LENGTH else None,
        url or None,
        kept,
    )


def _address(page: _Page, query: str, fragment: str) -> str:
    """The address to be read; its path only where that may hold tags, for it may be long and nearly never does."""
    path = page.path[:MAX_PATH_LENGTH] if may_hold_marks(page.path) else "/"
    return f"//{page.host or ''}{path}?{query}{fragment}"


def _landing_url(policy: CapturePolicy, page: _Page, path: str, query: str) -> str | None:
    length = len(page.origin) + len(page.path) + len(query) + len(page.fragment)
    if length >= policy.max_url_length:
        return None
    url = page.origin + path
    if query:
        url = f"{url}?{scrub_pairs(query, policy.secret_keys)}"
    return f"{url}#{scrub_pairs(page.fragment[1:], policy.secret_keys)}" if page.fragment else url


def _bounded_page(page: _Page, limit: int) -> tuple[bytes, str, dict[str, str]]:
    """Query and fragment as far as they are read, and which of them was too long."""
    query, is_cut = _bounded(page.query, limit)
    fragment, is_fragment_cut = _bounded(page.fragment.encode("ascii"), limit) if page.fragment else (b"", False)
    cut = {"query": "too_long"} if is_cut else {}
    return query, fragment.decode("ascii"), {**cut, "fragment": "too_long"} if is_fragment_cut else cut


def _bounded(query: bytes, limit: int) -> tuple[bytes, bool]:
    """The query, or its first whole parameters where it is longer than the limit."""
    if len(query) <= limit:
        return query, False
    return query[: query.rfind(b"&", 0, limit + 1) + 1].removesuffix(b"&"), True


def _without_persons(values: dict[str, str], refused: dict[str, str]) -> dict[str, str]:
    """The values that name nobody."""
    named = [name for name, value in values.items() if (names_person if name in CLICK_IDS else is_personal)(value)]
    refused.update(dict.fromkeys(named, "personal"))
    return {name: value for name, value in values.items() if name not in named} if named else values


def _without_subscribers(policy: CapturePolicy, clicks: dict[str, str], refused: dict[str, str]) -> dict[str, str]:
    """The click ids that name nobody, nor stand for one subscriber."""
    clicks = _without_persons(clicks, refused)
    if policy.keep_personal_ids or not any(CLICK_IDS[name].is_personal for name in clicks):
        return clicks
    refused.update((name, "personal") for name in clicks if CLICK_IDS[name].is_personal)
    return {name: value for name, value in clicks.items() if not CLICK_IDS[name].is_personal}


def _extra(query: str, policy: CapturePolicy, refused: dict[str, str]) -> dict[str, str]:
    """The first valid value of each of the app's own parameters; none of what is taken out of URLs."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        raw, _, value = pair.partition("=")
        name = unquote_plus(raw) if len(raw) <= 256 else ""
        if name not in policy.extra_keys or name in found:
            continue
        text, reason = checked_value(name, unquote_plus(value))
        if text is not None and (is_secret_key(name, policy.secret_keys) or kind_in(text, name)):
            text, reason = None, "personal"
        if text is not None:
            found[name] = text
            refused.pop(name, None)
        elif reason is not None:
            refused.setdefault(name, reason)
    return found

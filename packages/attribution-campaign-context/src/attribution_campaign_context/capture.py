"""The sound reading of a request, or of a URL that a client reports, under a policy.

A :class:`Capture` is what was read and why anything was left out; a touch is the part of it that is recorded. Nothing
here raises for what a visitor sends, and time is linear in its length.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote_plus

from attribution_campaign_context.cookies import first_cookie
from attribution_campaign_context.extract import AttributionContext
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.parsing import checked_value, host_of, parse_landing
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.privacy import client_address, is_trusted_peer
from attribution_campaign_context.referrers import Referrer, read_referrer
from attribution_campaign_context.registry import CLICK_IDS
from attribution_campaign_context.requests import Headers, ascii_url, is_under, peer_of, purpose_of, raw_path
from attribution_campaign_context.scrub import is_personal, scrub_url

Skipped = Literal["consent", "gpc", "dnt", "method", "path", "prefetch", "asset", "fetch", "frame", "bot", "no_signal"]
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
    good = [None if one is None or not matches(one) else one for one in (visitor_id, session_id)]
    states = [_state(one, came is not None) for one, came in zip(good, (visitor_id, session_id), strict=True)]
    clean = ascii_url(url.strip().encode("utf-8", "replace"))
    before, mark, fragment = clean.partition("#")
    start, _, query = before.partition("?")
    found = _read_landing(
        policy, start, query.encode(), f"#{fragment[: policy.max_query_bytes]}" if mark else "", Headers(()), referrer
    )
    capture = found._replace(source="client", **Ids(good[0], good[1], states[0], states[1])._asdict())
    return capture if capture.has_signal else capture._replace(skipped="no_signal")


def touch_of(
    capture: Capture, policy: CapturePolicy, *, user_agent: str = "", address: str | None = None
) -> AttributionTouch:
    """The touch of a capture, with a new id, its times, and hashes of user agent and address.

    ``address`` is the client's, already freed of proxies
    (:func:`~attribution_campaign_context.privacy.client_address`).
    """
    now = policy.clock()
    agent = policy.keys.digest("user_agent", user_agent) if user_agent and policy.hash_user_agent else None
    # Every value has its type by construction here, so pydantic need not prove it again on the hot path.
    return AttributionTouch.model_construct(
        _TOUCH_FIELDS,
        id=policy.id_factory(),
        visitor_id=capture.visitor_id,
        session_id=capture.session_id,
        utm_source=capture.utm.get("utm_source"),
        utm_medium=capture.utm.get("utm_medium"),
        utm_campaign=capture.utm.get("utm_campaign"),
        utm_term=capture.utm.get("utm_term"),
        utm_content=capture.utm.get("utm_content"),
        utm_id=capture.utm.get("utm_id"),
        click_ids=capture.click_ids.copy(),
        landing_path=capture.landing_path,
        landing_url=capture.landing_url,
        referer=capture.referrer.url if capture.referrer.is_signal else None,
        user_agent_hash=agent,
        ip_hash=policy.keys.digest("ip", address) if address and policy.hash_ip else None,
        raw_params={**capture.utm, **capture.click_ids, **capture.extra},
        created_at=now,
        expires_at=now + policy.retention,
    )


_TOUCH_FIELDS = set(AttributionTouch.model_fields)


class RequestReader:
    """Reads requests under one policy; what does not depend on the request is worked out once."""

    __slots__ = ("_accepts", "_session_name", "_trusted", "_visitor_name", "policy")

    def __init__(self, policy: CapturePolicy) -> None:
        self.policy = policy
        self._accepts = policy.id_expression.fullmatch
        self._visitor_name = policy.visitor_cookie.encode("ascii")
        self._session_name = policy.session_cookie.encode("ascii")
        self._trusted = policy.networks

    def objection(self, headers: Headers) -> Literal["gpc", "dnt"] | None:
        """The privacy signal of the browser that stands against keeping anything."""
        if self.policy.respect_gpc and headers.get(b"sec-gpc") == b"1":
            return "gpc"
        return "dnt" if self.policy.respect_dnt and headers.get(b"dnt") == b"1" else None

    def ids(self, headers: Headers) -> Ids:
        """The ids that the browser came with."""
        if not headers.cookies:
            return _NO_IDS
        visitor, visitor_came = first_cookie(headers.cookies, self._visitor_name, self._accepts)
        session, session_came = first_cookie(headers.cookies, self._session_name, self._accepts)
        return Ids(visitor, session, _state(visitor, visitor_came), _state(session, session_came))

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
        return "bot" if is_bot and is_bot(headers.text(b"user-agent", MAX_USER_AGENT_BYTES)) else None

    def page(self, scope: Mapping[str, Any], headers: Headers, ids: Ids) -> Capture:
        """What opening a page says."""
        query = bytes(scope.get("query_string") or b"")
        start = self._origin(scope, headers) + raw_path(scope)
        said = headers.text(b"referer", _REFERRER_READ) if headers.has(b"referer") else None
        capture = _read_landing(self.policy, start, query, "", headers, said)
        return capture._replace(
            skipped=None if capture.has_signal else "no_signal",
            visitor_id=ids.visitor_id,
            session_id=ids.session_id,
            visitor_cookie=ids.visitor_cookie,
            session_cookie=ids.session_cookie,
        )

    def touch(self, capture: Capture, scope: Mapping[str, Any], headers: Headers) -> AttributionTouch:
        """The touch of a capture of this request."""
        address = client_address(peer_of(scope), headers.forwarded, self._trusted) if self.policy.hash_ip else None
        agent = headers.text(b"user-agent", MAX_USER_AGENT_BYTES)
        return touch_of(capture, self.policy, user_agent=agent, address=address)

    def is_https(self, scope: Mapping[str, Any], headers: Headers) -> bool:
        """Whether the visitor's browser speaks https, as far as we or a trusted proxy can tell."""
        said = headers.get(b"x-forwarded-proto")
        if said and is_trusted_peer(peer_of(scope), self._trusted):
            return said.rpartition(b",")[2].strip().lower() == b"https"
        return bool(scope.get("scheme") == "https")

    def _origin(self, scope: Mapping[str, Any], headers: Headers) -> str:
        host = headers.text(b"host", 300)
        if host and host_of("//" + host) is None:
            host = ""
        server = scope.get("server")
        if not host and server and server[1] is not None:
            host = f"[{server[0]}]:{server[1]}" if ":" in str(server[0]) else f"{server[0]}:{server[1]}"
        scheme = "https" if self.is_https(scope, headers) else "http"
        return f"{scheme}://{host.lower()}" if host else ""


_NO_IDS = Ids()
_REFERRER_READ = 2_048


def _state(value: str | None, came: bool) -> CookieState:
    return "valid" if value is not None else "malformed" if came else "missing"


def _read_landing(
    policy: CapturePolicy, start: str, raw_query: bytes, fragment: str, headers: Headers, referrer: str | None
) -> Capture:
    """Everything but ids: ``start`` is what stands before the question mark, ``fragment`` has its mark or is empty."""
    kept, is_cut = _bounded(raw_query, policy.max_query_bytes)
    query = ascii_url(kept)
    url = f"{start}?{query}{fragment}" if query else start + fragment
    landing = parse_landing(url)
    refused = {**landing.refused, "query": "too_long"} if is_cut else landing.refused
    utm, clicks = landing.utm, landing.click_ids
    if utm or clicks:
        utm, clicks = _without_persons(utm, refused), _without_persons(clicks, refused, policy.keep_personal_ids)
    extra = _extra(query, policy.extra_keys, refused) if policy.extra_keys and query else {}
    scrubbed = scrub_url(url, policy.secret_keys) if not is_cut and len(url) <= policy.max_url_length else None
    path = _path_of(scrubbed if scrubbed is not None else scrub_url(start, policy.secret_keys))
    if scrubbed is None:
        refused["landing_url"] = "too_long"
    return Capture(
        skipped=None,
        utm=utm,
        click_ids=clicks,
        extra=extra,
        referrer=read_referrer(
            referrer,
            own_host=landing.host,
            own_hosts=policy.own_hosts,
            fetch_site=headers.get(b"sec-fetch-site").lower(),
            more_keys=policy.secret_keys,
        ),
        host=landing.host,
        landing_path=path if path and len(path) <= MAX_PATH_LENGTH else None,
        landing_url=scrubbed or None,
        refused=refused,
        raw_query=kept,
    )


def _bounded(query: bytes, limit: int) -> tuple[bytes, bool]:
    """The query, or its first whole parameters where it is longer than the limit."""
    if len(query) <= limit:
        return query, False
    return query[: query.rfind(b"&", 0, limit + 1) + 1].removesuffix(b"&"), True


def _path_of(url: str) -> str:
    rest = url.partition("://")[2]
    path = url if not rest else rest[rest.find("/") :] if "/" in rest else ""
    return path.partition("?")[0].partition("#")[0]


def _without_persons(
    values: dict[str, str], refused: dict[str, str], keep_subscribers: bool | None = None
) -> dict[str, str]:
    """The values that name nobody; a dictionary without anything to refuse is returned as it is."""
    named = [
        name
        for name, value in values.items()
        if is_personal(value) or (keep_subscribers is False and CLICK_IDS[name].is_personal)
    ]
    if not named:
        return values
    refused.update(dict.fromkeys(named, "personal"))
    return {name: value for name, value in values.items() if name not in named}


def _extra(query: str, keys: frozenset[str], refused: dict[str, str]) -> dict[str, str]:
    """The first valid value of each of the app's own parameters."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        raw, _, value = pair.partition("=")
        name = unquote_plus(raw) if len(raw) <= 256 else ""
        if name not in keys or name in found:
            continue
        text, reason = checked_value(name, unquote_plus(value))
        if text is not None and is_personal(text):
            text, reason = None, "personal"
        if text is not None:
            found[name] = text
            refused.pop(name, None)
        elif reason is not None:
            refused.setdefault(name, reason)
    return found

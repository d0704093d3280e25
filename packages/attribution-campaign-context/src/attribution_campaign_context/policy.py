"""How the sound mode captures: one frozen object, checked when it is made, with every default on the careful side."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Literal, get_args

from attribution_campaign_context.bots import is_declared_bot
from attribution_campaign_context.consent import Consent
from attribution_campaign_context.cookies import (
    CONSENT_COOKIE,
    SESSION_COOKIE,
    VISITOR_AGE,
    VISITOR_COOKIE,
    SameSite,
    check_name,
    cookie_tail,
)
from attribution_campaign_context.ids import uuid7
from attribution_campaign_context.parsing import host_of
from attribution_campaign_context.personal_kinds import plain_name
from attribution_campaign_context.privacy import Network, RotatingKeys

MAX_COOKIE_AGE = 400 * 86_400
"""Seconds after which browsers delete any cookie (RFC 6265bis, section 5.5)."""

ASSET_EXTENSIONS = frozenset(
    {
        "avif", "bmp", "css", "csv", "eot", "gif", "ico", "jpeg", "jpg", "js", "json", "map", "mjs", "mp3", "mp4",
        "ogg", "otf", "png", "svg", "ttf", "txt", "wasm", "wav", "webm", "webmanifest", "webp", "woff", "woff2", "xml",
    }
)  # fmt: skip
"""Endings of paths that are no pages; a browser's own word (``Sec-Fetch-Dest``) goes before them."""

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True, kw_only=True)
class CapturePolicy:
    """What the middleware keeps, sets and leaves alone; give it as ``AttributionMiddleware(app, policy=…)``.

    Every field has a default; a value that cannot work raises ``ValueError`` here and not in a request.

    >>> CapturePolicy(own_hosts={"pay.shop.example"}, consent=lambda scope: True).session_timeout
    datetime.timedelta(seconds=1800)
    >>> CapturePolicy(visitor_age=timedelta(days=500))
    Traceback (most recent call last):
        ...
    ValueError: visitor_age is 1 second to 400 days, because browsers keep no cookie longer; got 500 days, 0:00:00.

    Do not use one without ``consent`` where the law asks for consent: without it every visitor counts as having agreed.
    """

    visitor_cookie: str = VISITOR_COOKIE
    """Name of the cookie with the durable id of the browser. Touchline's tracker reads and makes the same one."""
    session_cookie: str = SESSION_COOKIE
    """Name of the cookie with the id of the visit."""
    visitor_age: timedelta = VISITOR_AGE
    """How long the visitor cookie lives from the first visit (13 months); it is not renewed. 1 second to 400 days."""
    session_timeout: timedelta = timedelta(minutes=30)
    """How long a visit goes on without a page; the session cookie is sent again with each page. 1 minute to 1 day."""
    secure: Literal["https", "always", "never"] = "https"
    """When cookies are ``Secure``: over https (``X-Forwarded-Proto`` of a trusted proxy counts), or forced."""
    same_site: SameSite = "Lax"
    """``None`` needs ``secure="always"``. ``Strict`` loses the ids of every visitor who comes from another site."""
    http_only: bool = False
    """Whether scripts are kept from the cookies; the tracker can then no longer share them."""
    cookie_domain: str | None = None
    """``None`` is the host of the request alone; ``shop.example`` shares the ids with its subdomains."""
    cookie_path: str = "/"
    """Where on the host the cookies are sent; begins with ``/``."""
    id_pattern: str | None = None
    """Expression that a whole id from a cookie must match; ``None`` is a UUID. What does not match is replaced."""
    id_factory: Callable[[], str] = uuid7
    """Makes ids for visitors, sessions and touches; they must match ``id_pattern``."""
    visitor_ids: Literal["cookies", "cookieless", "anonymous"] = "cookies"
    """By what visitors are recognized, as in Touchline's setting of the same name. ``cookieless``: no cookie is set or
    read, and a hash of address and user agent with the key of the day (:attr:`keys`) is the visitor and the visit.
    ``anonymous``: by nothing, so there is no touch (skipped as ``anonymous``). Both delete the cookies of before."""
    site_id: str = ""
    """With ``cookieless``: the site's id in Touchline. With the folder of keys of a server on the same machine,
    ``keys=RotatingKeys(KeyFolder(home / "daily_keys"))``, a visitor then has the id that the server gives it."""

    own_hosts: frozenset[str] = frozenset()
    """Further hosts whose links are no signal, with their subdomains; the request's own host always is one."""
    methods: frozenset[str] = frozenset({"GET"})
    """Methods that can be a visit; in capitals."""
    only_paths: tuple[str, ...] = ()
    """If any, only these paths are captured: each with everything below it (``/shop`` has ``/shop/a``, not
    ``/shops``)."""
    ignored_paths: tuple[str, ...] = ()
    """Paths that are not captured, each with everything below it; they win over ``only_paths``."""
    asset_extensions: frozenset[str] = ASSET_EXTENSIONS
    """Endings, without dot and in lower case, of paths that are no pages."""
    is_bot: Callable[[str], bool] | None = is_declared_bot
    """Says of a user agent whether it is a program; ``None`` lets all through."""

    consent: Consent | None = None
    """Asked for every request with its scope, sync or async; only ``True`` is consent. ``None``: not asked here."""
    consent_cookie: str | None = CONSENT_COOKIE
    """Name of the cookie in which the tracker and Touchline's server keep a visitor's choice for the whole site: a
    refusal in it counts, whatever ``consent`` says. ``None``: it is not read."""
    respect_gpc: bool = True
    """Whether ``Sec-GPC: 1`` counts as no consent, whatever ``consent`` says."""
    respect_dnt: bool = False
    """Whether ``DNT: 1`` counts as no consent; browsers are giving it up."""
    expire_cookies: bool = False
    """Whether our cookies are deleted from a browser that comes with them where ``consent`` says no. Where the browser
    itself refuses, by a signal or by the choice that it keeps, they always are."""

    extra_keys: frozenset[str] = frozenset()
    """Further parameters for ``raw_params``, by their exact name; they are no signal. One whose value is taken out of
    URLs, by ``secret_keys`` or by the library's own list, is refused as ``personal``."""
    keep_personal_ids: bool = False
    """Whether click ids that name one subscriber (``mc_eid``, ``mkt_tok``, …) are kept; else they are refused."""
    secret_keys: frozenset[str] = frozenset()
    """Further parameters whose values are taken out of URLs; case and punctuation do not matter."""
    max_query_bytes: int = 8_192
    """Bytes of a query that are read; it is cut between parameters, never within. 256 to 65,536."""
    max_url_length: int = 4_096
    """Characters of a landing URL; a longer one is left out, not cut. 256 to 65,536."""

    keys: RotatingKeys = field(default_factory=RotatingKeys)
    """Keys for ``user_agent_hash`` and ``ip_hash``. Several processes need a common source."""
    hash_user_agent: bool = True
    """Whether touches have a ``user_agent_hash``."""
    hash_ip: bool = True
    """Whether touches have an ``ip_hash``."""
    trusted_proxies: int | tuple[str, ...] = 0
    """How many proxies stand in front of the app (0 to 16), or their networks, such as ``("10.0.0.0/8",)``."""
    retention: timedelta = timedelta(days=395)
    """Time from ``created_at`` to ``expires_at``, after which a touch is to be deleted. 1 day to 10 years."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The time of touches, with its zone."""

    record: Literal["after", "before"] = "after"
    """``after``: the recorder runs once the app has answered, so no visitor waits for it. ``before``: it is awaited
    first, for apps whose handlers need the stored touch."""
    on_recorder_failure: Literal["count", "raise"] = "count"
    """``count``: a failure is counted and logged. ``raise``: it is passed on too, which needs ``record="before"``."""
    max_pending: int = 1_000
    """Touches being recorded at one time; beyond that a touch is counted as refused and let go. 1 to 1,000,000."""
    drain_timeout: timedelta = timedelta(seconds=5)
    """How long a shutdown waits for touches whose requests were cut off. 0 to 5 minutes."""

    def __post_init__(self) -> None:
        """Turn the collections into what they are declared to be, then check every field."""
        for name in ("own_hosts", "methods", "asset_extensions", "extra_keys", "secret_keys"):
            object.__setattr__(self, name, _frozen(name, getattr(self, name)))
        object.__setattr__(self, "secret_keys", frozenset(map(plain_name, self.secret_keys)))
        for name in ("only_paths", "ignored_paths"):
            object.__setattr__(self, name, _paths(name, getattr(self, name)))
        object.__setattr__(self, "own_hosts", frozenset(map(_own_host, self.own_hosts)))
        self._check_numbers()
        self._check_choices()
        self._check_cookies()
        self.networks  # noqa: B018 - raises for what is no network

    @property
    def networks(self) -> int | tuple[Network, ...]:
        """``trusted_proxies`` as :func:`~attribution_campaign_context.privacy.client_address` takes it."""
        trusted = self.trusted_proxies
        if isinstance(trusted, int):
            if isinstance(trusted, bool) or not 0 <= trusted <= 16:
                raise ValueError(f"trusted_proxies is a number from 0 to 16 or a tuple of networks; got {trusted!r}.")
            return trusted
        if isinstance(trusted, str):
            raise ValueError(f"trusted_proxies is a tuple of networks; write ({trusted!r},).")
        return tuple(ip_network(network) for network in trusted)

    @property
    def id_expression(self) -> re.Pattern[str]:
        """The expression that a whole cookie id must match."""
        return re.compile(_UUID if self.id_pattern is None else self.id_pattern)

    def tail(self, max_age: timedelta, *, is_https: bool, domain: str | None = None) -> bytes:
        """What follows ``name=value`` in our ``Set-Cookie`` headers; ``domain`` is another one than the policy's."""
        return cookie_tail(
            max_age=int(max_age.total_seconds()),
            domain=domain or self.cookie_domain,
            path=self.cookie_path,
            secure=self.secure == "always" or (self.secure == "https" and is_https),
            http_only=self.http_only,
            same_site=self.same_site,
        )

    def _check_cookies(self) -> None:
        if check_name(self.visitor_cookie) == check_name(self.session_cookie):
            raise ValueError(f"visitor_cookie and session_cookie are two cookies; both are {self.visitor_cookie!r}.")
        if self.same_site == "None" and self.secure != "always":
            raise ValueError('same_site="None" needs secure="always": browsers refuse such a cookie without Secure.')
        if self.consent_cookie is not None:
            check_name(self.consent_cookie)
        self.tail(self.visitor_age, is_https=True)
        try:
            expression = self.id_expression
        except re.error as problem:
            raise ValueError(f"id_pattern is a regular expression; {self.id_pattern!r} is not: {problem}.") from None
        made = self.id_factory()
        if not expression.fullmatch(made):
            raise ValueError(f"id_factory must make ids that match id_pattern; it made {made!r}. Change one of them.")

    def _check_choices(self) -> None:
        kinds = {one.name: one.type for one in fields(self)}
        for name in ("visitor_ids", "secure", "same_site", "record", "on_recorder_failure"):
            allowed = get_args(kinds[name])
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(map(repr, allowed))}; got {getattr(self, name)!r}.")
        if self.on_recorder_failure == "raise" and self.record == "after":
            raise ValueError('on_recorder_failure="raise" needs record="before": after the answer nobody can be told.')
        for method in self.methods:
            if method != method.upper():
                raise ValueError(f"methods are written in capitals; got {method!r}.")

    def _check_numbers(self) -> None:
        _between("visitor_age", self.visitor_age, timedelta(seconds=1), timedelta(seconds=MAX_COOKIE_AGE), _WHY_400)
        _between("session_timeout", self.session_timeout, timedelta(minutes=1), timedelta(days=1))
        _between("retention", self.retention, timedelta(days=1), timedelta(days=3_653))
        _between("drain_timeout", self.drain_timeout, timedelta(0), timedelta(minutes=5))
        _between("max_query_bytes", self.max_query_bytes, 256, 65_536)
        _between("max_url_length", self.max_url_length, 256, 65_536)
        _between("max_pending", self.max_pending, 1, 1_000_000)


_WHY_400 = ", because browsers keep no cookie longer"


def _between(name: str, value: object, low: int | timedelta, high: int | timedelta, why: str = "") -> None:
    if type(value) is not type(low) or not low <= value <= high:  # type: ignore[operator]
        shown = f"{low} to {high}" if isinstance(low, int) else f"{_words(low)} to {_words(high)}"
        raise ValueError(f"{name} is {shown}{why}; got {value}.")


def _words(time: int | timedelta) -> str:
    seconds = int(time.total_seconds()) if isinstance(time, timedelta) else time
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {word}{'s' if seconds // size > 1 else ''}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _frozen(name: str, values: object) -> frozenset[str]:
    if isinstance(values, str) or not isinstance(values, set | frozenset | list | tuple):
        raise ValueError(f"{name} is a set of texts; got {values!r}. Write {{{str(values)!r}}}.")
    return frozenset(values)


def _paths(name: str, values: object) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, set | frozenset | list | tuple):
        raise ValueError(f"{name} is a tuple of paths; got {values!r}. Write ({str(values)!r},).")
    for path in values:
        if not isinstance(path, str) or not path.startswith("/"):
            raise ValueError(f"Every path in {name} begins with '/'; got {path!r}.")
    return tuple(values)


def _own_host(host: str) -> str:
    found = host_of(host) if "/" not in host else None
    if found is None:
        raise ValueError(f"own_hosts are host names such as 'shop.example'; got {host!r}.")
    return found

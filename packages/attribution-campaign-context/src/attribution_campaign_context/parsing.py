"""What a landing URL and a referrer say about where a visit came from: pure functions of the standard library.

Nothing here raises, whatever it is given, and everything is linear in the length of the input. The rules:

* URLs have the generic syntax of RFC 3986 (appendix B); a backslash ends the host, as in browsers (WHATWG).
* Keys are matched without regard to case.
* Query and fragment are both read (``#utm_…``, ``#?utm_…``, ``#/route?utm_…``).
* For UTM parameters the fragment wins over the query where both have a valid value; for all others the query does.
* Where a key comes more than once, its first non-empty valid value wins.
* ``utm_source`` and ``utm_medium`` are lower-cased, every other value is kept as it came, trimmed.
* A value that is a placeholder, a template nobody filled in, too long, or has control characters is refused, never
  repaired or cut, and :attr:`Landing.refused` says why.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from attribution_campaign_context.registry import (
    AD_REFS,
    ADSET_REFS,
    CAMPAIGN_REFS,
    CLICK_IDS,
    NORMALIZED_LOWER_KEYS,
    UTM_KEYS,
)

MAX_UTM_LENGTH = 256
"""Characters that a UTM value or an ad platform's id may have."""
MAX_CLICK_ID_LENGTH = 512
"""Characters that a click id may have. A longer one is refused: half a click id matches nothing."""

PLACEHOLDERS = frozenset(
    {
        "null", "undefined", "none", "unknown", "n/a", "na", "nil", "nan", "not set", "(not set)", "(none)",
        "(null)", "[]", "()", "[object object]",
    }
)  # fmt: skip
"""Values (lower case) that tags send when they have nothing to say."""

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no value may have: C0 and C1 control characters, and halves of surrogate pairs, which no UTF-8 can say."""

_TEMPLATE = re.compile(r"[{}]|%7[bd]|\[[%\[]|%%|\*\||\$\(|\A__\w+__\Z", re.IGNORECASE)
_URL = re.compile(
    r"(?:([a-z][a-z0-9+.-]*):)?(?://([^/?#\\]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_REFS = frozenset({*CAMPAIGN_REFS, *ADSET_REFS, *AD_REFS})
_KNOWN = UTM_KEYS | CLICK_IDS.keys() | _REFS
_LONGEST_KEY = 64
_LONGEST_REMEMBERED = 40


class Landing(NamedTuple):
    """What one landing says; every text in it has at least one character."""

    utm: dict[str, str]
    """The UTM parameters that have a valid value, by their lower-case name."""
    click_ids: dict[str, str]
    """The click ids that have a valid value, by their registry name; values keep their case and length."""
    campaign_ref: str | None
    """The ad platform's campaign id."""
    adset_ref: str | None
    ad_ref: str | None
    host: str | None
    """Host of the page: lower case, without port and leading ``www.``."""
    path: str | None
    """Path of the page as it came."""
    referrer_host: str | None
    """Host of the referrer, in the same form; an Android app's is its package name."""
    refused: dict[str, str]
    """The known parameters that came without any valid value, and the reason: ``placeholder``, ``template``,
    ``too_long``, ``control_character`` or ``bad_encoding``. An empty parameter is not refused, it is absent."""


def parse_landing(url: str | None, referrer: str | None = None) -> Landing:
    """Reads the campaign marks of a landing URL, and the host of its referrer.

    ``url`` may be absolute, relative or without a scheme.

    >>> landing = parse_landing(
    ...     "https://www.shop.com/a?UTM_Source=Google&gclid=Cj0_x#utm_term=x", "https://www.google.com/"
    ... )
    >>> landing.utm, landing.click_ids, landing.host, landing.referrer_host
    ({'utm_source': 'google', 'utm_term': 'x'}, {'gclid': 'Cj0_x'}, 'shop.com', 'google.com')
    """
    referrer_host = host_of(referrer) if referrer else None
    if not url:
        return Landing({}, {}, None, None, None, None, None, referrer_host, {})
    authority, path, query, fragment = _split(url)
    host = _host(authority) if authority else None
    if not query and not fragment:
        return Landing({}, {}, None, None, None, host, path or None, referrer_host, {})
    refused: dict[str, str] = {}
    found = _read(query, refused) if query else {}
    if fragment:
        _merge(found, _read(fragment.partition("?")[2] or fragment, refused))
    for name in found:
        refused.pop(name, None)
    return Landing(
        {name: value for name, value in found.items() if name in UTM_KEYS},
        {name: value for name, value in found.items() if name in CLICK_IDS},
        _first(found, CAMPAIGN_REFS),
        _first(found, ADSET_REFS),
        _first(found, AD_REFS),
        host,
        path or None,
        referrer_host,
        refused,
    )


def host_of(url: str) -> str | None:
    """The host of a URL: lower case, without port, user and leading ``www.``; ``None`` if it has no valid host.

    >>> host_of("https://WWW.Example.com:8443/x"), host_of("about:blank")
    ('example.com', None)
    >>> host_of("android-app://com.google.android.gm/")
    'com.google.android.gm'
    """
    authority = _split(url)[0]
    return _host(authority) if authority else None


def checked_value(name: str, text: str) -> tuple[str | None, str | None]:
    """The valid value of a parameter from its decoded text, and else the reason for which it is refused.

    Both are ``None`` where the text is empty.

    >>> checked_value("utm_source", " Google "), checked_value("gclid", "{gclid}")
    (('google', None), (None, 'template'))
    """
    if not text.isprintable() and CONTROL_CHARACTER.search(text):
        return None, "control_character"
    value = text.strip()
    if not value:
        return None, None
    if len(value) > (MAX_CLICK_ID_LENGTH if name in CLICK_IDS else MAX_UTM_LENGTH):
        return None, "too_long"
    if value.lower() in PLACEHOLDERS:
        return None, "placeholder"
    if _may_be_template(value) and _TEMPLATE.search(value):
        return None, "template"
    return (value.lower() if name in NORMALIZED_LOWER_KEYS else value), None


def _may_be_template(value: str) -> bool:
    """Whether a value has what each alternative of the pattern has; one character is found 20 times as fast."""
    return (
        "{" in value or "}" in value or "%" in value or "[" in value or "|" in value or "$" in value
        or value.startswith("__")
    )  # fmt: skip


def _split(url: str) -> tuple[str, str, str, str]:
    """Authority, path, query and fragment; a URL without scheme and slashes whose start looks like a host has one."""
    match = _URL.match(url.strip())
    scheme, authority, path, query, fragment = match.groups("") if match else ("", "", "", "", "")
    if not scheme and not authority and path[:1] not in ("", "/"):
        start, slash, rest = path.partition("/")
        if "." in start.strip(".") and len(start) <= 260:
            authority, path = start, slash + rest
    return authority, path, query, fragment


@lru_cache(maxsize=4096)
def _host(authority: str) -> str | None:
    host = authority.rpartition("@")[2].lower()
    if host.startswith("["):
        inside, closing, _ = host[1:].partition("]")
        return inside if closing and ":" in inside and not inside.strip("0123456789abcdef:.") else None
    host, _, port = host.partition(":")
    if port.strip("0123456789"):
        return None
    host = _ascii(host.removesuffix("."))
    if len(host) > 253 or not _HOST.fullmatch(host):
        return None
    return host[4:] if host.startswith("www.") and "." in host[4:] else host


def _ascii(host: str) -> str:
    """The host in its ASCII form (``xn--…``), or the empty string if it has none."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii") if len(host) <= 253 else ""
    except UnicodeError:
        return ""


@lru_cache(maxsize=4096)
def _known_name(key: str) -> str | None:
    """The canonical name of a parameter's key, or ``None`` if it means nothing to us.

    A link copied out of HTML source says ``&amp;utm_medium=…``, whence the key ``amp;utm_medium``.
    """
    name = unquote(key).strip().lower().removeprefix("amp;")
    return name if name in _KNOWN else None


def _read(query: str, refused: dict[str, str]) -> dict[str, str]:
    """The first valid value of each known parameter; a refused one is noted if it is the first of its name."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, value, reason = _remembered(pair) if len(pair) <= _LONGEST_REMEMBERED else _said(pair)
        if name is None or name in found:
            continue
        if value is not None:
            found[name] = value
        elif reason is not None:
            refused.setdefault(name, reason)
    return found


def _said(pair: str) -> tuple[str | None, str | None, str | None]:
    """Name and valid value of a known parameter, and else the reason for which it is refused."""
    key, _, raw = pair.partition("=")
    name = _known_name(key) if raw and len(key) <= _LONGEST_KEY else None
    if name is None:
        return None, None, None
    text = _decoded(name, raw)
    return (name, *checked_value(name, text)) if text is not None else (name, None, "bad_encoding")


_remembered = lru_cache(maxsize=4096)(_said)
"""For names of campaigns and the like, which come again and again; a click id comes once, and is longer."""


def _decoded(name: str, raw: str) -> str | None:
    """Percent-decoded text. Bad UTF-8 becomes U+FFFD, except in a click id, which is exact or nothing.

    A plus sign is a space in words, but in a click id it is a plus sign: these are opaque, and none has spaces.
    """
    if name in CLICK_IDS:
        if "%" not in raw:
            return raw
        try:
            return unquote(raw, errors="strict")
        except UnicodeDecodeError:
            return None
    if "+" in raw:
        raw = raw.replace("+", " ")
    return unquote(raw) if "%" in raw else raw


def _merge(found: dict[str, str], fragment: dict[str, str]) -> None:
    for name, value in fragment.items():
        if name in UTM_KEYS or name not in found:
            found[name] = value


def _first(found: dict[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        if name in found:
            return found[name]
    return None

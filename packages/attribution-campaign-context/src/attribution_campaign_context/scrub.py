"""URLs without the secrets and persons that apps and mailings write into them.

What is taken out: the user and password before the host; the values of parameters whose names say that they hold a
secret or a person (:mod:`attribution_campaign_context.personal_kinds`); values and path segments that have something
personal in them (:mod:`attribution_campaign_context.personal_text`), wherever they stand: query, fragment, path, or a
URL inside a value; and the path segment after one such as ``/reset-password/``. Click ids, tags and ids keep their
digits. Ports that a scheme has anyway are dropped. Everything else stays as it came, to the byte.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from attribution_campaign_context.click_shapes import SCRUBBED, is_implausible
from attribution_campaign_context.personal_kinds import (
    DIGITS_AFTER,
    OWN,
    SECRET_SEGMENTS,
    Digits,
    digits_of_key,
    kind_of_parameter,
    plain_name,
)
from attribution_campaign_context.personal_text import kind_in, marked
from attribution_campaign_context.registry import CLICK_IDS

REDACTED = SCRUBBED
"""What stands where something was taken out."""

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]@[\w-]{1,63}\.\w")
_JWT = re.compile(r"(?<![\w-])ey[JKI][\w-]{8,}\.[\w-]{4,}\.?[\w-]*")
_URL = re.compile(r"((?:[a-z][a-z0-9+.-]*:)?//[^/?#\\]*)?([^?#]*)((?:\?[^#]*)?)(.*)", re.IGNORECASE | re.DOTALL)
_PAIR_ENDS = re.compile(r"([&;?#])")
_SUSPECT = re.compile(r"[%@=;:+]|[^\x00-\x7f]|\d\.\d|ey[JKI]|[^/]{16}")
_DEFAULT_PORTS = {"http:": "80", "ws:": "80", "https:": "443", "wss:": "443"}
_PERSONAL = frozenset(name for name, facts in CLICK_IDS.items() if facts.is_personal)
_LONGEST_KEPT_KEY, _LONGEST_KEPT_PATH = 64, 128
_NESTING = 3
"""How many URLs inside one another are looked into; each takes the length of the value once."""


class Names(NamedTuple):
    """An app's own names of parameters, in lower case and without anything but letters and digits."""

    more: frozenset[str] = frozenset()
    """Further names whose values are taken out."""
    kept: frozenset[str] = frozenset()
    """Names whose values stay, unless something personal is in them."""


_NO_NAMES = Names()


def scrub_url(url: str, more_keys: frozenset[str] = frozenset(), kept_keys: frozenset[str] = frozenset()) -> str:
    """The URL without credentials, tokens, personal data and default port; it may be relative.

    :param more_keys: as :attr:`Names.more`.
    :param kept_keys: as :attr:`Names.kept`.

    >>> scrub_url("https://ann:pw@shop.example:443/a?utm_source=x&access_token=y&next=%2Fb%3Fcode%3D7#mail=a@b.de")
    'https://shop.example/a?utm_source=x&access_token=redacted&next=redacted#mail=redacted'
    >>> scrub_url("/invite/3f9a7c1d5e2b8046/ann%40b.example/ok?from=203.0.113.9&gclid=Cj0_x")
    '/invite/redacted/redacted/ok?from=redacted&gclid=Cj0_x'
    """
    names = Names(more_keys, kept_keys) if more_keys or kept_keys else _NO_NAMES
    origin, path, query, fragment = split_url(plain_at(url))
    return "".join(
        (
            scrub_origin(origin),
            _path(path, names),
            query[:1],
            _pairs(query[1:], names),
            fragment[:1],
            _pairs(fragment[1:], names),
        )
    )


def plain_at(url: str) -> str:
    """The URL with a plain ``@`` where it has one as HTML's character reference, whose ``#`` would begin a fragment.

    >>> plain_at("/a?to=ann&#64;b.example")
    '/a?to=ann@b.example'
    """
    return _ESCAPED_AT.sub("@", url) if "&" in url and ("&#" in url or "&commat" in url) else url


_ESCAPED_AT = re.compile(r"&(?:amp;)?(?:#0{0,8}64|#[xX]0{0,8}40|commat);")


def split_url(url: str) -> tuple[str, str, str, str]:
    """Scheme with host, path, query with its mark, and fragment with its mark; together they are the URL.

    >>> split_url("https://a.example/b?c#d"), split_url("/b#")
    (('https://a.example', '/b', '?c', '#d'), ('', '/b', '', '#'))
    """
    match = _URL.match(url)
    assert match is not None  # noqa: S101 - the expression matches every text
    return match.group(1) or "", match[2], match[3], match[4]


def scrub_origin(origin: str) -> str:
    """Scheme and host without user, password and default port.

    >>> scrub_origin("https://ann:pw@shop.example:443")
    'https://shop.example'
    """
    scheme, slashes, authority = origin.partition("//")
    authority = authority.rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if colon and port in {"", _DEFAULT_PORTS.get(scheme.lower())} and (":" not in host or host.endswith("]")):
        authority = host
    return f"{scheme}{slashes}{authority}"


def is_personal(text: str) -> bool:
    """Whether a campaign tag has an e-mail address, a phone number, an address, a card or a secret in it.

    >>> is_personal("to:ann%40shop.example"), is_personal("120210000000000000"), is_personal("spring@home")
    (True, False, False)
    """
    return kind_in(text, digits=Digits.ID) is not None


def names_person(text: str) -> bool:
    """Whether a click id has an e-mail address or a JSON web token in it, percent-encoded or not.

    >>> names_person("ann%40shop.example"), names_person("Cj0KCQ_5f4dcc3b5aa765d61d8327deb882cf99")
    (True, False)
    """
    text = _decoded(text)
    return ("@" in text and _EMAIL.search(text) is not None) or ("ey" in text and _JWT.search(text) is not None)


def is_secret_key(
    key: str, more_keys: frozenset[str] = frozenset(), kept_keys: frozenset[str] = frozenset()
) -> bool:  # fmt: skip
    """Whether a parameter of this name holds a secret or a person.

    :param more_keys: as :attr:`Names.more`.
    :param kept_keys: as :attr:`Names.kept`.

    >>> is_secret_key("accessToken"), is_secret_key("promo_code"), is_secret_key("x-amz-signature")
    (True, False, True)
    """
    return _key_of(key, Names(more_keys, kept_keys)).is_secret


class _Key(NamedTuple):
    """What the name of a parameter says."""

    is_secret: bool
    is_click_id: bool
    is_personal: bool
    """Whether something personal is in the name."""
    digits: Digits


def _key_of(key: str, names: Names) -> _Key:
    return _remembered_key(key, names) if len(key) <= _LONGEST_KEPT_KEY else _read_key(key, names)


def _read_key(key: str, names: Names) -> _Key:
    name = plain_name(key)
    is_secret = (unquote(key) if "%" in key else key).lower() in _PERSONAL or name in names.more
    is_secret = is_secret or (name not in names.kept and kind_of_parameter(key) is not None)
    return _Key(is_secret, key in CLICK_IDS, kind_in(key) is not None, digits_of_key(key))


_remembered_key = lru_cache(maxsize=4096)(_read_key)


def _decoded(text: str) -> str:
    """Percent-decoded twice at most: links are encoded once more by every tool that passes them on."""
    for _ in range(2):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def scrub_pairs(text: str, more_keys: frozenset[str] = frozenset(), kept_keys: frozenset[str] = frozenset()) -> str:
    """A query or fragment, without its mark, whose secret values are replaced.

    >>> scrub_pairs("a=1&password=x;b=2")
    'a=1&password=redacted;b=2'
    """
    return _pairs(text, Names(more_keys, kept_keys) if more_keys or kept_keys else _NO_NAMES)


def _pairs(text: str, names: Names) -> str:
    if not text or _is_plain(text, names):
        return text
    if ";" in text or "?" in text or "#" in text:
        pieces = _PAIR_ENDS.split(text)
        pieces[::2] = [_pair(piece, names) for piece in pieces[::2]]
        return "".join(pieces)
    return "&".join([_pair(piece, names) for piece in text.split("&")])


def _is_plain(text: str, names: Names) -> bool:
    """Whether pairs have nothing in them that could be a secret by its shape, and no secret's name: most have not."""
    if "%" in text or "@" in text or "/" in text or "ey" in text or ";" in text or "?" in text or "#" in text:
        return False
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        known = _key_of(key, names)
        if known.is_personal or (value and (known.is_secret or "=" in value or _is_personal_value(known, value))):
            return False
    return True


def _is_personal_value(key: _Key, value: str) -> bool:
    """Whether the value of a parameter has something personal in it; of a click id, digits and letters are its own."""
    if len(value) < _SHORTEST_DIGITS and (value.isalnum() or len(value) < _SHORTEST):
        return False  # the usual case
    if key.is_click_id:
        return names_person(value)
    return kind_in(_spaced(value), digits=key.digits) is not None


def _spaced(value: str) -> str:
    """A value with spaces where it has plus signs, but for one at its start: nobody begins with a space."""
    return value[0] + value[1:].replace("+", " ") if "+" in value else value


_SHORTEST, _SHORTEST_DIGITS = 3, 13
"""Characters of the shortest thing that can be personal, the address ``::1``; of letters and digits alone, a card."""


def _pair(pair: str, names: Names) -> str:
    if not pair:
        return pair
    key, equals, value = pair.partition("=")
    if not equals:
        return _path(pair, names) if "/" in pair else REDACTED if kind_in(pair) else pair
    known = _key_of(key, names)
    if known.is_personal:
        key = REDACTED
    if value and (known.is_secret or _holds_secret(known, value, names, _NESTING)):
        value = "" if _is_of_page(key, value) else REDACTED
    return f"{key}={value}"


def _is_of_page(key: str, value: str) -> bool:
    """Whether a parameter that is called like the id of a subscriber is something else, and so says nothing."""
    name = unquote(key).lower()
    return name in _PERSONAL and is_implausible(name, _decoded(value))


def _holds_secret(key: _Key, value: str, names: Names, depth: int) -> bool:
    """Whether a value is a secret or personal by its shape, or a URL that carries one."""
    if _is_personal_value(key, value):
        return True
    if not ("%" in value or "=" in value or "/" in value):
        return False
    text = _decoded(value)
    if depth == 0 or ("=" not in text and "://" not in text):
        return False
    if "://" in text and "@" in text.partition("://")[2].partition("/")[0]:
        return True
    for pair in re.split(r"[?&;#]", text):
        inner_key, equals, inner = pair.partition("=")
        if not (equals and inner):
            continue
        known = _key_of(inner_key, names)
        if known.is_secret or _holds_secret(known, inner, names, depth - 1):
            return True
    return False


def scrub_path(path: str, more_keys: frozenset[str] = frozenset(), kept_keys: frozenset[str] = frozenset()) -> str:
    """A path without secret segments.

    >>> scrub_path("/invite/3f9a7c1d5e2b8046;jsessionid=1/a")
    '/invite/redacted;jsessionid=redacted/a'
    """
    return _path(path, Names(more_keys, kept_keys) if more_keys or kept_keys else _NO_NAMES)


def _path(path: str, names: Names) -> str:
    return (_remembered_path if len(path) <= _LONGEST_KEPT_PATH else _read_path)(path, names)


def _read_path(path: str, names: Names) -> str:
    if _SUSPECT.search(path) is None:
        return path
    kept: list[str] = []
    before = ""
    for segment in path.split("/"):
        if len(segment) < _SHORTEST:
            kept.append(segment)
            before = segment.lower()
            continue
        kept.append(_segment(segment, before, names))
        before = plain_name(segment) if len(segment) <= 32 else ""
    return "/".join(kept)


_remembered_path = lru_cache(maxsize=4_096)(_read_path)


def _segment(segment: str, before: str, names: Names) -> str:
    name, semicolon, parameters = segment.partition(";")
    if semicolon:
        own = (_segment(part, "", names) for part in parameters.split(";"))
        return ";".join((_segment(name, before, names), *own))
    key, equals, value = segment.partition("=")
    is_secret = bool(equals and value) and _key_of(key, names).is_secret
    if before in SECRET_SEGMENTS and (is_secret or len(segment) >= 16):
        return REDACTED
    if is_secret:
        return f"{key}={REDACTED}"
    return REDACTED if kind_in(segment, digits=DIGITS_AFTER.get(before, Digits.ANYTHING)) else segment


def kinds_in_url(
    url: str, more_keys: frozenset[str] = frozenset(), kept_keys: frozenset[str] = frozenset()
) -> list[str]:
    """The kinds of what :func:`scrub_url` takes out of a URL, each once; ``secret`` where the shape alone says it.

    >>> kinds_in_url("https://shop.example/?to=ann%40b.example&phone=7"), kinds_in_url("/a?b=1")
    (['email', 'phone'], [])
    """
    if scrub_url(url, more_keys, kept_keys).count(REDACTED) <= url.count(REDACTED):
        return []
    kinds = set[str]()
    for pair in _PIECES.split(plain_at(url)):
        key, _, value = pair.partition("=")
        if value and plain_name(key) in more_keys:
            kinds.add(OWN.name)
        elif value and is_secret_key(key, more_keys, kept_keys):
            kinds.add(kind_of_parameter(key) or "secret")
        elif key not in CLICK_IDS or names_person(value):
            kinds.update(marked(_spaced(value or pair), key if value else "")[1])
    return sorted(kinds) or ["secret"]


_PIECES = re.compile(r"[?&;#/]")

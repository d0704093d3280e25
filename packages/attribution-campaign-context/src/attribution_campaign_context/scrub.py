"""URLs without the secrets and persons that apps and mailings write into them.

What is taken out: the user and password before the host; the values of parameters whose names say that they hold a
secret or a person (:data:`SECRET_KEYS`, :data:`SECRET_ENDINGS`); values shaped like a JSON web token or an e-mail
address, wherever they stand: query, fragment, path, or a URL inside a value; and the path segment after one such as
``/reset-password/``. Ports that a scheme has anyway are dropped. Everything else stays as it came, to the byte.
"""

import re
from functools import lru_cache
from urllib.parse import unquote

from attribution_campaign_context.click_shapes import SCRUBBED, is_implausible
from attribution_campaign_context.registry import CLICK_IDS

REDACTED = SCRUBBED
"""What stands where something was taken out."""

_KEYS = """
    accesskey apikey auth authcode authorization bearer code confirmation credential credentials csrf email emailaddress
    hash iban idhint jwt key mail magic mobile msisdn nonce oauthverifier otp pass passphrase passwd password phone
    phonenumber pin pwd resetkey samlresponse secret session sessid sessionid sid sig signature ssn state tel ticket
    token totp user useremail username xsrf jsessionid phpsessid aspsessionid relaystate
"""
SECRET_KEYS = frozenset(_KEYS.split())
"""Names of parameters that hold a secret or a person, in lower case and without anything but letters and digits."""
SECRET_ENDINGS = (
    "token", "password", "passwd", "secret", "apikey", "accesskey", "sessionid", "signature", "credential", "jwt",
    "email",
)  # fmt: skip
"""Endings of such names: ``access_token``, ``newPassword``, ``X-Amz-Signature``."""
_SEGMENTS = """
    activate activation confirm confirmemail invitation invite magic magiclink passwordreset reset resetpassword token
    unsubscribe verification verify verifyemail
"""
SECRET_SEGMENTS = frozenset(_SEGMENTS.split())
"""Path segments, written as :data:`SECRET_KEYS` are, after which a segment of 16 or more characters is a secret."""

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]@[\w-]{1,63}\.\w")
_JWT = re.compile(r"(?<![\w-])ey[JKI][\w-]{8,}\.[\w-]{4,}\.?[\w-]*")
_DULL = re.compile(r"[\W_]+")
_URL = re.compile(r"((?:[a-z][a-z0-9+.-]*:)?//[^/?#\\]*)?([^?#]*)((?:\?[^#]*)?)(.*)", re.IGNORECASE | re.DOTALL)
_PAIR_ENDS = re.compile(r"([&;?#])")
_SUSPECT = re.compile(r"[%@=;]|ey[JKI]|[^/]{16}")
_DEFAULT_PORTS = {"http:": "80", "ws:": "80", "https:": "443", "wss:": "443"}
_PERSONAL = frozenset(name for name, facts in CLICK_IDS.items() if facts.is_personal)
_LONGEST_KEPT_KEY = 64
_NESTING = 3
"""How many URLs inside one another are looked into; each takes the length of the value once."""


def scrub_url(url: str, more_keys: frozenset[str] = frozenset()) -> str:
    """The URL without credentials, tokens, e-mail addresses and default port; it may be relative.

    ``more_keys`` are further names of parameters, written as :data:`SECRET_KEYS` are.

    >>> scrub_url("https://ann:pw@shop.example:443/a?utm_source=x&access_token=y&next=%2Fb%3Fcode%3D7#mail=a@b.de")
    'https://shop.example/a?utm_source=x&access_token=redacted&next=redacted#mail=redacted'
    >>> scrub_url("/invite/3f9a7c1d5e2b8046/ann%40b.example/ok")
    '/invite/redacted/redacted/ok'
    """
    origin, path, query, fragment = split_url(url)
    return "".join(
        (
            scrub_origin(origin),
            scrub_path(path, more_keys),
            query[:1],
            scrub_pairs(query[1:], more_keys),
            fragment[:1],
            scrub_pairs(fragment[1:], more_keys),
        )
    )


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
    """Whether a text has an e-mail address or a JSON web token in it, percent-encoded or not.

    >>> is_personal("to:ann%40shop.example"), is_personal("spring@home")
    (True, False)
    """
    return _looks_personal(_decoded(text))


def _looks_personal(text: str) -> bool:
    return ("@" in text and _EMAIL.search(text) is not None) or ("ey" in text and _JWT.search(text) is not None)


def is_secret_key(key: str, more_keys: frozenset[str] = frozenset()) -> bool:
    """Whether a parameter of this name holds a secret or a person.

    >>> is_secret_key("accessToken"), is_secret_key("promo_code"), is_secret_key("x-amz-signature")
    (True, False, True)
    """
    return _names_secret(key, more_keys) if len(key) <= _LONGEST_KEPT_KEY else _names_secret.__wrapped__(key, more_keys)


@lru_cache(maxsize=4096)
def _names_secret(key: str, more_keys: frozenset[str]) -> bool:
    name = unquote(key).lower() if "%" in key else key.lower()
    if name in _PERSONAL:
        return True
    name = _DULL.sub("", name)
    return name in SECRET_KEYS or name.endswith(SECRET_ENDINGS) or name in more_keys


def _decoded(text: str) -> str:
    """Percent-decoded twice at most: links are encoded once more by every tool that passes them on."""
    for _ in range(2):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def scrub_pairs(text: str, more_keys: frozenset[str] = frozenset()) -> str:
    """A query or fragment, without its mark, whose secret values are replaced.

    >>> scrub_pairs("a=1&password=x;b=2")
    'a=1&password=redacted;b=2'
    """
    if not text or _is_plain(text, more_keys):
        return text
    if ";" in text or "?" in text or "#" in text:
        pieces = _PAIR_ENDS.split(text)
        pieces[::2] = [_pair(piece, more_keys) for piece in pieces[::2]]
        return "".join(pieces)
    return "&".join([_pair(piece, more_keys) for piece in text.split("&")])


def _is_plain(text: str, more_keys: frozenset[str]) -> bool:
    """Whether pairs have nothing in them that could be a secret by its shape, and no secret's name: most have not."""
    if "%" in text or "@" in text or "/" in text or "ey" in text or ";" in text or "?" in text or "#" in text:
        return False
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        if value and ("=" in value or is_secret_key(key, more_keys)):
            return False
    return True


def _pair(pair: str, more_keys: frozenset[str]) -> str:
    if not pair:
        return pair
    key, equals, value = pair.partition("=")
    if not equals:
        return scrub_path(pair, more_keys) if "/" in pair else REDACTED if is_personal(pair) else pair
    if ("@" in key or "%" in key or "ey" in key) and is_personal(key):
        key = REDACTED
    if value and (is_secret_key(key, more_keys) or _holds_secret(value, more_keys, _NESTING)):
        value = "" if _is_of_page(key, value) else REDACTED
    return f"{key}={value}"


def _is_of_page(key: str, value: str) -> bool:
    """Whether a parameter that is called like the id of a subscriber is something else, and so says nothing."""
    name = unquote(key).lower()
    return name in _PERSONAL and is_implausible(name, _decoded(value))


def _holds_secret(value: str, more_keys: frozenset[str], depth: int) -> bool:
    """Whether a value is a secret by its shape, or a URL that carries one."""
    if not ("%" in value or "@" in value or "=" in value or "ey" in value or "/" in value):
        return False
    text = _decoded(value)
    if _looks_personal(text):
        return True
    if depth == 0 or ("=" not in text and "://" not in text):
        return False
    if "://" in text and "@" in text.partition("://")[2].partition("/")[0]:
        return True
    for pair in re.split(r"[?&;#]", text):
        key, equals, inner = pair.partition("=")
        if equals and inner and (is_secret_key(key, more_keys) or _holds_secret(inner, more_keys, depth - 1)):
            return True
    return False


def scrub_path(path: str, more_keys: frozenset[str] = frozenset()) -> str:
    """A path without secret segments.

    >>> scrub_path("/invite/3f9a7c1d5e2b8046;jsessionid=1/a")
    '/invite/redacted;jsessionid=redacted/a'
    """
    if _SUSPECT.search(path) is None:
        return path
    kept: list[str] = []
    before = ""
    for segment in path.split("/"):
        kept.append(_segment(segment, before, more_keys))
        before = _DULL.sub("", segment.lower()) if len(segment) <= 32 else ""
    return "/".join(kept)


def _segment(segment: str, before: str, more_keys: frozenset[str]) -> str:
    name, semicolon, parameters = segment.partition(";")
    if semicolon:
        own = (_segment(part, "", more_keys) for part in parameters.split(";"))
        return ";".join((_segment(name, before, more_keys), *own))
    key, equals, value = segment.partition("=")
    is_secret = bool(equals and value) and is_secret_key(key, more_keys)
    if before in SECRET_SEGMENTS and (is_secret or len(segment) >= 16):
        return REDACTED
    if is_secret:
        return f"{key}={REDACTED}"
    return REDACTED if is_personal(segment) else segment

"""Reading and writing cookies: a reader that no foreign cookie can upset, and a writer that nothing can inject into.

The reader takes the values of all ``Cookie`` headers as bytes and looks for one name. It knows no errors: browsers
store whatever scripts set (``a[b]=1``, JSON, raw UTF-8), and none of it concerns our own cookies (RFC 6265, section
5.4, splits at ``;`` and at nothing else). Of several cookies of one name the first that will do counts: browsers send
the one with the longest path first.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Literal

SameSite = Literal["Lax", "Strict", "None"]
"""When a browser sends a cookie with requests that another site causes."""

VISITOR_COOKIE, SESSION_COOKIE = "tl_vid", "tl_sid"
"""The cookies that tracker, server and middleware share: the durable id of the browser, and the id of the visit."""
CONSENT_COOKIE, GRANTED, DENIED = "tl_consent", "granted", "denied"
"""The cookie of the whole site in which tracker and server keep what the visitor chose, and its two values."""
VISITOR_AGE = timedelta(days=395)
"""How long the visitor's cookie lives from the first visit: 13 months."""

MAX_COOKIE_BYTES = 65_536
"""Bytes of ``Cookie`` headers that are read; more than browsers and servers agree on, and what follows is ignored."""
MAX_VALUE_BYTES = 4_096
"""Bytes of one cookie's value; a longer one is no id."""

_DENIED = f"={DENIED}".encode()
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]{1,4096}")
_DOMAIN = re.compile(r"\.?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_PATH = re.compile(r"/[!-:<-~]*")
_SPACE = b" \t"
_EDGES = (b" ", b"\t")


def candidates(headers: Sequence[bytes], name: bytes) -> Iterator[str]:
    """The values that cookies of this name have, in the order in which they came.

    ``headers`` are the values of the ``Cookie`` headers; HTTP/2 may split them. A value in double quotes loses them,
    one that is no UTF-8 or is longer than :data:`MAX_VALUE_BYTES` is passed over, and an empty one is empty text.

    >>> list(candidates([b"a[b]=1; sid=x", b'{"j":1}; sid="y"'], b"sid"))
    ['x', 'y']
    """
    wanted = name + b"="
    left = MAX_COOKIE_BYTES
    for whole in headers:
        header = whole if len(whole) <= left else whole[:left]
        left -= len(header)
        at = header.find(wanted)
        while at >= 0:
            end = header.find(b";", at + len(wanted))
            if not header[header.rfind(b";", 0, at) + 1 : at].strip(_SPACE):
                value = _text(header[at + len(wanted) : end if end >= 0 else None])
                if value is not None:
                    yield value
            at = header.find(wanted, end) if end >= 0 else -1


def _text(raw: bytes) -> str | None:
    if raw[:1] in _EDGES or raw[-1:] in _EDGES:
        raw = raw.strip(_SPACE)
    if len(raw) > MAX_VALUE_BYTES:
        return None
    if raw[:1] == b'"' == raw[-1:] and len(raw) > 1:
        raw = raw[1:-1]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def first_cookie(headers: Sequence[bytes], name: bytes, accepts: Callable[[str], object]) -> tuple[str | None, bool]:
    """The first value of the cookie that ``accepts`` finds true, and whether any cookie of the name came at all.

    >>> first_cookie([b"sid=; sid=7"], b"sid", str.isdigit), first_cookie([b"sid=a"], b"sid", str.isdigit)
    (('7', True), (None, True))
    """
    came = False
    for header in headers:
        if name in header:  # most requests of most visitors end here: no generator is made for them
            for value in candidates(headers, name):
                came = True
                if accepts(value):
                    return value, True
            break
    return None, came


def keeps_refusal(headers: Sequence[bytes], name: bytes) -> bool:
    """Whether the browser keeps a visitor's refusal in the cookie of this name; without a name, nothing is read.

    >>> keeps_refusal([b"a=1; tl_consent=denied"], b"tl_consent"), keeps_refusal([b"tl_consent=granted"], b"tl_consent")
    (True, False)
    """
    return bool(name) and any(_DENIED in one for one in headers) and DENIED in candidates(headers, name)


def check_name(name: str) -> str:
    """The name of a cookie, if it is one (RFC 9110's token, at most 128 characters); else ``ValueError``."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"A cookie's name is 1 to 128 letters, digits and !#$%&'*+-.^_`|~; {name!r} is not.")
    return name


def cookie_tail(
    *,
    max_age: int | None = None,
    domain: str | None = None,
    path: str = "/",
    secure: bool = False,
    http_only: bool = False,
    same_site: SameSite = "Lax",
) -> bytes:
    """What follows ``name=value`` in a ``Set-Cookie`` header; computed once, since it is the same for every visitor.

    ``max_age`` is in seconds, 0 deletes the cookie and ``None`` ends it with the browser. Raises ``ValueError`` for a
    domain or a path that could not stand in a header.

    >>> cookie_tail(http_only=True)
    b'; Path=/; HttpOnly; SameSite=Lax'
    >>> cookie_tail(max_age=1800, domain="shop.example", secure=True)
    b'; Max-Age=1800; Domain=shop.example; Path=/; Secure; SameSite=Lax'
    """
    if domain is not None and not (_DOMAIN.fullmatch(domain) and len(domain) <= 253):
        raise ValueError(f"A cookie's domain is a host name such as 'shop.example'; {domain!r} is not one.")
    if not _PATH.fullmatch(path):
        raise ValueError(f"A cookie's path begins with '/' and has no space, ';' or control character; got {path!r}.")
    parts = [
        "" if max_age is None else f"; Max-Age={max_age}",
        "" if domain is None else f"; Domain={domain}",
        f"; Path={path}",
        "; Secure" if secure else "",
        "; HttpOnly" if http_only else "",
        f"; SameSite={same_site}",
    ]
    return "".join(parts).encode("ascii")


def set_cookie(name: bytes, value: str, tail: bytes) -> tuple[bytes, bytes]:
    r"""The header that sets a cookie; ``name`` is checked by :func:`check_name`, ``tail`` is :func:`cookie_tail`'s.

    Raises ``ValueError`` if the value has a character that RFC 6265 keeps out of cookies (space, ``"``, ``,``, ``;``,
    ``\``, control characters, anything that is not ASCII), so that no value can add an attribute or a header.

    >>> set_cookie(b"sid", "7f", cookie_tail(http_only=True))
    (b'set-cookie', b'sid=7f; Path=/; HttpOnly; SameSite=Lax')
    """
    if not _VALUE.fullmatch(value):
        raise ValueError(
            f"An id for a cookie has 1 to 4096 printable ASCII characters without space, comma, semicolon, quote and "
            f"backslash; the id factory gave {value[:80]!r}."
        )
    return b"set-cookie", b"%b=%b%b" % (name, value.encode("ascii"), tail)

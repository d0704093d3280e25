"""What is said once: words that go with a redirect, in a cookie that only the page after it shows.

The cookie is signed with the session, so that no other host of the domain can put words on a page.
"""

import base64
import hmac
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

import msgspec
from litestar.datastructures import Cookie

NAME = "tl_once"
_SECONDS = 60
_LONGEST = 600
"""Characters of the words: browsers keep no large cookies."""


@dataclass(frozen=True)
class Once:
    """What a page says this once."""

    said: str
    secret: str = ""


def told(token: str, once: Once, *, is_secure: bool) -> Cookie:
    """The cookie that carries it to the next page.

    :param token: of the session.
    """
    cut = Once(once.said[:_LONGEST], once.secret)
    said = base64.urlsafe_b64encode(msgspec.json.encode(cut)).decode().rstrip("=")
    return _cookie(f"{_signature(token, said)}.{said}", _SECONDS, is_secure=is_secure)


def forgotten(*, is_secure: bool) -> Cookie:
    """The cookie that makes the browser forget it."""
    return _cookie("", 0, is_secure=is_secure)


def heard(token: str, cookies: str) -> Once | None:
    """What the cookies of a request say once; ``None``: nothing that this session was told.

    >>> cookie = told("session", Once("It is done."), is_secure=False)
    >>> heard("session", f"{NAME}={cookie.value}"), heard("another", f"{NAME}={cookie.value}")
    (Once(said='It is done.', secret=''), None)
    """
    try:
        found = SimpleCookie(cookies).get(NAME)
    except CookieError:
        return None
    signature, _, said = (found.value if found else "").partition(".")
    if not said or not hmac.compare_digest(signature.encode(), _signature(token, said).encode()):
        return None
    return msgspec.json.decode(base64.urlsafe_b64decode(f"{said}{'=' * (-len(said) % 4)}"), type=Once)


def _signature(token: str, said: str) -> str:
    return hmac.new(token.encode(errors="replace"), said.encode(errors="replace"), sha256).hexdigest()


def _cookie(value: str, seconds: int, *, is_secure: bool) -> Cookie:
    return Cookie(NAME, value=value, httponly=True, samesite="lax", secure=is_secure, max_age=seconds)

"""The compatible reading of an ASGI scope: what ``extract_attribution`` says of the same request, without the detour.

Its judge is :func:`~attribution_campaign_context.extract.extract_attribution` itself: a property test holds the two
together. Text with anything unusual in it goes to the rules there.
"""

import os
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import unquote_plus

from attribution_campaign_context.cookies import cookie_tail, first_cookie, set_cookie
from attribution_campaign_context.extract import (
    MAX_COOKIE_LENGTH,
    MAX_PATH_LENGTH,
    MAX_URL_LENGTH,
    AttributionContext,
    address_text,
    parameter_text,
    value_text,
)
from attribution_campaign_context.registry import CLICK_ID_KEYS, UTM_KEYS

_TAIL = cookie_tail(http_only=True)
_WANTED = UTM_KEYS | CLICK_ID_KEYS
_MAX_VALUE_LENGTH = 256
_Headers = list[tuple[bytes, bytes]]


def compatible_context(
    scope: MutableMapping[str, Any], names: tuple[bytes, bytes], new_id: Callable[[], str]
) -> tuple[AttributionContext, _Headers]:
    """The context of a request, with new ids where its cookies have none, and the headers that set those cookies.

    ``names`` are those of the visitor and the session cookie; ``new_id`` is called in that order.
    """
    host, referer, cookies = "", None, []
    for name, value in scope.get("headers") or ():
        if name == b"cookie" or (len(name) == 6 and name.lower() == b"cookie"):
            cookies.append(value)
        elif name == b"host" or (len(name) == 4 and name.lower() == b"host"):
            host = value.decode("latin-1")
        elif len(name) == 7 and name.lower() == b"referer":
            referer = value.decode("latin-1")
    to_set: _Headers = []
    visitor = _id_from(cookies, names[0]) or _new(names[0], new_id, to_set)
    session = _id_from(cookies, names[1]) or _new(names[1], new_id, to_set)
    query = (scope.get("query_string") or b"").decode("latin-1")
    params = _parameters(query) if query else {}
    path = scope.get("path", "")
    context = AttributionContext(
        {key: value for key, value in params.items() if key in UTM_KEYS} if params else {},
        {key: value for key, value in params.items() if key in CLICK_ID_KEYS} if params else {},
        params,
        None if referer is None else value_text(referer, MAX_PATH_LENGTH),
        _plain_address(path, MAX_PATH_LENGTH),
        _plain_address(_url(scope, host, path, query), MAX_URL_LENGTH),
        visitor[:MAX_COOKIE_LENGTH],
        session[:MAX_COOKIE_LENGTH],
    )
    return context, to_set


def random_id() -> str:
    """A random UUID of version 4 as 32 hexadecimal digits, as ``uuid.uuid4().hex`` gives, in a third of the time."""
    digits = os.urandom(16).hex()
    return f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) & 3]}{digits[17:]}"


def _id_from(cookies: list[bytes], name: bytes) -> str | None:
    value = first_cookie(cookies, name, _is_usable)[0] if cookies else None
    return None if value is None else value.strip()


def _is_usable(cookie: str) -> bool:
    return cookie.isprintable() and not cookie.isspace() and cookie != ""


def _new(name: bytes, new_id: Callable[[], str], to_set: _Headers) -> str:
    made = new_id()
    to_set.append(set_cookie(name, made, _TAIL))
    return made


def _url(scope: MutableMapping[str, Any], host: str, path: str, query: str) -> str:
    if not host:
        server = scope.get("server") or ("localhost", 80)
        host = f"{server[0]}:{server[1]}"
    url = f"{scope.get('scheme', 'http')}://{host}{path}"
    return f"{url}?{query}" if query else url


def _plain_address(text: str, limit: int) -> str | None:
    if text.isprintable() and text[:1] != " " != text[-1:]:
        return text[:limit] or None
    return address_text(text, limit)


def _parameters(query: str) -> dict[str, str]:
    """The first values of the parameters that are looked for, without the empty ones."""
    seen: set[str] = set()
    found: dict[str, str] = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if "%" in key or "+" in key:
            key = unquote_plus(key)
        if key not in _WANTED or key in seen:
            continue
        seen.add(key)
        if "%" in value or "+" in value:
            value = unquote_plus(value)
        text = parameter_text(key, value, _MAX_VALUE_LENGTH)
        if text:
            found[key] = text
    return found

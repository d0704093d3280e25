"""What an ASGI request says about itself: its headers read once, and whether it is somebody opening a page."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

Purpose = Literal["page", "prefetch", "asset", "fetch", "frame"]
"""What a browser wants: a page in a tab, a page it may never show, a part of a page, data for a script, a frame."""

_ODD = re.compile(rb"[^\x21-\x7e]")
_PATH_SAFE = "/:@!$&'()*+,;=~"
_READ = frozenset(
    {
        b"cookie", b"referer", b"host", b"user-agent", b"accept", b"sec-fetch-dest", b"sec-fetch-mode",
        b"sec-fetch-site", b"sec-purpose", b"purpose", b"x-purpose", b"x-moz", b"x-requested-with", b"hx-request",
        b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"sec-gpc", b"dnt",
    }
)  # fmt: skip
_DESTINATIONS: dict[bytes, Purpose] = {
    b"document": "page",
    b"empty": "fetch",
    **dict.fromkeys((b"iframe", b"frame", b"embed", b"object", b"fencedframe"), "frame"),
}
"""What ``Sec-Fetch-Dest`` says; every other destination is a part of a page."""
_NO_CHARACTER = bytes(range(0x20)) + b"\x7f"


class Headers:
    """The headers that capture reads, found in one pass; names in any case, values as bytes.

    Of a header that comes twice the first value counts, except ``Cookie`` and ``X-Forwarded-For``, which keep all.

    >>> found = Headers([(b"Host", b"shop.example"), (b"cookie", b"a=1"), (b"cookie", b"b=2")])
    >>> found.get(b"host"), found.cookies
    (b'shop.example', [b'a=1', b'b=2'])
    """

    __slots__ = ("_found", "cookies", "forwarded")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.cookies: list[bytes] = []
        self.forwarded: list[bytes] = []
        self._found: dict[bytes, bytes] = {}
        found = self._found
        for raw, value in headers:
            name = raw if raw in _READ else raw.lower()
            if name not in _READ:
                continue
            if name == b"cookie":
                self.cookies.append(value)
            elif name == b"x-forwarded-for":
                self.forwarded.append(value)
            elif name not in found:
                found[name] = value

    def get(self, name: bytes) -> bytes:
        """The value of a header, empty if it did not come."""
        return self._found.get(name, b"")

    def has(self, name: bytes) -> bool:
        """Whether a header came, with or without a value."""
        return name in self._found

    def text(self, name: bytes, limit: int) -> str:
        """The value as text of at most ``limit`` bytes: UTF-8, or Latin-1 where it is none; no control characters."""
        raw = self._found.get(name, b"")[:limit].translate(None, _NO_CHARACTER).strip()
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return "".join(character for character in raw.decode("latin-1") if character.isprintable())


def purpose_of(path: str, headers: Headers, asset_extensions: frozenset[str]) -> Purpose:
    """What the request is for, by the browser's own word where it gives one, and by path and ``Accept`` otherwise.

    ``Sec-Fetch-*`` comes from all current browsers, over https only. A page fetched in advance is no visit: the tracker
    sees it when it is shown.

    >>> purpose_of("/", Headers([(b"sec-fetch-dest", b"document")]), frozenset())
    'page'
    >>> (
    ...     purpose_of("/a.css", Headers([]), frozenset({"css"})),
    ...     purpose_of("/", Headers([(b"x-moz", b"prefetch")]), frozenset()),
    ... )
    ('asset', 'prefetch')
    """
    if _is_early(headers):
        return "prefetch"
    if headers.get(b"x-requested-with").lower() == b"xmlhttprequest" or headers.has(b"hx-request"):
        return "fetch"
    to = headers.get(b"sec-fetch-dest").lower()
    if to:
        return _DESTINATIONS.get(to, "asset")
    mode = headers.get(b"sec-fetch-mode").lower()
    if mode:
        return "page" if mode == b"navigate" else "fetch"
    return _purpose_by_accept(path, headers, asset_extensions)


def _purpose_by_accept(path: str, headers: Headers, asset_extensions: frozenset[str]) -> Purpose:
    _, dot, extension = path.rpartition("/")[2].rpartition(".")
    if dot and extension.lower() in asset_extensions:
        return "asset"
    accept = headers.get(b"accept").lower()
    if not accept or b"text/html" in accept:
        return "page"
    return "asset" if accept.startswith((b"image/", b"text/css", b"font/", b"video/", b"audio/")) else "fetch"


def _is_early(headers: Headers) -> bool:
    for name in (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"):
        if headers.has(name) and re.search(rb"prefetch|prerender|preview", headers.get(name).lower()):
            return True
    return False


def is_under(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a path is one of the prefixes or lies below one.

    >>> is_under("/shop/a", ("/shop",)), is_under("/shops", ("/shop",)), is_under("/a", ("/",))
    (True, False, True)
    """
    return any(path == prefix or path.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)


def raw_path(scope: Mapping[str, Any]) -> str:
    """The path as it came, percent-encoded and in ASCII, whatever the server gives."""
    raw = scope.get("raw_path")
    if isinstance(raw, bytes):
        return ascii_url(raw.partition(b"?")[0].replace(b"#", b"%23"))
    return quote(str(scope.get("path") or ""), safe=_PATH_SAFE, errors="replace")


def ascii_url(raw: bytes) -> str:
    r"""Part of a URL as visible ASCII: every other byte is percent-encoded, which is what it means.

    >>> ascii_url(b"q=\xc3\xa9 \r")
    'q=%C3%A9%20%0D'
    """
    if _ODD.search(raw) is None:
        return raw.decode("ascii")
    return _ODD.sub(lambda found: b"%%%02X" % ord(found[0]), raw).decode("ascii")


def peer_of(scope: Mapping[str, Any]) -> str | None:
    """The address of the connection, if the server knows it."""
    client = scope.get("client")
    return str(client[0]) if client else None


def user_agent(scope: Mapping[str, Any]) -> str | None:
    """What an ASGI scope's browser calls itself, cut to what Touchline takes; ``None`` where it says nothing.

    >>> user_agent({"headers": [(b"User-Agent", b"Mozilla/5.0")]})
    'Mozilla/5.0'
    """
    for name, value in scope.get("headers", ()):
        if name.lower() == b"user-agent":
            found: str = value.decode("latin-1").replace("\0", "")[:512]
            return found or None
    return None

"""Which URLs a page or a referrer may have: those of the web and of apps, and none that runs code."""

import re

from touchline.characters import REPLACEMENT

_IGNORED = re.compile(r"[\t\n\r]")
"""Browsers remove these anywhere in a URL: ``java\\nscript:`` is ``javascript:``."""
_EDGES = "".join(map(chr, range(0x21))) + REPLACEMENT
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(//)?", re.IGNORECASE)
_PORT = re.compile(r"[0-9]{1,5}(?![0-9])(?:[/?#]|\Z)")
_NO_PAGE = frozenset(
    {
        "about", "blob", "cid", "data", "feed", "file", "filesystem", "ftp", "ftps", "intent", "jar", "javascript",
        "livescript", "mailto", "mhtml", "mocha", "ms-appinstaller", "resource", "search-ms", "shell", "sms", "smsto",
        "ssh", "tel", "telnet", "vbscript", "view-source", "wyciwyg",
    }
)  # fmt: skip
"""Schemes that run code, open a file, or start another program."""


def page_url(text: str) -> str | None:
    r"""The URL, if it is of the web, of an app (``android-app://…``, ``myshop://…``) or relative; else ``None``.

    A relative one may be a host with a path, as some tags send it.

    >>> page_url("https://shop.example/a"), page_url("myshop://product/7"), page_url("shop.example:8080/a")
    ('https://shop.example/a', 'myshop://product/7', 'shop.example:8080/a')
    >>> page_url(" java\nscript:alert(1)"), page_url("data:text/html,x"), page_url("file:///etc/passwd")
    (None, None, None)
    """
    url = _IGNORED.sub("", text).strip(_EDGES)
    found = _SCHEME.match(url)
    if found is None:
        return url or None
    scheme, slashes = found[1].lower(), found[2]
    if scheme in _NO_PAGE or scheme.startswith(("ms-", "web+", "chrome", "moz-")):
        return None
    return url if slashes or _is_host_with_port(scheme, url[found.end() :]) else None


def _is_host_with_port(host: str, rest: str) -> bool:
    return ("." in host or host == "localhost") and _PORT.match(rest) is not None

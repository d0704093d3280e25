"""Origins and hosts as browsers send them, read in one way wherever one is compared."""

import re
from ipaddress import IPv6Address
from typing import NamedTuple

DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST = r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_AUTHORITY = re.compile(rf"(?:({_HOST})|\[([0-9a-f:.]{{2,45}})\])(?::([1-9][0-9]{{0,4}}))?")
_LONGEST_HOST = 253
_LONGEST = 320


class Origin(NamedTuple):
    """A page's origin: its scheme, its host in lower case (an IPv6 address without brackets), its port."""

    scheme: str
    host: str
    port: int


OPAQUE = Origin("null", "", 0)
"""What browsers say of a page that has no origin, such as a sandboxed frame; anybody's page can make one."""


def sender_of(text: str) -> Origin | None:
    """An ``Origin`` header as a key may name it: as :func:`origin_of` reads it, or ``null``.

    >>> sender_of("null") == OPAQUE, sender_of("NULL"), sender_of("https://shop.example").host
    (True, None, 'shop.example')
    """
    return OPAQUE if text == OPAQUE.scheme else origin_of(text)


def origin_of(text: str) -> Origin | None:
    """An ``Origin`` header read strictly: scheme, host, port, and nothing else; ``None`` for all that is no origin.

    >>> origin_of("https://Shop.example")
    Origin(scheme='https', host='shop.example', port=443)
    >>> [origin_of(text) for text in ("null", "https://evil.example/.shop.example", "https://a@shop.example")]
    [None, None, None]
    """
    scheme, separator, authority = text[:_LONGEST].lower().partition("://")
    if not separator or scheme not in DEFAULT_PORTS or not text.isascii() or len(text) > _LONGEST:
        return None
    found = authority_of(authority, DEFAULT_PORTS[scheme])
    return None if found is None else Origin(scheme, *found)


def authority_of(text: str, default_port: int) -> tuple[str, int] | None:
    """The host and the port of a ``Host`` header, or of an origin after its scheme; ``None`` if it is neither.

    >>> authority_of("[2001:DB8::1]:8443", 443), authority_of("shop.example:443@evil.example", 443)
    (('2001:db8::1', 8443), None)
    """
    match = _AUTHORITY.fullmatch(text.lower()) if text.isascii() else None
    if match is None:
        return None
    name, address, port = match.groups()
    host = name or _ipv6(address)
    number = int(port) if port else default_port
    return (host, number) if host and len(host) <= _LONGEST_HOST and number < 65_536 else None


def is_within(host: str, domain: str) -> bool:
    """Whether ``host`` is ``domain`` or lies below it, label by label.

    >>> [is_within(host, "shop.example") for host in ("shop.example", "www.shop.example", "notshop.example")]
    [True, True, False]
    """
    return host == domain or host.endswith(f".{domain}")


def ascii_domain(domain: str) -> str:
    """A site's domain as browsers send it: in lower case, an international one in Punycode.

    >>> ascii_domain("Bücher.example")
    'xn--bcher-kva.example'
    """
    name = domain.strip().lower().rstrip(".")
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _ipv6(text: str) -> str | None:
    try:
        return str(IPv6Address(text))
    except ValueError:
        return None

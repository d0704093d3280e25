"""Where a webhook may go: to public addresses over https, and to hosts that the operator allows.

The user who adds a webhook names a host, and the owner of the host decides, again and again, what that resolves to.
The address is therefore checked at each delivery, and the connection is made to the address that was checked.
"""

import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from touchline.errors import UsageError

ALLOWED = "TOUCHLINE_WEBHOOK_HOSTS"
LONGEST_URL = 2_000

_CARRIERS = tuple(
    ip_network(network)
    for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10")
)
"""IPv6 networks whose addresses carry IPv4 ones, or stand for a site's own: no public receiver is only there."""


class AddressRefusedError(Exception):
    """A host resolves to an address that no webhook may reach, or to none."""


def require_url(url: str, *, allowed: Collection[str]) -> SplitResult:
    """The parts of a webhook's URL.

    :param allowed: hosts, with or without a port, that may be private, and reached by plain http.
    :raises UsageError: if it says anything but an https URL of a host.

    >>> require_url("https://hooks.example/x", allowed=()).hostname
    'hooks.example'
    """
    if len(url) > LONGEST_URL:
        raise UsageError(f"A webhook's URL has up to {LONGEST_URL:,} characters.")
    if any(not "!" <= letter <= "~" for letter in url):
        raise UsageError("A webhook's URL has a character that no URL has.", "Percent-encode it.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"That is no URL with a host and a port: {error}.") from error
    if parts.username is not None or parts.password is not None:
        raise UsageError("A webhook's URL names no user and no password.", "The body is signed instead.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_allowed(parts, allowed)):
        raise UsageError(
            f"A webhook's URL begins with https://, not {url!r:.80}.",
            f"Name a host of your own network in {ALLOWED} to reach it by http://.",
        )
    if not parts.hostname:
        raise UsageError("A webhook's URL names a host.", "It is https://hooks.example/touchline, for example.")
    if parts.fragment:
        raise UsageError("A webhook's URL has no fragment (#…), which no server receives.")
    if port == 0:
        raise UsageError("A webhook's port is a number from 1 to 65535.")
    return parts


def is_allowed(parts: SplitResult, allowed: Collection[str]) -> bool:
    """Whether the operator allows the host, on all of its ports or on this one."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    return not {host, f"{host}:{port_of(parts)}"}.isdisjoint(name.lower() for name in allowed)


def port_of(parts: SplitResult) -> int:
    """The port of a URL.

    >>> port_of(urlsplit("https://hooks.example/"))
    443
    """
    return parts.port or (443 if parts.scheme == "https" else 80)


def checked_address(
    host: str, port: int, *, is_allowed: bool = False, resolve: Callable[..., Any] = socket.getaddrinfo
) -> str:  # fmt: skip
    """The address to connect to.

    :param is_allowed: whether the operator allows the host wherever it is.
    :raises AddressRefusedError: if the host resolves to no address, or to one that is not public.
    """
    try:
        found = [str(entry[4][0]) for entry in resolve(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise AddressRefusedError(f"{host} cannot be resolved.") from error
    refused = [address for address in found if not _is_public(address)]
    if refused and not is_allowed:
        raise AddressRefusedError(f"{host} is at {refused[0]}, which is not public.")
    return found[0]


def _is_public(address: str) -> bool:
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        is_carrier = any(ip in network for network in _CARRIERS if isinstance(network, IPv6Network))
        return ip.is_global and ip.scope_id is None and not is_carrier and not ip.is_multicast
    return ip.is_global and not ip.is_multicast and ip not in _PROTOCOLS


_PROTOCOLS = ip_network("192.0.0.0/24")
"""Addresses of protocols, under which a cloud keeps metadata."""

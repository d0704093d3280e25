"""Whose address a request comes from, as far as it can be believed, and what is done with it: it is hashed, or gone.

What a client writes into ``X-Forwarded-For`` or ``Forwarded`` is never believed; only the entries of proxies that the
owner named count, from the right.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from attribution_campaign_context.privacy import Network, client_address, is_trusted_peer
from touchline.errors import UsageError
from touchline.ingest.bots import Noise
from touchline.ingest.event import Reason
from touchline.jobs.daily_keys import DailyKeys
from touchline.server.http.places import Places

UNKNOWN = "unknown"
"""The client prefix of everybody whose address nobody knows: they share one limit."""
FORWARDING = ("x-forwarded-for", "forwarded")
"""Headers in which proxies name whom they speak for. One is believed, never both: a proxy writes one, and lets the
other pass as the client sent it."""

KEPT_HOPS = 1_024
"""Characters of that header that are looked at, from its end: no chain of proxies writes more."""

_REMEMBERED = 8_192
_LETTERS_OF_64_BITS = 19
_INTERNAL = Noise(Reason.INTERNAL, "The address is in the site's own networks.")
_DATACENTRE = Noise(Reason.DATACENTRE, "The address is in a network of data centres.")

Trusted = int | tuple[Network, ...]


class Client(NamedTuple):
    """What an address says."""

    address: str | None
    """To be found in what was sent, and taken out of it; never to be stored."""
    visit_hash: str | None
    """The hash that a capture middleware with the same keys makes of the address."""
    ip_hash: str | None
    """What is stored."""
    prefix: str
    """A hash of the network that the client is in (its address, or the /64 of IPv6), for rate limits."""
    noise: Noise | None
    city: str | None


class Addresses:
    """Looks at addresses; one that was seen today costs nothing.

    :param trusted: how many proxies stand in front of the server, or the networks in which they stand.
    :param header: the one of :data:`FORWARDING` that they write.
    """

    def __init__(
        self, keys: DailyKeys, *, trusted: Trusted = 0, header: str = FORWARDING[0],
        internal: tuple[Network, ...] = (), datacentres: tuple[Network, ...] = (), places: Places | None = None,
    ) -> None:  # fmt: skip
        self._keys = keys
        self._trusted = trusted
        self._internal = internal
        self._datacentres = datacentres
        self._places = places
        self._day = -1
        self.header = header if trusted else None
        """The header to look at, if any."""
        self._read = lru_cache(_REMEMBERED)(self._looked_at)

    def client_of(self, host: str, forwarded: Sequence[str]) -> Client:
        """What is known of whom a request is from: ``host`` of the connection, and the lines of :attr:`header`."""
        day = self._keys.day
        if day != self._day:  # yesterday's hashes are nobody's any more
            self._day = day
            self._read.cache_clear()
        return self._read(host, ",".join(forwarded)[-KEPT_HOPS:] if forwarded else "")

    def is_trusted(self, host: str) -> bool:
        """Whether the connection is a trusted proxy's, so that its other headers may be believed."""
        return _is_trusted(host, self._trusted)

    def _looked_at(self, host: str, forwarded: str) -> Client:
        hops = _hops_of(forwarded) if self.header == "forwarded" else forwarded
        lines = [hops.encode("latin-1", "replace")] if hops else []
        address = client_address(host or None, lines, self._trusted)
        if address is None:
            return Client(None, None, None, UNKNOWN, None, None)
        parsed = ipaddress.ip_address(address)
        network = address if parsed.version == 4 else parsed.exploded[:_LETTERS_OF_64_BITS]
        noise = _INTERNAL if _is_in(parsed, self._internal) else None
        noise = noise or (_DATACENTRE if _is_in(parsed, self._datacentres) else None)
        city = self._places.city_of(address) if self._places else None
        told = None if parsed.is_loopback else address  # which is nobody's, and stands in URLs of trials
        visit_hash = self._keys.digest("ip", address)
        prefix = self._keys.digest("prefix", network)[:24]
        return Client(told, visit_hash, self._keys.keyed_address(visit_hash), prefix, noise, city)


@lru_cache(_REMEMBERED)
def _is_trusted(host: str, trusted: Trusted) -> bool:
    return is_trusted_peer(host or None, trusted)


def _is_in(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _hops_of(forwarded: str) -> str:
    """The hops of ``Forwarded`` (RFC 7239) as ``X-Forwarded-For`` would list them.

    Commas part the entries even in quotes: a quote that a client opened must not swallow what a proxy wrote after it.

    >>> _hops_of('for=198.51.100.7;proto=https, For="[2001:db8::7]:4711"')
    '198.51.100.7,[2001:db8::7]:4711'
    """
    return ",".join(map(_for_in, forwarded.split(","))) if forwarded else ""


def _for_in(entry: str) -> str:
    for part in entry.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "for":
            return value.strip().strip('"')
    return "unknown"


def trusted_of(text: str) -> Trusted:
    """How many proxies, or which networks: ``"1"``, or ``"10.0.0.0/8, fd00::/8"``; empty is none.

    :raises UsageError: if it is neither.

    >>> trusted_of("2"), trusted_of("10.0.0.1")
    (2, (IPv4Network('10.0.0.1/32'),))
    """
    text = text.strip()
    if not (text.isascii() and text.isdecimal()):
        return networks_of(text)
    if int(text[:3]) > 16:
        raise UsageError(f"Up to 16 proxies can stand in front of a server, not {text[:8]}.")
    return int(text)


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks that a text names, with commas or spaces between them.

    :raises UsageError: if one is none.
    """
    networks: list[Network] = []
    for name in text.replace(",", " ").split():
        try:
            networks.append(ipaddress.ip_network(name))
        except ValueError as error:
            raise UsageError(
                f"{name!r} is not a network: {error}.", "Expected one such as 10.0.0.0/8, fd00::/8 or 192.0.2.7."
            ) from None
    return tuple(networks)

"""Hashes of user agents and addresses that cannot be turned back, and the address of the client behind proxies.

There are four thousand million IPv4 addresses: a hash of one without a secret is the address, written oddly, and a
secret that never changes only waits to be lost. The keys here are random, live for one day and are destroyed after
two, after which nobody, the site's owner included, can tell which address a hash came from.
"""

import hmac
import ipaddress
import os
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

DAY_SECONDS = 86_400
KEY_BYTES = 32
"""Bytes of a random key: the size of SHA-256's output."""
MAX_HASHED_BYTES = 512
"""Bytes of a user agent that are hashed; longer ones are attacks or mistakes."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Digests(Protocol):
    """Makes keyed hashes."""

    def digest(self, kind: str, text: str) -> str:
        """The keyed hash of a text, 64 hexadecimal digits."""
        ...


class RotatingKeys:
    """A key for keyed hashes (HMAC-SHA256) that is another one every day (UTC).

    Without ``source`` the keys are random, are kept in the memory of this process and are forgotten 48 hours after
    their day began. Several processes then hash one address differently: give all of them the same ``source``, a
    function from the number of the day (days since 1970-01-01 UTC) to at least 16 secret bytes, which keeps its keys
    no longer than 48 hours itself. It is asked once a day; what it raises is passed on. ``pepper`` (at least 16 bytes)
    is mixed in, for keys whose store is easier to read than the process; it is never the only key. ``clock`` gives
    Unix seconds.

    Raises ``ValueError`` for a key or pepper that is too short.

    >>> keys = RotatingKeys(clock=lambda: 0.0)
    >>> keys.digest("ip", "192.0.2.1") == keys.digest("ip", "192.0.2.1")
    True
    >>> len(keys.digest("ip", "192.0.2.1")), keys.digest("ip", "a") == keys.digest("agent", "a")
    (64, False)

    Do not use it to recognise anybody across days: that it cannot is what it is for.
    """

    __slots__ = ("_clock", "_keys", "_pepper", "_source")

    def __init__(
        self,
        source: Callable[[int], bytes] | None = None,
        *,
        pepper: bytes = b"",
        clock: Callable[[], float] = time.time,
    ) -> None:
        if pepper and len(pepper) < 16:
            raise ValueError(
                f"A pepper has at least 16 bytes; this one has {len(pepper)}. Use secrets.token_bytes(32)."
            )
        self._source = source
        self._pepper = pepper
        self._clock = clock
        self._keys: dict[int, hmac.HMAC] = {}  # ready to be copied: the key itself is hashed once

    def digest(self, kind: str, text: str) -> str:
        """The keyed hash of a text, 64 hexadecimal digits. ``kind`` keeps hashes of different things apart."""
        day = int(self._clock()) // DAY_SECONDS
        key = self._keys.get(day)
        if key is None:
            key = self._new_key(day)
        keyed = key.copy()
        keyed.update(f"{kind}\0{text}".encode("utf-8", "surrogatepass")[:MAX_HASHED_BYTES])
        return keyed.hexdigest()

    @property
    def days(self) -> tuple[int, ...]:
        """The days whose keys are still known, oldest first; at most two."""
        return tuple(sorted(self._keys))

    def _new_key(self, day: int) -> hmac.HMAC:
        """Makes the key of a day, and forgets those of all days before yesterday."""
        raw = self._source(day) if self._source else os.urandom(KEY_BYTES)
        if len(raw) < 16:
            raise ValueError("The source of keys must give at least 16 bytes for each day; use 32 random ones.")
        key = hmac.new(hmac.digest(raw, b"attribution\0" + self._pepper, "sha256"), digestmod="sha256")
        self._keys = {known: value for known, value in self._keys.items() if day - 1 <= known <= day}
        self._keys[day] = key
        return key


def visit_id(keys: Digests, site_id: str, ip_hash: str, user_agent: str) -> str:
    """A browser for the length of a day, where it keeps no id: a keyed hash of address and user agent, as a UUID.

    Touchline's server and this package make the same one where they share the folder of keys and the site's id.

    >>> keys = RotatingKeys(clock=lambda: 0.0)
    >>> visit_id(keys, "shop", "ab", "Firefox") == visit_id(keys, "shop", "ab", "Chrome")
    False
    """
    digest = keys.digest("visit", f"{site_id}\0{ip_hash}\0{user_agent}")
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def client_address(peer: str | None, forwarded: Sequence[bytes], trusted: int | tuple[Network, ...]) -> str | None:
    """The address of the client: the connection's, or what trusted proxies say in ``X-Forwarded-For``.

    ``trusted`` is either how many proxies stand in front of the app (0 to 16), or the networks in which they stand.
    What the client itself wrote into the header is never believed: only the entries that trusted proxies added count,
    from the right. ``None`` where nobody knows: there is no valid address, or the header is shorter than the number of
    proxies.

    >>> client_address("10.0.0.1", [b"6.6.6.6, 192.0.2.7"], 1)
    '192.0.2.7'
    >>> client_address("203.0.113.9", [b"6.6.6.6"], 0)
    '203.0.113.9'
    >>> client_address("10.0.0.1", [b"6.6.6.6, 192.0.2.7, 10.0.0.2"], (ipaddress.ip_network("10.0.0.0/8"),))
    '192.0.2.7'
    """
    if not trusted:
        return _canonical(peer)
    hops = b",".join(forwarded)[-4096:].decode("latin-1").split(",") if forwarded else []
    if isinstance(trusted, int):
        return _canonical(hops[-trusted]) if len(hops) >= trusted else None
    address = _parsed(peer)
    while address is not None and _inside(address, trusted):
        if not hops:
            break
        address = _parsed(hops.pop())
    return None if address is None else str(address)


def is_trusted_peer(peer: str | None, trusted: int | tuple[Network, ...]) -> bool:
    """Whether the connection comes from a trusted proxy, so that its ``X-Forwarded-Proto`` may be believed."""
    if isinstance(trusted, int):
        return trusted > 0
    address = _parsed(peer)
    return address is not None and _inside(address, trusted)


def _inside(address: _Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=1024)
def _canonical(text: str | None) -> str | None:
    address = _parsed(text)
    return None if address is None else str(address)


@lru_cache(maxsize=1024)
def _parsed(text: str | None) -> _Address | None:
    """The address in a hop: ``192.0.2.1``, ``192.0.2.1:80``, ``[2001:db8::1]:80``; IPv4 in IPv6 is IPv4."""
    if not text:
        return None
    text = text.strip()[:64]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address

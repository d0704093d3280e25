"""How long Safari keeps the visitor's cookie: which case a site is, by its names and addresses.

Safari keeps a cookie of a server for its time, and for seven days only where the server's name is a CNAME for another
owner's host, or its address is in another network than the page's: the first half of the two addresses differs.
"""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from touchline.domains import registrable_domain
from touchline.jobs.doctor.check import Check
from touchline.jobs.origins import is_within

_RESERVED = ("example", "test", "invalid", "localhost")
"""Names that no server knows (RFC 2606)."""
_STEP = "See docs/howto/ask-for-consent.md, on how long browsers keep the ids."


class Found(NamedTuple):
    """What a name stands for."""

    canonical: str
    """The name at the end of its aliases."""
    addresses: frozenset[str]


LookUp = Callable[[str], Found | None]
"""Looks a host up; ``None`` where nobody knows it."""


def looked_up(host: str) -> Found | None:
    """What the system's resolver knows of a host."""
    if host.rpartition(".")[2] in _RESERVED:
        return None
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except OSError:
        return None
    canonical = next((row[3] for row in rows if row[3]), host)
    return Found(canonical.rstrip(".").lower(), frozenset(str(row[4][0]) for row in rows))


def lifetimes(public_url: str, sites: Sequence[Mapping[str, str]], look_up: LookUp = looked_up) -> Iterator[Check]:
    """One point for each site: how long Safari keeps the cookie that the server at ``public_url`` sets."""
    server = urlsplit(public_url).hostname
    for domain in sorted({site["domain"] for site in sites}) if server else ():
        yield _of_site(str(server), domain, look_up)


def _of_site(server: str, domain: str, look_up: LookUp) -> Check:
    name = f"cookies of {domain}"
    if not is_within(server, registrable_domain(domain)):
        why = f"{server} is not below {registrable_domain(domain)}, so that only the tracker's script sets the cookie"
        return Check(name, "warning", f"Safari keeps them for 7 days: {why}.", _STEP)
    found, page = look_up(server), look_up(domain)
    if found is None or page is None:
        unknown = server if found is None else domain
        return Check(name, "ok", f"{server} is of the same site; {unknown} could not be looked up from this machine.")
    if registrable_domain(found.canonical) != registrable_domain(server):
        why = f"{server} is a CNAME for {found.canonical}, which is another owner's"
        return Check(name, "warning", f"Safari keeps them for 7 days: {why}.", _STEP)
    if not _halves(found.addresses) & _halves(page.addresses):
        why = f"the addresses of {server} and {domain} are in different networks"
        return Check(name, "warning", f"Safari keeps them for 7 days: {why}.", _STEP)
    return Check(name, "ok", "Safari keeps them for their time, 395 days, like other browsers.")


def _halves(addresses: frozenset[str]) -> frozenset[bytes]:
    """The first half of each address."""
    packed = (ip_address(address.partition("%")[0]).packed for address in addresses)
    return frozenset(address[: len(address) // 2] for address in packed)

"""Pages to which a site sends its visitors, and from which they come back; ``data/README.md`` has the sources."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from touchline.data_rows import data_rows
from touchline.domains import registrable_domain


@cache
def payment_hosts() -> frozenset[str]:
    """Registrable domains of payment pages: coming back from one is not a visit from there.

    >>> "paypal.com" in payment_hosts()
    True
    """
    return frozenset(row["referrer_domain"] for row in data_rows("payment_hosts.csv"))


@cache
def sign_in_hosts() -> frozenset[str]:
    """Hosts, or registrable domains, of pages that sign visitors in, or confirm a payment or a person.

    >>> "accounts.google.com" in sign_in_hosts(), "google.com" in sign_in_hosts()
    (True, False)
    """
    return frozenset(row["referrer"] for row in data_rows("sign_in_hosts.csv"))


@cache
def detours() -> Mapping[str, str]:
    """Hosts and registrable domains of all pages from which visitors only come back, with ``payment`` or ``sign_in``.

    >>> detours()["paypal.com"], detours()["accounts.google.com"]
    ('payment', 'sign_in')
    """
    return MappingProxyType(dict.fromkeys(sign_in_hosts(), "sign_in") | dict.fromkeys(payment_hosts(), "payment"))


def is_detour(host: str) -> bool:
    """Whether visitors from a host (lower case) only come back from there.

    >>> (
    ...     is_detour("hooks.stripe.com"),
    ...     is_detour("acme.okta.com"),
    ...     is_detour("accounts.google.com"),
    ...     is_detour("google.com"),
    ... )
    (True, True, True, False)
    """
    return host in detours() or registrable_domain(host) in detours()

"""Pages to which a site sends its visitors, and from which they come back; ``data/README.md`` has the sources."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from touchline.data_rows import data_rows
from touchline.domains import registrable_domain
from touchline.pattern_sets import encodable, pattern_set

Kind = Literal["payment", "sign_in"]
_ITSELF = "."
"""The label of a pattern that is the registrable domain alone."""
_LABEL_ON_SUFFIX = "@."
"""How a domain in the data begins that a label and a public suffix make up: ``@.gov.*`` is ``login.gov.pl``."""


class DetourPattern(NamedTuple):
    """How hosts of one kind are called: a label before the registrable domain, and that domain.

    ``*`` stands for any characters.
    """

    kind: Kind | Literal["none"]
    """``none``: such a host sends visitors in earnest, whatever a list or another pattern says."""
    label: str
    """One of the labels; ``""``: every host of the domain; ``"."``: the domain itself alone."""
    domain: str


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


@cache
def detour_patterns() -> tuple[DetourPattern, ...]:
    """How the hosts of such pages are called, where they are not listed by name.

    >>> DetourPattern("payment", "acs", "*") in detour_patterns()
    True
    """
    return tuple(_patterns())


def like_patterns() -> list[Mapping[str, str]]:
    """The same for SQL: ``like`` patterns of what stands before the registrable domain (``.acs.``), and of that domain.

    >>> {"kind": "payment", "label": "%.acs.%", "domain": "%"} in like_patterns()
    True
    """
    return [
        {
            "kind": pattern.kind,
            "label": _like(pattern.label),
            "domain": pattern.domain.replace("*", "%"),
        }
        for pattern in detour_patterns()
    ]


def _like(label: str) -> str:
    if label in {"", _ITSELF}:
        return label or "%"
    return f"%.{label.replace('*', '%')}.%"


@lru_cache(maxsize=16_384)
def detour_kind(host: str) -> Kind | None:
    """What a host (lower case) does to the visitors who come back from there; ``None``: it sends them in earnest.

    A host that is listed by its own name goes first, then a pattern that says so of a host, then the lists of domains,
    then the other patterns of how hosts are called.

    >>> detour_kind("hooks.stripe.com"), detour_kind("acs.bank.example"), detour_kind("acme.okta.com")
    ('payment', 'payment', 'sign_in')
    >>> detour_kind("docs.stripe.com"), detour_kind("klarna.com"), detour_kind("pay.klarna.com")
    (None, None, 'payment')
    >>> detour_kind("login.acme.example"), detour_kind("id.pinterest.com"), detour_kind("pay.reddit.com")
    ('sign_in', None, None)
    """
    domain = registrable_domain(host)
    text = encodable(f".{host.removesuffix(domain)}@{domain}")
    kinds: set[str] = {detour_patterns()[number].kind for number in _automaton().Match(text) or ()}
    listed = detours().get(host) if host != domain else None
    if "none" in kinds and not listed:
        return None
    listed = listed or detours().get(domain)
    kinds = {listed} if listed else kinds
    return "payment" if "payment" in kinds else "sign_in" if kinds else None


def is_detour(host: str) -> bool:
    """Whether visitors from a host (lower case) only come back from there.

    >>> is_detour("accounts.google.com"), is_detour("google.com")
    (True, False)
    """
    return detour_kind(host) is not None


def _patterns() -> Iterator[DetourPattern]:
    kinds: Mapping[str, Kind | Literal["none"]] = {"none": "none", "payment": "payment", "sign_in": "sign_in"}
    for row in data_rows("detour_patterns.csv"):
        for domain in row["domains"].split():
            for label in row["labels"].split() or ("",):
                if domain.startswith(_LABEL_ON_SUFFIX):  # such a host is its own registrable domain
                    yield DetourPattern(kinds[row["kind"]], "", label + domain.removeprefix("@"))
                else:
                    yield DetourPattern(kinds[row["kind"]], label, domain)


@cache
def _automaton() -> Any:
    return pattern_set(map(_expression, detour_patterns()))


def _expression(pattern: DetourPattern) -> str:
    label, domain = (".*".join(map(re.escape, text.split("*"))) for text in (pattern.label, pattern.domain))
    if pattern.label == _ITSELF:
        return rf"^\.@{domain}$"
    return rf"\.{label}\.[^@]*@{domain}$" if label else f"@{domain}$"

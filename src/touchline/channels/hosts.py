"""Hosts by their labels, never by substrings: ``netflix.com`` is not ``x.com``."""

from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

LONGEST_HOST = 253


@lru_cache(maxsize=2)
def _suffixes(*, only_icann: bool) -> PublicSuffixList:
    return PublicSuffixList(only_icann=only_icann)


def site_domain(host: str) -> str:
    """The part of a host that one owner holds, e.g. to tell whether a referrer is the site itself.

    ``a.myshopify.com`` and ``b.myshopify.com`` are two sites. A host without a registrable domain, such as an IP
    address, is its own.

    >>> site_domain("www.shop.example.co.uk"), site_domain("a.myshopify.com"), site_domain("localhost")
    ('example.co.uk', 'a.myshopify.com', 'localhost')
    """
    host = host.casefold().strip(".")
    if host.rpartition(".")[2].isdigit():
        return host  # an IP address
    return _suffixes(only_icann=False).privatesuffix(host) or host


@lru_cache(maxsize=8192)
def brand_domain(host: str) -> str:
    """The registrable domain with its public suffix as a star; ``""`` where the suffix is nobody's public suffix.

    Suffixes that companies offer do not count here, or anybody could have ``google.github.io``.

    >>> brand_domain("www.google.co.uk"), brand_domain("google.github.io"), brand_domain("google.evil.com")
    ('google.*', 'github.*', 'evil.*')
    """
    suffix = _suffix(host)
    return f"{host.removesuffix('.' + suffix).rpartition('.')[2]}.*" if suffix else ""


def names_of(host: str) -> Iterator[str]:
    """The keys under which a host may be listed, the most particular first: itself, then each parent.

    >>> list(names_of("news.google.co.uk"))
    ['news.google.co.uk', 'news.google.*', 'google.co.uk', 'google.*']
    """
    suffix = _suffix(host)
    while "." in host and host != suffix:
        yield host
        if suffix:
            yield host.removesuffix(suffix) + "*"
        host = host.partition(".")[2]


def _suffix(host: str) -> str:
    """The public suffix of a host that has something before it, else ``""``."""
    if len(host) > LONGEST_HOST:
        return ""
    suffix = _suffixes(only_icann=True).publicsuffix(host, accept_unknown=False) or ""
    return suffix if suffix != host else ""

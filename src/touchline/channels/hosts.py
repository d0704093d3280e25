"""Hosts by their labels, never by substrings: ``netflix.com`` is not ``x.com``."""

from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

LONGEST_HOST = 253


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


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


@lru_cache(maxsize=8192)
def _suffix(host: str) -> str:
    """The public suffix of a host that has something before it, else ``""``."""
    if len(host) > LONGEST_HOST:
        return ""
    suffix = _suffixes().publicsuffix(host, accept_unknown=False) or ""
    return suffix if suffix != host else ""

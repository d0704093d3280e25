"""Hosts by their labels, never by substrings: ``netflix.com`` is not ``x.com``."""

from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

LONGEST_HOST = 253
_APP_STARTS = ("com.", "org.", "net.")
"""How ids of apps begin, which are hosts read backward; no host of a page begins so."""


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
    suffix = "" if host.startswith(_APP_STARTS) else _suffix(host)
    return f"{host.removesuffix('.' + suffix).rpartition('.')[2]}.*" if suffix else ""


def names_of(host: str) -> Iterator[str]:
    """The keys under which a host may be listed, the most particular first: itself, then each parent.

    The id of an app, such as ``com.google.gmail``, is under itself alone.

    >>> list(names_of("news.google.co.uk")), list(names_of("com.google.gmail"))
    (['news.google.co.uk', 'news.google.*', 'google.co.uk', 'google.*'], ['com.google.gmail'])
    """
    if host.startswith(_APP_STARTS):
        yield host
        return
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

"""The registrable domain of a host, by the public suffix list that ships with ``publicsuffixlist``."""

import hashlib
from functools import cache, lru_cache
from importlib.resources import files

from publicsuffixlist import PublicSuffixList, __version__


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """The part of a host that somebody registered; an IP address, ``localhost`` or a bare suffix is its own.

    Shops on a shared host (``a.myshopify.com``) are different owners and keep their own name.

    >>> [registrable_domain(host) for host in ("m.shop.co.uk", "a.myshopify.com", "10.0.0.1", "localhost")]
    ['shop.co.uk', 'a.myshopify.com', '10.0.0.1', 'localhost']
    """
    host = host.casefold().strip(".")
    if ":" in host or host.rpartition(".")[2].isdigit():
        return host
    domain = _suffixes().privatesuffix(host)
    return domain if isinstance(domain, str) else host


@cache
def suffix_list_digest() -> str:
    """The digest of the public suffix list and of the version of the package that reads it."""
    rows = (files("publicsuffixlist") / "public_suffix_list.dat").read_bytes()
    return hashlib.sha256(__version__.encode() + b"\n" + rows).hexdigest()

"""Who a host, an app or a word in ``utm_source`` is: its category, its name, and the ad platform that sells it."""

import re
from functools import lru_cache
from typing import NamedTuple

from touchline.channels.hosts import LONGEST_HOST, brand_domain, names_of
from touchline.channels.reference import platform_rows, source_rows


class Source(NamedTuple):
    """What is known about a source; both texts are empty where nothing is."""

    category: str
    """``search, social, video, shopping, display, native, email, ai, affiliate`` or ``referral``."""
    name: str

    @property
    def sells_only_ads(self) -> bool:
        """Whether nobody comes from this source but by an ad."""
        return self.category in {"display", "native"} or self.name.endswith(" Ads")


UNKNOWN = Source("", "")

_ADS_ENDING = re.compile(r"[-_ .]?(?:ads?|cpc|ppc|paid)$")
_GOOGLE_AD_HOSTS = frozenset({"googleadservices.com", "googlesyndication.com", "doubleclick.net"})


def source_of_host(host: str) -> Source:
    """The source whose key is this host (lower case) or its nearest parent.

    >>> source_of_host("gemini.google.com"), source_of_host("lm.facebook.com"), source_of_host("netflix.example")
    (Source(category='ai', name='Gemini'), Source(category='social', name='Facebook'), Source(category='', name=''))
    """
    if len(host) > LONGEST_HOST:
        return UNKNOWN
    known = _by_key()
    return next((known[name] for name in names_of(host) if name in known), UNKNOWN)


def source_of_word(word: str) -> tuple[Source, bool]:
    """The source that a word of ``utm_source`` (lower case) means, and whether the word itself says it is an ad.

    >>> source_of_word("ig"), source_of_word("fb-ads")[1]
    ((Source(category='social', name='Instagram'), False), True)
    """
    source = _exact(word)
    if source is UNKNOWN and "." in word:
        source = source_of_host(_host_in(word))
    if source is not UNKNOWN:
        return source, source.sells_only_ads
    stem = _ADS_ENDING.sub("", word)
    sold = _exact(stem) if stem != word else UNKNOWN
    return (sold, True) if platform_of(sold.name) else (UNKNOWN, False)


def platform_of(name: str) -> str:
    """Code of the ad platform that sells clicks from the source of this name, else ``""``.

    >>> platform_of("Instagram"), platform_of("DuckDuckGo")
    ('META', '')
    """
    return _platforms().get(name, "")


def source_of_platform(platform: str) -> Source:
    """The source that the click ids of a platform stand for, or :data:`UNKNOWN` where they do not tell.

    >>> source_of_platform("GOOGLE_ADS").name, source_of_platform("HUBSPOT_ADS").name
    ('Google', '')
    """
    return _exact(_main_names().get(platform, "").casefold())


def is_google(host: str) -> bool:
    """Whether a host (lower case) is Google's: ``google.<public suffix>``, its ad hosts, or one of its listed apps.

    >>> is_google("www.google.co.uk"), is_google("googleads.g.doubleclick.net"), is_google("google.evil.com")
    (True, True, False)
    """
    is_app = host.startswith("com.google.") and host in _by_key()
    return is_app or brand_domain(host) == "google.*" or not _GOOGLE_AD_HOSTS.isdisjoint(names_of(host))


def _exact(word: str) -> Source:
    return _by_key().get(word) or _by_name().get(word) or UNKNOWN


def _host_in(word: str) -> str:
    """The host in a word such as ``https://www.google.com/``."""
    return re.split(r"[/?#:]", word.partition("//")[2] or word, maxsplit=1)[0]


@lru_cache(maxsize=1)
def _by_key() -> dict[str, Source]:
    return {key: Source(category, name) for key, category, name in source_rows()}


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Source]:
    """Sources by their own name. A name with several categories (Yahoo!) has a row of its own in the file."""
    return {source.name.casefold(): source for source in _by_key().values()}


@lru_cache(maxsize=1)
def _platforms() -> dict[str, str]:
    return {name: platform for platform, name, sells_ads in platform_rows() if sells_ads == "yes"}


@lru_cache(maxsize=1)
def _main_names() -> dict[str, str]:
    return {platform: name for platform, name, _ in reversed(platform_rows())}

"""Who a host, an app or a word in ``utm_source`` is: its category, its name, and the ad platform that sells it."""

import re
from functools import lru_cache
from typing import NamedTuple

from touchline.channels.hosts import LONGEST_HOST, brand_domain, names_of
from touchline.channels.reference import platform_rows, qualifier_rows, source_rows


class Source(NamedTuple):
    """What is known about a source; both texts are empty where nothing is."""

    category: str
    """``search, social, video, shopping, display, native, email, sms, push, audio, ai, affiliate`` or ``referral``."""
    name: str

    @property
    def sells_only_ads(self) -> bool:
        """Whether nobody comes from this source but by an ad."""
        return self.category in {"display", "native"} or self.name.endswith(" Ads")


UNKNOWN = Source("", "")

_ADS_ENDING = re.compile(r"[-_ .]?(?:ads?|cpc|ppc|paid)$")
_BETWEEN_TOKENS = re.compile(r"[-_ .+|/,;&]+")
_COUNTRY_OR_NUMBER = re.compile(r"[a-z]{2}|[0-9]+")
_MOST_TOKENS = 6
_TOOLS = frozenset({"affiliate", "email", "push", "sms"})
"""Categories of programs that send people's links."""
_SHORTEST_STEM = 4
_SHORTEST_CLOSED_UP = 5
"""Shorter words without their signs would be abbreviations: ``t-h`` is no ``th``."""
_GOOGLE_AD_HOSTS = frozenset({"googleadservices.com", "googlesyndication.com", "doubleclick.net"})
_MAIL_LABEL = re.compile(
    r"mail.*|webmail.*|.*mail(?:er)?\d*|lightmailer.*|3c(?:-.*)?|messaging|owa\d*|outlook|roundcube|horde|zimbra|messagerie[a-z]*"
    r"|poczta|posta|correo|correoweb|courriel|inbox|navigator-[a-z]{2,3}\d*|newsletters?|deref"
)
_MAIL_DOMAIN = re.compile(r"deref-.*")
_MAIL_LINK = re.compile(
    r"(?:clicks?|links?|track(?:ing)?|trk|cl)\.(?:e|em|enews|mails?|mailings?|news|newsletters?)\.[^.]+\.\*"
)
"""Hosts through which senders of mails lead the links in them."""


@lru_cache(maxsize=65_536)
def source_of_host(host: str) -> Source:
    """The source whose key is this host (lower case) or its nearest parent; hosts named like webmail are e-mail.

    >>> source_of_host("gemini.google.com"), source_of_host("lm.facebook.com"), source_of_host("netflix.example")
    (Source(category='ai', name='Gemini'), Source(category='social', name='Facebook'), Source(category='', name=''))
    >>> source_of_host("mail01.orange.fr")
    Source(category='email', name='mail01.orange.fr')
    """
    if len(host) > LONGEST_HOST:
        return UNKNOWN
    known = _by_key()
    if host in known:  # the id of an iPhone app has no dots
        return known[host]
    for name in names_of(host):
        if name in known:
            return known[name]
        if name.endswith("*") and _is_mail(name):
            return Source("email", host)
    return UNKNOWN


def _is_mail(name: str) -> bool:
    """Whether a host whose public suffix is a star is called as webmail is: by a label before the domain, mostly."""
    label, _, rest = name.partition(".")
    expression = _MAIL_DOMAIN if rest == "*" else _MAIL_LABEL
    return expression.fullmatch(label) is not None or _MAIL_LINK.fullmatch(name) is not None


@lru_cache(maxsize=65_536)
def source_of_word(word: str) -> tuple[Source, bool]:
    """The source that a word of ``utm_source`` (lower case) means, and whether the word itself says it is an ad.

    >>> source_of_word("ig"), source_of_word("fb-ads")[1]
    ((Source(category='social', name='Instagram'), False), True)
    >>> source_of_word("facebook_mobile_feed"), source_of_word("newsletter-uk")[0].category
    ((Source(category='social', name='Facebook'), True), 'email')
    """
    source = _exact(word)
    if source is UNKNOWN:
        source = _of_site(_host_in(word)) if "." in word else _closed_up(word)
    if source is not UNKNOWN:
        return source, source.sells_only_ads
    stem = _ADS_ENDING.sub("", word)
    sold = _exact(stem) if stem != word else UNKNOWN
    return (sold, True) if platform_of(sold.name) else _qualified(word)


def _of_site(host: str) -> Source:
    """The source of a host in a word; a tool is also known by its name before a public suffix: ``impact.com``."""
    source = source_of_host(host)
    if source is UNKNOWN:
        source = _exact(brand_domain(host).removesuffix(".*"))
        return source if source.category in _TOOLS else UNKNOWN
    return source


def _qualified(word: str) -> tuple[Source, bool]:
    """The source of a word made of its name and of what people add to it, as in ``google_shopping``."""
    tokens = [token for token in _BETWEEN_TOKENS.split(word) if token]
    if len(tokens) == 1:
        tokens = _cut(word)
    if not 2 <= len(tokens) <= _MOST_TOKENS:
        return UNKNOWN, False
    source, words, is_named_ad = _exact(tokens[0]), tokens[1:], False
    if source is UNKNOWN:
        source, words = _exact("_".join(tokens[:2])), tokens[2:]
    if source is UNKNOWN and _ADS_ENDING.search(tokens[0]):
        source, words, is_named_ad = _exact(_ADS_ENDING.sub("", tokens[0])), tokens[1:], True
    platform = platform_of(source.name)
    meanings = [_meaning(token, platform) for token in words]
    if source is UNKNOWN or None in meanings:
        return UNKNOWN, False
    is_ad = is_named_ad or source.sells_only_ads
    is_ad = is_ad or any(meaning is not None and meaning[0] == "paid" for meaning in meanings)
    sells = bool(platform)
    if is_ad and not sells:
        return UNKNOWN, False
    category = next((meaning[1] for meaning in meanings if meaning is not None and meaning[1]), "")
    is_within = source.category == "social" and category in {"search", "display"}  # a place in the network's own app
    return (Source(category, source.name) if category and sells and not is_within else source), is_ad


def _meaning(token: str, platform: str) -> tuple[str, str] | None:
    """What a token after a source's name says; ``None`` where it is a word of its own.

    Another source of the same ``platform`` says nothing more: ``facebook-instagram``.
    """
    if token in _qualifiers():
        return _qualifiers()[token]
    is_same = bool(platform) and platform_of(_exact(token).name) == platform
    return ("neutral", "") if is_same or _COUNTRY_OR_NUMBER.fullmatch(token) else None


def _cut(word: str) -> list[str]:
    """A word without separators, cut behind the name of a source that sells ads; else the word alone."""
    for length in range(len(word) - 2, _SHORTEST_STEM - 1, -1):
        if word[length:] in _qualifiers() and platform_of(_exact(word[:length]).name):
            return [word[:length], word[length:]]
    return [word]


@lru_cache(maxsize=1)
def _qualifiers() -> dict[str, tuple[str, str]]:
    return {word: (means, category) for word, means, category in qualifier_rows()}


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


@lru_cache(maxsize=8192)
def is_google(host: str) -> bool:
    """Whether a host (lower case) is Google's: ``google.<public suffix>``, its ad hosts, or one of its listed apps.

    >>> is_google("www.google.co.uk"), is_google("googleads.g.doubleclick.net"), is_google("google.evil.com")
    (True, True, False)
    """
    is_app = host.startswith("com.google.") and host in _by_key()
    return is_app or brand_domain(host) == "google.*" or not _GOOGLE_AD_HOSTS.isdisjoint(names_of(host))


def _exact(word: str) -> Source:
    return _by_key().get(word) or _by_name().get(word) or UNKNOWN


def _closed_up(word: str) -> Source:
    """The source whose word or name is this one but for blanks and signs between: ``impact_radius``."""
    letters = _BETWEEN_TOKENS.sub("", word)
    return _by_letters().get(letters, UNKNOWN) if len(letters) >= _SHORTEST_CLOSED_UP else UNKNOWN


@lru_cache(maxsize=1)
def _by_letters() -> dict[str, Source]:
    """Sources by their words and names without blanks and signs, those with their own row first."""
    words = {**_by_name(), **{key: source for key, source in _by_key().items() if "." not in key}}
    return {_BETWEEN_TOKENS.sub("", word): source for word, source in words.items()}


def _host_in(word: str) -> str:
    """The host in a word such as ``https://www.google.com/``."""
    place = re.split(r"[/?#]", word.partition("//")[2] or word, maxsplit=1)[0]
    return place.rpartition("@")[2].partition(":")[0]


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

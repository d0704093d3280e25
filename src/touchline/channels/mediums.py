"""What a word of ``utm_medium`` says: rows of ``data/mediums.csv``, names of ads, and words for ads within it."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from touchline.channels.medium_parts import meaning_of_parts
from touchline.channels.reference import medium_rows
from touchline.channels.sources import UNKNOWN, Source, platform_of, source_of_word

_CATEGORIES = ("shopping", "search", "social", "video", "display")
_AD_TOKEN = re.compile(
    r"(?:^|(?<!\bno)(?<!\bnon)(?<!\bnot)[-. +|/]|(?<!no)(?<!non)(?<!not)_)"
    r"(?:ads?|paid|sponsored|promoted)(?:$|[-_ .+|/])|searchads?$"
)
"""A word for ads among the words of a medium: ``social_ad``, ``promoted-pin``, but not ``non_paid``."""

MEANINGS = frozenset(
    {
        "paid", "ad-of-seller", "ad-of-search-engine", "affiliate", "display", "email", "sms", "ai", "social",
        "organic-social", "organic", "search", "referral", "link", "format", "video", "audio", "push", "mobile",
    }
)  # fmt: skip
"""What ``means`` in ``data/mediums.csv`` may be; ``data/README.md`` says what each is."""
_NO_CHANNEL = frozenset({"paid", "ad-of-seller", "ad-of-search-engine", "mobile"})
"""Meanings that name no channel, so that a click id that proves no ad decides in spite of them."""
_GENERIC = frozenset({"referral", "link", "organic", "search", "social", "organic-social", "ai", "audio"})
"""Meanings that the id of an affiliate network or of a mail sender overrules: such ids are on their links only."""
_UNPAID = frozenset({"email", "sms", "social", "organic-social", "organic", "search", "referral"})


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium and what it says."""

    means: frozenset[str]
    """Some of :data:`MEANINGS`: of the row of the word itself, and of each row whose pattern it matches."""
    category: str
    """The kind of place the ad was in, as sources have it, where the row or the words for an ad tell."""
    named_category: str
    """The same or, where neither tells, the category whose name is part of the word."""
    seller: Source = UNKNOWN
    """Whose ad it is, where the word is the name of one: the source, where the tags name none that is known."""

    def says_ad_of(self, source: Source) -> bool:
        """Whether the word is one that a seller of ads, such as this source, has for them."""
        return "ad-of-seller" in self.means or ("ad-of-search-engine" in self.means and source.category == "search")

    @property
    def is_paid(self) -> bool:
        """Whether the word says that the click was paid for, whatever the source."""
        return "paid" in self.means

    @property
    def names_channel(self) -> bool:
        """Whether the word names a channel, so that a click id that proves no ad does not overrule it."""
        return not self.means <= _NO_CHANNEL

    @property
    def is_generic(self) -> bool:
        """Whether an affiliate network's or a mail sender's click id says more than the word."""
        return bool(self.means & _GENERIC)

    @property
    def is_unpaid(self) -> bool:
        """Whether the word says that nobody paid for the click."""
        return bool(self.means & _UNPAID)

    @property
    def is_organic(self) -> bool:
        """Whether the word says so of a click that came from a social network."""
        return bool(self.means & {"organic", "organic-social"})


@lru_cache(maxsize=4096)
def medium_called(word: str) -> Medium:
    """What a medium (lower case) says.

    >>> sorted(medium_called("facebook_mobile_feed").means), medium_called("banner_ad").category
    (['mobile', 'paid'], 'display')
    >>> medium_called("e-mail").means, medium_called("read-me").means
    (frozenset({'email'}), frozenset())
    """
    means, category, seller = _own_meaning(word)
    matched = {meaning for meaning, pattern in _patterns().items() if pattern.fullmatch(word)}
    said = frozenset(({means} if means else set()) | matched)
    return Medium(said, category, category or _category_in(word), seller)


def _own_meaning(word: str) -> tuple[str, str, Source]:
    """Meaning, category and seller of a word that is listed, is the name of an ad, or has parts that say something."""
    known = _words().get(word)
    source, is_ad = source_of_word(word)
    if known is not None:
        return *known, source if known[0] == "paid" and (is_ad or platform_of(source.name)) else UNKNOWN
    if is_ad:
        return "paid", source.category, source
    means, category = meaning_of_parts(word)
    if means != "affiliate" and _AD_TOKEN.search(word):
        return "paid", "audio" if means == "audio" else _category_in(word) or category, UNKNOWN
    return means, category, UNKNOWN


@lru_cache(maxsize=1)
def _words() -> Mapping[str, tuple[str, str]]:
    return {word: (means, category) for word, means, category in medium_rows() if "*" not in word}


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """For each meaning, its words with ``*`` for any characters."""
    found = defaultdict(list)
    for word, means, _ in medium_rows():
        if "*" in word:
            found[means].append(".*".join(map(re.escape, word.split("*"))))
    return {means: re.compile("|".join(patterns), re.DOTALL) for means, patterns in found.items()}


def _category_in(word: str) -> str:
    if "banner" in word:
        return "display"
    return next((category for category in _CATEGORIES if category in word), "")

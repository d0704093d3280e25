"""Evidence as Google Analytics 4 reads it: source and medium, by its own list of sources."""

import re
from functools import lru_cache

import msgspec

from touchline.channels.facts import PROOFS, Facts, Mark, Words, facts_of, known_names
from touchline.channels.hosts import brand_domain
from touchline.channels.reference import google_category_rows
from touchline.channels.sources import platform_of, source_of_host, source_of_word
from touchline.domains import registrable_domain

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_DIRECT = frozenset({"(direct)", "direct"})
"""Words for a visit that nobody sent; ``(not set)`` is a source that GA4 does not know, and so Unassigned."""
_AUTO_TAGGED = {"GOOGLE_ADS": ("google", "cpc"), "GOOGLE_MARKETING_PLATFORM": ("dfa", "cpm")}
"""What Google's auto-tagging reports for the click ids of its own platforms."""


def ga4_facts_of(words: Words) -> Facts:
    """Read the evidence of a touch but for its campaign as GA4 does: a link with Google's click id is google / cpc."""
    read = facts_of(words)
    source, medium, category = _source_medium_and_category(words)
    return msgspec.structs.replace(
        read,
        medium=medium,
        medium_means=frozenset(),
        source=source,
        category=category,
        platform=platform_of(source_of_word(source)[0].name),
        is_paid=_PAID.fullmatch(medium) is not None,
        is_ambiguous=False,
        is_nothing=not source and not medium,
        app="",
        marks=_marks(read.marks + read.ignored),
        ignored=(),
    )


def _source_medium_and_category(words: Words) -> tuple[str, str, str]:
    for name in known_names(words.click_id_names):
        tagged = _AUTO_TAGGED.get(PROOFS[name].platform) if name in PROOFS else None
        if tagged is not None:
            return *tagged, _categories().get(tagged[0], "")
    source = "" if words.source in _DIRECT else words.source
    medium = "" if words.medium in {"(none)", "(not set)"} else words.medium
    if source or medium:
        return source, medium, _categories().get(source, "")
    host = words.referrer_host
    if not host:
        return "", "", ""
    if source_of_host(host).category == "ai":
        return host, "ai-assistant", ""
    category = _category_of_host(host)
    return host, "organic" if category == "search" else "referral", category


@lru_cache(maxsize=8192)
def _category_of_host(host: str) -> str:
    """Google's category of a referrer; a search engine or shop of the list is so in all countries: ``google.de``.

    Of the other hosts of a search engine, such as ``mail.google.com``, those that search are search.
    """
    listed = _categories().get(host)
    if listed is not None:
        return listed
    domain = brand_domain(host)
    of_brand = _categories().get(domain.removesuffix(".*"), "")
    is_whole = bool(domain) and host.count(".") == registrable_domain(host).count(".")
    is_search = of_brand == "search" and source_of_host(host).category == "search"
    return of_brand if is_search or (is_whole and of_brand != "search") else ""


@lru_cache(maxsize=1)
def _categories() -> dict[str, str]:
    """Google's list of sources: ``search``, ``social``, ``video`` or ``shopping``, for whole words and hosts only."""
    return {row[0]: row[1] for row in google_category_rows()}


def _marks(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks that GA4 looks at, each once."""
    return tuple(dict.fromkeys(mark for mark in marks if mark.fact != "app"))

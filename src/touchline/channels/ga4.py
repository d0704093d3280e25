"""Evidence as Google Analytics 4 reads it: source and medium, by its own list of sources."""

import re
from functools import lru_cache

import msgspec

from touchline.channels.facts import PROOFS, Facts, Mark, Words, facts_of, known_names
from touchline.channels.reference import google_category_rows
from touchline.channels.sources import platform_of, source_of_host, source_of_word

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_DIRECT = frozenset({"(direct)", "direct"})
"""Words for a visit that nobody sent; ``(not set)`` is a source that GA4 does not know, and so Unassigned."""
_CATEGORIES = frozenset({"search", "social", "video", "shopping"})
_AUTO_TAGGED = {"GOOGLE_ADS": ("google", "cpc"), "GOOGLE_MARKETING_PLATFORM": ("dfa", "cpm")}
"""What Google's auto-tagging reports for the click ids of its own platforms."""


def ga4_facts_of(words: Words) -> Facts:
    """Read the evidence of a touch but for its campaign as GA4 does: a link with Google's click id is google / cpc."""
    read = facts_of(words)
    source, medium = _source_and_medium(words)
    category = _category(source)
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


def _source_and_medium(words: Words) -> tuple[str, str]:
    for name in known_names(words.click_id_names):
        tagged = _AUTO_TAGGED.get(PROOFS[name].platform) if name in PROOFS else None
        if tagged is not None:
            return tagged
    source = "" if words.source in _DIRECT else words.source
    medium = "" if words.medium in {"(none)", "(not set)"} else words.medium
    if source or medium:
        return source, medium
    host = words.referrer_host
    if not host:
        return "", ""
    category = source_of_host(host).category
    if category == "ai":
        return host, "ai-assistant"
    return host, "organic" if _category(host) == "search" else "referral"


@lru_cache(maxsize=8192)
def _category(word: str) -> str:
    """Google's category of a source: search, social, video or shopping, else ``""``."""
    listed = _exceptions().get(word)
    if listed is not None:
        return listed
    category = source_of_word(word)[0].category
    return category if category in _CATEGORIES else ""


@lru_cache(maxsize=1)
def _exceptions() -> dict[str, str]:
    return {row[0]: row[1] for row in google_category_rows()}


def _marks(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks that GA4 looks at, each once."""
    return tuple(dict.fromkeys(mark for mark in marks if mark.fact != "app"))

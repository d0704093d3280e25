"""Where the evidence of one touch disagrees with itself; the answer stands, and the disagreement is said."""

from collections.abc import Callable, Mapping

from touchline.channels.facts import PROOFS, Facts
from touchline.channels.mediums import medium_called
from touchline.channels.sources import UNKNOWN, platform_of, source_of_platform, source_of_word

_RELATED_PLATFORMS = (
    frozenset({"GOOGLE_ADS", "GOOGLE_MARKETING_PLATFORM"}),
    frozenset({"YAHOO_JAPAN", "YANDEX"}),
)
"""Platforms of one company, or with click ids of one name: a tag of one agrees with a click of the other."""


_NAMED_PLACES = frozenset({"search", "social", "video", "ai"})
"""Categories of which a tag and a referrer name the same place, or disagree."""


def _has_affiliate(facts: Facts) -> bool:
    return "affiliate" in facts.click_kinds or "affiliate" in facts.medium_means or facts.category == "affiliate"


def _is_only_ambiguous(facts: Facts) -> bool:
    return "ambiguous" in facts.click_kinds and "ad" not in facts.click_kinds


def _tagged_platform(facts: Facts) -> str:
    return platform_of(source_of_word(facts.source)[0].name) if facts.source else ""


def _ad_platforms(facts: Facts) -> set[str]:
    """The platforms that sold the click; a tool that manages ads on several of them sells none."""
    named = {PROOFS[name].platform for name in facts.clicks if PROOFS[name].kind == "ad"}
    return {platform for platform in named if source_of_platform(platform) is not UNKNOWN}


def _is_other_platform(facts: Facts) -> bool:
    tagged, clicked = _tagged_platform(facts), _ad_platforms(facts)
    return bool(tagged and clicked) and tagged not in clicked and not _is_related(tagged, clicked)


def _is_related(tagged: str, clicked: set[str]) -> bool:
    return any(tagged in platforms and bool(clicked & platforms) for platforms in _RELATED_PLATFORMS)


def _is_other_referrer(facts: Facts) -> bool:
    if not facts.source or facts.referrer_category not in _NAMED_PLACES:
        return False
    tagged = source_of_word(facts.source)[0]
    if tagged.category not in _NAMED_PLACES or tagged.name == facts.referrer_name:
        return False
    platforms = {platform_of(tagged.name), platform_of(facts.referrer_name)}
    return len(platforms) > 1 or platforms == {""}


CONTRADICTIONS: Mapping[str, Callable[[Facts], bool]] = {
    "ad_click_and_affiliate": lambda f: "ad" in f.click_kinds and _has_affiliate(f),
    "ambiguous_click_and_affiliate": lambda f: _is_only_ambiguous(f) and _has_affiliate(f),
    "ad_click_and_unpaid_medium": lambda f: "ad" in f.click_kinds and medium_called(f.medium).is_unpaid,
    "ad_clicks_of_two_platforms": lambda f: len(_ad_platforms(f) - {"GOOGLE_MARKETING_PLATFORM"}) > 1,
    "ad_click_and_other_source": _is_other_platform,
    "unpaid_click_and_paid_medium": lambda f: "organic" in f.click_kinds and medium_called(f.medium).is_paid,
    "mail_click_and_paid_medium": lambda f: "email" in f.click_kinds and medium_called(f.medium).is_paid,
    "tagged_source_and_other_referrer": _is_other_referrer,
}
"""Every contradiction that is looked for, by its name."""


def contradictions_of(facts: Facts) -> tuple[str, ...]:
    """The names of the contradictions in the evidence, in the order of :data:`CONTRADICTIONS`."""
    if not facts.clicks and not (facts.source and facts.referrer):
        return ()  # one voice cannot disagree with itself
    return tuple(name for name, holds in CONTRADICTIONS.items() if holds(facts))

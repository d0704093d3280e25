"""Evidence, read: what the rules of the ladder ask about, each fact with the mark that says where it comes from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from attribution_campaign_context.registry import CLICK_IDS, ClickId
from touchline.channels.evidence import Evidence, folded
from touchline.channels.sources import UNKNOWN, Source, platform_of, source_of_host, source_of_platform, source_of_word

PAID_WORDS = frozenset(
    {
        "ppc", "retargeting", "remarketing", "ad", "ads", "sem", "native", "sponsored", "promoted", "social-paid",
        "social_paid", "social paid", "search-ads", "social-ads", "video-ads", "display-ads",
    }
)  # fmt: skip
"""Mediums that say "paid" in addition to ``paid…`` and everything with ``cp`` in it (cpc, cpm, cpa, …)."""

_SHOP_CAMPAIGN = re.compile(r"(?:^|[^a-df-z])shop|shopping")
_MEDIUM_CATEGORIES = ("shopping", "search", "social", "video", "display")
_FORMATS = {
    "display": "display", "banner": "display", "expandable": "display", "interstitial": "display",
    "shopping": "shopping", "video": "video",
}  # fmt: skip
"""A search engine's click id does not say where its ad stood; these mediums do."""
_NO_SOURCE = frozenset({"(direct)", "direct", "(none)", "(not set)"})
_NO_MEDIUM = frozenset({"(none)", "(not set)"})
_KIND_ORDER = ("ad", "affiliate", "email", "organic", "ambiguous")
_BY_STRENGTH = sorted(CLICK_IDS, key=lambda name: _KIND_ORDER.index(CLICK_IDS[name].kind))
_SHARED_IDS = frozenset({("yclid", "YAHOO_JAPAN")})
"""Click ids that a second platform uses under the same name."""
_LONGEST_WORD = 80


@dataclass(frozen=True)
class Facts:
    """One touch as the rules see it: all text lower case, ``""`` where there is none."""

    medium: str
    campaign: str
    category: str
    """Category of the source; see :class:`touchline.channels.sources.Source`."""
    name: str
    """Name of the source."""
    is_paid: bool
    """Whether a click id, the medium or the source's name says that the click was paid for."""
    is_shop_campaign: bool
    is_by_referrer: bool
    """Whether the source is the referrer, because no tag names one."""
    is_nothing: bool
    """Whether there is no evidence at all."""
    marks: tuple[tuple[str, str], ...]
    """``(click | medium | source | campaign, mark)``, e.g. ``("medium", "medium:cpc")``."""
    leftover: str
    """The mark where no other is left: of a click id that tells nothing, or ``none``."""

    def reason(self, uses: str) -> str:
        """The marks of the facts that a rule used, e.g. ``medium:cpc source:google``."""
        wanted = uses.split()
        return " ".join(mark for fact, mark in self.marks if fact in wanted) or self.leftover


@dataclass(frozen=True)
class _Click:
    name: str
    meaning: ClickId
    source: Source

    @property
    def is_paid(self) -> bool:
        return self.meaning.kind == "ad"

    @property
    def mark(self) -> str:
        return f"click_id:{self.name}" + (":ambiguous" if self.meaning.kind == "ambiguous" else "")


@dataclass(frozen=True)
class _Named:
    """The source that the tags name or, where they name none, the referrer."""

    source: Source
    is_ads: bool
    is_by_referrer: bool
    mark: str


def facts_of(evidence: Evidence) -> Facts:
    """Read the evidence of one touch."""
    medium = folded(evidence.utm_medium)
    medium = "" if medium in _NO_MEDIUM else medium
    campaign = folded(evidence.utm_campaign)
    names = list(_names(evidence.click_id_names))
    click = _strongest(names)
    named = _named(evidence)
    source, is_by_click = _source(named, click, medium)
    is_paid = bool(click and click.is_paid) or is_paid_medium(medium) or (named.is_ads and not is_by_click)
    category = source.category or (_category_in(medium) if is_paid else "")
    if click and click.is_paid and category == "search":
        category = _FORMATS.get(medium, category)
    marks = (
        ("click", click.mark if click and (click.is_paid or is_by_click) else ""),
        ("medium", f"medium:{_word(medium)}" if medium else ""),
        ("source", "" if is_by_click else named.mark),
        ("campaign", f"campaign:{_word(campaign)}" if campaign else ""),
    )
    return Facts(
        medium=medium,
        campaign=campaign,
        category=category,
        name=source.name,
        is_paid=is_paid,
        is_shop_campaign=_SHOP_CAMPAIGN.search(campaign) is not None,
        is_by_referrer=named.is_by_referrer and not is_by_click,
        is_nothing=not (medium or campaign or names or named.mark),
        marks=tuple((fact, mark) for fact, mark in marks if mark),
        leftover=f"click_id:{_word(names[0])}" if names else "none",
    )


def is_paid_medium(medium: str) -> bool:
    """Whether a medium (lower case) says that the click was paid for.

    >>> [is_paid_medium(medium) for medium in ("cpc", "paid_social", "organic")]
    [True, True, False]
    """
    return "cp" in medium or medium.startswith("paid") or medium in PAID_WORDS


def click_id_names(evidence: Evidence) -> frozenset[str]:
    """The names of the click ids, lower case."""
    return frozenset(_names(evidence.click_id_names))


def _names(joined: str | None) -> Iterator[str]:
    return filter(None, (name.strip() for name in folded(joined).split(",")))


def _strongest(names: list[str]) -> _Click | None:
    """The click id that says most: an ad's before a sender's, a certain before an ambiguous one."""
    name = next((name for name in _BY_STRENGTH if name in names), None)
    if name is None:
        return None
    meaning = CLICK_IDS[name]
    sender = Source(meaning.kind, "") if meaning.kind in {"affiliate", "email"} else None
    return _Click(name, meaning, sender or source_of_platform(meaning.platform))


def _named(evidence: Evidence) -> _Named:
    word = folded(evidence.utm_source)
    if word and word not in _NO_SOURCE:
        source, is_ads = source_of_word(word)
        return _Named(source, is_ads, is_by_referrer=False, mark=f"source:{_word(word)}")
    host = folded(evidence.referrer_host)
    if not host:
        return _Named(UNKNOWN, is_ads=False, is_by_referrer=False, mark="")
    source = source_of_host(host)
    return _Named(
        source,
        source.sells_only_ads,
        is_by_referrer=True,
        mark=f"referrer:{source.category or 'unknown'}:{_word(host)}",
    )


def _source(named: _Named, click: _Click | None, medium: str) -> tuple[Source, bool]:
    """The source to believe, and whether the click id names it.

    A source that the click's own platform sells is the more exact word for it (Google's click from YouTube). Else
    the id of an ad is believed before all; any other id only where the tags leave the question open.
    """
    if click is None or click.source is UNKNOWN or _agree(named.source, click):
        return named.source, False
    is_tagged = bool(named.source.category) and not named.is_by_referrer
    if not click.is_paid and (is_tagged or (medium and not is_paid_medium(medium))):
        return named.source, False
    return click.source, True


def _agree(source: Source, click: _Click) -> bool:
    platform = platform_of(source.name)
    return bool(platform) and (platform == click.meaning.platform or (click.name, platform) in _SHARED_IDS)


def _category_in(medium: str) -> str:
    return next((category for category in _MEDIUM_CATEGORIES if category in medium), "")


def _word(text: str) -> str:
    return text[:_LONGEST_WORD].strip().replace(" ", "_")

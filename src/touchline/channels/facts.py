"""Evidence, read: what the rules of a ladder ask about, each fact with the mark that says where it comes from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import msgspec

from attribution_campaign_context.registry import CLICK_IDS, PARAMETER_SETS, ClickId
from touchline.channels.evidence import Evidence, folded
from touchline.channels.mediums import Medium, medium_called
from touchline.channels.source_parts import source_called
from touchline.channels.sources import (
    UNKNOWN,
    Source,
    is_google,
    platform_of,
    source_of_host,
    source_of_platform,
)

_SHOP_CAMPAIGN = re.compile(r"(?:^|[^a-df-z])shop|shopping")
_OTHER_FORMATS = frozenset({"audio", "display", "shopping", "video"})
"""What search engines sell besides ads next to results; a medium that names it is more exact than its source."""
_NO_WORDS = frozenset({"(none)", "(not set)", "(data deleted)", "(data not available)", "(other)"})
_NO_SOURCE = _NO_WORDS | {"(direct)", "direct"}
_NO_CAMPAIGN = _NO_WORDS | {"(organic)", "(referral)", "(direct)", "(ai-assistant)"}
"""Words that tools write where there is no name."""
PROOFS: Mapping[str, ClickId] = {**CLICK_IDS, **PARAMETER_SETS}
"""What each click id proves, and what sets of parameters that ad platforms fill in do."""
KIND_ORDER = ("ad", "affiliate", "email", "organic", "ambiguous")
"""Kinds of click ids, the one that proves most first."""


_OF_GOOGLE = frozenset({"gad", "gad_source", "gad_campaignid", "gclsrc"})
"""What Google adds to a click of any of its products: the click's own id says which."""


def _strength(name: str) -> tuple[int, bool, bool, bool]:
    """What sorts a click id among the others: a kind that proves more goes first, then one whose sender is known."""
    known = PROOFS[name]
    is_anonymous = known.kind == "ad" and source_of_platform(known.platform) is UNKNOWN
    return KIND_ORDER.index(known.kind), is_anonymous, name in _OF_GOOGLE, name in PARAMETER_SETS


_BY_STRENGTH = sorted(PROOFS, key=_strength)
_FORMATS = {
    "valuetrack_display": "display",
    "valuetrack_video": "video",
    "valuetrack_cross_network": "cross-network",
    "yahoo_japan_display": "display",
    "adobe_display": "display",
}
"""What kind of place the ad was in, where parameters that the platform fills in say it."""
_SHARED_IDS = frozenset({("yclid", "YAHOO_JAPAN")})
"""Click ids that a second platform uses under the same name."""
_EXPLAINED = {"yahoo_japan_parameters": "yclid", "yahoo_japan_display": "yclid"}
"""Click ids of several platforms, by the set that says which platform wrote them."""
_LONGEST_WORD = 80


class Mark(NamedTuple):
    """One piece of evidence in short: ``("medium", "medium:cpc")``."""

    fact: str
    text: str


class Facts(msgspec.Struct, frozen=True, gc=False):
    """One touch but for its campaign, as the rules see it: all text lower case, ``""`` where there is none."""

    medium: str
    medium_means: frozenset[str]
    """What the medium says: some of :data:`touchline.channels.mediums.MEANINGS`."""
    source: str
    """What ``utm_source`` says."""
    category: str
    """Category of the source; see :class:`touchline.channels.sources.Source`."""
    name: str
    """Name of the source."""
    platform: str
    """The ad platform that sells clicks from the source."""
    is_paid: bool
    """Whether a click id, the medium or the source's name says that the click was paid for."""
    is_ambiguous: bool
    """Whether a click id is there that comes on paid and on unpaid clicks alike, and nothing says which this is."""
    is_by_referrer: bool
    """Whether the source is the referrer, because no tag names one."""
    is_nothing: bool
    """Whether there is no evidence at all, but perhaps a campaign."""
    clicks: tuple[str, ...]
    """Registry names of the known click ids, the one that proves most first."""
    click_kinds: frozenset[str]
    referrer: str
    """The referrer's host."""
    referrer_name: str
    """Name of the referrer's source."""
    referrer_category: str
    is_google_referrer: bool
    has_past_click: bool
    app: str
    marks: tuple[Mark, ...]
    """What a rule may give as its reason, but for the campaign."""
    ignored: tuple[Mark, ...]
    """What stronger evidence overruled before the rules."""
    click_marks: tuple[tuple[str, Mark], ...]
    """Every known click id: its kind and its mark."""
    leftover: str
    """The mark where no other is left: of a click id that tells nothing, or ``none``."""


class Campaign(NamedTuple):
    """What rules ask of the campaign, which most evidence has to itself."""

    name: str
    """Lower case; ``""`` where there is none."""
    is_of_shop: bool
    """Whether the name speaks of a shop, as Google's pattern has it."""
    is_nothing: bool
    """Whether there is no evidence at all, neither a campaign nor other."""


@dataclass(frozen=True, slots=True)
class _Click:
    name: str
    kind: str
    platform: str
    source: Source
    mark: Mark

    @property
    def is_paid(self) -> bool:
        return self.kind == "ad"


@dataclass(frozen=True, slots=True)
class _Clicks:
    """The click ids of a touch, the one that proves most first."""

    known: tuple[_Click, ...]
    names: tuple[str, ...]
    kinds: frozenset[str]
    marks: tuple[tuple[str, Mark], ...]
    leftover: str
    """The mark of the first click id, even if nobody knows it; ``""`` where there is none."""
    place: str
    """The kind of place that the ad was in, where one of them says it."""


class _Named(NamedTuple):
    """The source that the tags name or, where they name none, the referrer or the app."""

    source: Source
    is_ads: bool
    by: str
    """``source``, ``referrer``, ``app`` or ``""``."""
    mark: Mark | None


class Words(NamedTuple):
    """All evidence of a touch but its campaign, as it is compared: many campaigns share the same."""

    source: str
    medium: str
    click_id_names: str
    referrer_host: str
    app: str
    has_past_click: bool


def words_of(evidence: Evidence) -> Words:
    """The words of an evidence (lower case)."""
    return Words(
        folded(evidence.utm_source),
        folded(evidence.utm_medium),
        folded(evidence.click_id_names),
        folded(evidence.referrer_host),
        folded(evidence.app),
        evidence.has_past_click,
    )


def campaign_in(evidence: Evidence, facts: Facts) -> Campaign:
    """What there is to ask of the campaign of an evidence with these facts."""
    name = folded(evidence.utm_campaign)
    name = "" if name in _NO_CAMPAIGN else name
    return Campaign(name, is_shop_campaign(name), facts.is_nothing and not name)


def campaign_mark(name: str) -> str:
    """The mark of a campaign's name."""
    return f"campaign:{_word(name)}"


def facts_of(words: Words) -> Facts:
    """Read the evidence of a touch without its campaign."""
    word, medium, click_id_names, host, app, has_past_click = words
    word = "" if word in _NO_SOURCE else word
    medium = "" if medium in _NO_WORDS else medium
    clicks = _clicks(click_id_names)
    named = _named(word, host, app)
    said = medium_called(medium)
    click = _believed(clicks.known, named, said)
    source, is_by_click = _source(named, click, said)
    is_sold = bool(platform_of(source.name))
    is_tagged_ad = said.is_paid or (is_sold and said.says_ad_of(source))
    is_paid = bool(click and click.is_paid) or is_tagged_ad or (named.is_ads and not is_by_click)
    referrer = source_of_host(host)
    believed = click if click and (click.is_paid or is_by_click) else None
    overruled = [one.mark for one in clicks.known if one is not believed]
    if host and named.by != "referrer":
        overruled.append(_referrer_mark(host, referrer))
    if is_by_click and named.mark:
        overruled.append(named.mark)
    return Facts(
        medium=medium,
        medium_means=said.means,
        source=word,
        category=_category(source, said, clicks.place) if is_paid else source.category,
        name=source.name,
        platform=platform_of(source.name),
        is_paid=is_paid,
        is_ambiguous=_is_ambiguous(clicks.known, source, said, is_paid=is_paid),
        is_by_referrer=named.by in {"referrer", "app"} and not is_by_click,
        is_nothing=not (medium or clicks.leftover or named.mark),
        clicks=clicks.names,
        click_kinds=clicks.kinds,
        referrer=host,
        referrer_name=referrer.name,
        referrer_category=referrer.category,
        is_google_referrer=bool(host) and is_google(host),
        has_past_click=has_past_click,
        app=app,
        marks=tuple(_marks(believed, medium, None if is_by_click else named.mark)),
        ignored=tuple(overruled),
        click_marks=clicks.marks,
        leftover=clicks.leftover or "none",
    )


def known_names(joined: str) -> list[str]:
    """The names of the click ids in a word of :class:`Words`."""
    return [name.strip() for name in joined.split(",") if name.strip()]


def is_shop_campaign(campaign: str) -> bool:
    """Whether a campaign's name (lower case) speaks of a shop, as Google's pattern has it.

    >>> is_shop_campaign("summer-shop"), is_shop_campaign("workshop")
    (True, False)
    """
    return _SHOP_CAMPAIGN.search(campaign) is not None


@lru_cache(maxsize=4096)
def _clicks(joined: str) -> _Clicks:
    names = known_names(joined)
    said = {_EXPLAINED.get(name) for name in names}
    sure = sorted((name for name in names if name in PROOFS and name not in said), key=_BY_STRENGTH.index)
    known = tuple(map(_click, sure))
    return _Clicks(
        known,
        tuple(click.name for click in known),
        frozenset(click.kind for click in known),
        tuple((click.kind, click.mark) for click in known),
        f"click_id:{_word(names[0])}" if names else "",
        next((_FORMATS[name] for name in names if name in _FORMATS), ""),
    )


def _believed(clicks: tuple[_Click, ...], named: _Named, medium: Medium) -> _Click | None:
    """The click id that says most; on an affiliate's link that is never the ad that led people to the affiliate."""
    if not clicks:
        return None
    affiliate = next((click for click in clicks if click.kind == "affiliate"), None)
    if affiliate is not None:
        return affiliate
    is_affiliate = "affiliate" in medium.means or (named.by == "source" and named.source.category == "affiliate")
    return next((click for click in clicks if not is_affiliate or not click.is_paid), None)


def _named(word: str, host: str, app: str) -> _Named:
    if word:
        source, is_ads = source_called(word)
        return _Named(source, is_ads, "source", Mark("source", f"source:{_word(word)}"))
    if host:
        source = source_of_host(host)
        return _Named(source, source.sells_only_ads, "referrer", _referrer_mark(host, source))
    if app:
        return _Named(source_of_host(app), is_ads=False, by="app", mark=Mark("app", f"app:{_word(app)}"))
    return _Named(UNKNOWN, is_ads=False, by="", mark=None)


def _referrer_mark(host: str, source: Source) -> Mark:
    return Mark("referrer", f"referrer:{source.category or 'unknown'}:{_word(host)}")


def _marks(believed: _Click | None, medium: str, named: Mark | None) -> Iterator[Mark]:
    if believed:
        yield believed.mark
    if medium:
        yield Mark("medium", f"medium:{_word(medium)}")
    if named:
        yield named


def _source(named: _Named, click: _Click | None, medium: Medium) -> tuple[Source, bool]:
    """The source to believe, and whether the click id names it.

    A source that the click's own platform sells is the more exact word for it (Google's click from YouTube). Else
    the id of an ad is believed before all; any other id only where the tags leave the question open.
    """
    if click is None or click.source is UNKNOWN or _agree(named.source, click):
        return medium.seller if named.source is UNKNOWN else named.source, False
    if click.is_paid:
        return click.source, True
    if named.source.category and named.by == "source":
        return named.source, False
    is_open = medium.is_paid or _is_open(medium, click.kind)
    return (click.source, True) if is_open else (named.source, False)


def _is_open(medium: Medium, kind: str) -> bool:
    """Whether a medium says less than a click id of this kind."""
    return not medium.names_channel or (kind in {"affiliate", "email"} and medium.is_generic)


def _category(source: Source, medium: Medium, place: str) -> str:
    """What kind of place the ad was in; a search engine sells ads in others, too, of which the medium says more.

    :param place: what the click ids say of it.
    """
    is_of_search_engine = source.category == "search"
    if medium.category == "cross-network" and (is_of_search_engine or medium.is_paid):
        return medium.category
    if is_of_search_engine and medium.category in _OTHER_FORMATS:
        return medium.category
    if place and (is_of_search_engine or not source.category):
        return place
    return source.category or medium.named_category


def _is_ambiguous(clicks: tuple[_Click, ...], source: Source, medium: Medium, *, is_paid: bool) -> bool:
    if is_paid or medium.is_organic or source.category != "social":
        return False
    platform = platform_of(source.name)
    return any(click.kind == "ambiguous" and click.platform == platform for click in clicks)


@lru_cache(maxsize=256)
def _click(name: str) -> _Click:
    kind, platform = PROOFS[name].kind, PROOFS[name].platform
    source = Source(kind, "") if kind in {"affiliate", "email"} else source_of_platform(platform)
    mark = Mark("click", f"click_id:{name}" + (":ambiguous" if kind == "ambiguous" else ""))
    return _Click(name, kind, platform, source, mark)


def _agree(source: Source, click: _Click) -> bool:
    platform = platform_of(source.name)
    return bool(platform) and (platform == click.platform or (click.name, platform) in _SHARED_IDS)


def _word(text: str) -> str:
    return text[:_LONGEST_WORD].strip().replace(" ", "_")

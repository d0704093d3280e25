"""From evidence to channel: rules as data, asked in order, and the first that holds gives the answer.

The names and the order of the channels are those of Google Analytics 4's default channel group; where the rules differ
and why is written in ``docs/decisions/channel-ladder.md``.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import msgspec

from touchline.channels.contradictions import contradictions_of
from touchline.channels.evidence import Evidence
from touchline.channels.facts import (
    Facts,
    Mark,
    Words,
    campaign_in,
    campaign_mark,
    facts_of,
    words_of,
)
from touchline.channels.ga4 import ga4_facts_of
from touchline.channels.reference import text
from touchline.channels.rules import Rule, read_rules, those_that_may_hold
from touchline.source_digest import source_digest

RULE_VERSION = source_digest(__name__)[:12]
"""Names the rules and the facts that gave an answer, e.g. ``3f2a9c51d07e``; equal versions answer equally.

It follows from the source of this module, of all that it imports and of the tables of facts, and so is the same on
every machine for the same release. A comment in one of them changes it, too. What is a public suffix may differ: that
list comes with a package of its own.
"""

RulesetName = Literal["touchline", "ga4", "seed"]
RULESETS: tuple[RulesetName, ...] = ("touchline", "ga4", "seed")
"""The rulesets that come with Touchline: its own, Google Analytics 4's, and the source classes of the truth table."""

_CONFIDENCE = {
    "click_id": 0.95, "tags": 0.9, "referrer": 0.8, "medium": 0.75, "source": 0.7, "template": 0.6, "campaign": 0.6,
    "unknown_referrer": 0.6, "ambiguous": 0.5, "app": 0.4, "nothing": 0.35,
}  # fmt: skip
"""How much an answer may be trusted by what decided it: an order of evidence from 0 to 1, and no probability.

``tags`` are a medium and a source that is known; a ``template`` is a word that ad platforms or agencies write for ads.
"""
_LEAST_CONFIDENCE = 0.05
_PER_CONTRADICTION = 0.2
_UNASSIGNED = 0.2


@dataclass(frozen=True, eq=False)
class Ruleset:
    """Rules in their order, and how they read evidence."""

    name: str
    rules: tuple[Rule, ...]
    read: Callable[[Words], Facts]
    version: str
    channels: tuple[str, ...] = field(init=False)
    """Every channel there is, in the order in which the rules ask for it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(dict.fromkeys(rule.channel for rule in self.rules)))


@lru_cache(maxsize=32)
def ruleset(name: str, own_rules: str = "", own_name: str = "your rules") -> Ruleset:
    """A ruleset by its name, with rules of one's own before it.

    :param name: one of :data:`RULESETS`.
    :param own_rules: the text of a TOML file of rules: see :func:`touchline.channels.rules.read_rules`.
    :param own_name: what errors call that file.
    :raises InputError: if the rules cannot be read.
    :raises KeyError: if there is no ruleset of that name.

    >>> ruleset("ga4").channels[:2]
    ('Direct', 'Cross-network')
    """
    read = {"touchline": facts_of, "ga4": ga4_facts_of, "seed": facts_of}[name]
    own = read_rules(own_rules, own_name) if own_rules else ()
    digest = hashlib.sha256(own_rules.encode()).hexdigest()[:8]
    version = f"{name}-{RULE_VERSION}" + (f"+{digest}" if own_rules else "")
    return Ruleset(name, (*own, *read_rules(text(f"{name}.toml"), f"{name}.toml")), read, version)


_TOUCHLINE = ruleset("touchline")
RULES = _TOUCHLINE.rules
CHANNELS = _TOUCHLINE.channels
"""Every channel of Touchline's own rules, in the order in which the rules ask for it."""

PAID_CHANNELS = frozenset(
    {"Cross-network", "Display", *(channel for channel in CHANNELS if channel.startswith("Paid "))}
)
"""The channels of bought clicks."""

SOURCE_CLASSES = ruleset("seed").channels
"""The source classes, in the order in which they are checked."""
_PAID_CLASSES = frozenset(SOURCE_CLASSES[:4])
_KNOWN_CHANNELS = frozenset(channel for name in RULESETS for channel in ruleset(name).channels)
"""The channels whose names say whether clicks in them are bought."""


class Classification(msgspec.Struct, frozen=True, gc=False):
    """The answer for one evidence: a row of ``evidence_channels``."""

    source_class: str
    """One of :data:`SOURCE_CLASSES`."""
    channel: str
    """One of :data:`CHANNELS`, or a channel of the rules in use."""
    platform: str
    """Code of the ad platform whose costs the touch may belong to, e.g. ``GOOGLE_ADS``; else ``""``."""
    is_paid: bool | None
    """Whether somebody paid for the click; ``None`` where the evidence comes on paid and unpaid clicks alike."""
    reason: str
    """The evidence that decided the channel, e.g. ``medium:cpc source:google``; :mod:`.words` says it in a sentence."""
    rule_id: str
    """The rule that decided, e.g. ``paid-search``."""
    evidence: tuple[str, ...]
    """The marks that went into the answer, as in ``reason``."""
    ignored: tuple[str, ...]
    """The marks that were there and decided nothing."""
    confidence: float
    """How much the answer may be trusted, from 0 to 1: an order of evidence, and no probability."""
    contradictions: tuple[str, ...]
    """Where the evidence disagrees with itself: names from :data:`.contradictions.CONTRADICTIONS`."""
    ruleset_version: str
    """Ruleset and version of rules and facts, e.g. ``touchline-3f2a9c51d07e``."""


def classify(evidence: Evidence, rules: Ruleset | None = None) -> Classification:
    """The classification of any evidence: always the same for the same, whatever the case of its letters.

    >>> answer = classify(Evidence(utm_source="google", utm_medium="CPC"))
    >>> answer.channel, answer.source_class, answer.platform, answer.reason
    ('Paid Search', 'Paid (UTM)', 'GOOGLE_ADS', 'medium:cpc source:google')
    """
    judged = _judged(rules or _TOUCHLINE, words_of(evidence))
    campaign = campaign_in(evidence, judged.facts)
    *others, last = judged.rules
    rule = next((rule for rule in others if rule.holds_for(campaign)), last)
    answer = judged.answer if rule is last else _answer(rule, judged.facts, judged.asked, judged.source_class)
    return _named(answer, rule, judged, campaign.name) if campaign.name else answer


class _Judged(msgspec.Struct, frozen=True, gc=False):
    """Evidence without its campaign, judged as far as it goes."""

    asked: Ruleset
    facts: Facts
    rules: tuple[Rule, ...]
    """The rules that may hold, up to the first that does so whatever the campaign is."""
    source_class: str
    answer: Classification
    """By the last of the rules, and without a campaign."""


@lru_cache(maxsize=32_768)
def _judged(asked: Ruleset, words: Words) -> _Judged:
    """What the words of an evidence say under some rules; kept, because many campaigns have the same words."""
    facts = asked.read(words)
    rules = tuple(_that_may_hold(asked, facts))
    found = "" if asked.name == "seed" else _source_class(facts if asked.read is facts_of else facts_of(words))
    return _Judged(asked, facts, rules, found, _answer(rules[-1], facts, asked, found))


def _that_may_hold(asked: Ruleset, facts: Facts) -> Iterator[Rule]:
    for rule in those_that_may_hold(asked.rules, facts):
        yield rule
        if not rule.campaign_tests:
            return
    raise AssertionError(f"the last rule of {asked.name} holds for everything")  # test_ladder holds it to that


def _answer(rule: Rule, facts: Facts, asked: Ruleset, source_class: str) -> Classification:
    """The answer of a rule, without the campaign."""
    used = _used(rule, facts)
    contradictions = contradictions_of(facts)
    is_paid = _is_paid(rule.channel, facts)
    return Classification(
        source_class=source_class or rule.channel,
        channel=rule.channel,
        platform="" if is_paid is False else facts.platform,
        is_paid=is_paid,
        reason=" ".join(used) or facts.leftover,
        rule_id=rule.rule_id,
        evidence=used,
        ignored=_ignored(facts, used),
        confidence=_confidence(rule, facts, used, len(contradictions)),
        contradictions=contradictions,
        ruleset_version=asked.version,
    )


def _named(answer: Classification, rule: Rule, judged: _Judged, campaign: str) -> Classification:
    """An answer with the mark of the campaign, among what the rule used or what was ignored."""
    mark = campaign_mark(campaign)
    if "campaign" not in rule.uses:
        return msgspec.structs.replace(answer, ignored=(*answer.ignored, mark))
    used = (*answer.evidence, mark)
    return msgspec.structs.replace(
        answer,
        reason=" ".join(used),
        evidence=used,
        confidence=_confidence(rule, judged.facts, used, len(answer.contradictions)),
    )


def _source_class(facts: Facts) -> str:
    """The source class: five rules of their own, kept to the letter but for hosts, which are matched by their labels.

    None of them asks for the campaign.
    """
    return next(_that_may_hold(ruleset("seed"), facts)).channel


def _used(rule: Rule, facts: Facts) -> tuple[str, ...]:
    """The marks of the facts that a rule used; of the click ids only those of the kinds that it asks for."""
    marks = [mark for mark in facts.marks if mark.fact in rule.uses]
    if rule.click_kinds:
        marks = [mark for mark in marks if mark.fact != "click"]
        marks[:0] = [mark for kind, mark in facts.click_marks if kind in rule.click_kinds]
    return tuple(mark.text for mark in marks)


def _ignored(facts: Facts, used: tuple[str, ...]) -> tuple[str, ...]:
    every: tuple[Mark, ...] = (*(mark for _, mark in facts.click_marks), *facts.marks, *facts.ignored)
    return tuple(dict.fromkeys(mark.text for mark in every if mark.text not in used))


def _is_paid(channel: str, facts: Facts) -> bool | None:
    """Whether somebody paid: as the channel's name has it or, where that is somebody's own, as the evidence has it."""
    if channel not in _KNOWN_CHANNELS:
        is_bought = facts.is_paid or "display" in facts.medium_means
        return None if facts.is_ambiguous and not is_bought else is_bought
    if channel in PAID_CHANNELS or channel in _PAID_CLASSES:
        return True
    return None if facts.is_ambiguous and channel == "Organic Social" else False


def _confidence(rule: Rule, facts: Facts, used: tuple[str, ...], contradictions: int) -> float:
    if rule.confidence is not None:
        return rule.confidence
    if rule.channel == "Unassigned":
        return _UNASSIGNED
    kinds = {"ambiguous"} if facts.is_ambiguous else _kinds(facts, used)
    base = max((_CONFIDENCE[kind] for kind in kinds), default=_CONFIDENCE["nothing"])
    return round(max(_LEAST_CONFIDENCE, base - _PER_CONTRADICTION * contradictions), 2)


def _kinds(facts: Facts, used: tuple[str, ...]) -> set[str]:
    """The kinds of evidence among the marks, as :data:`_CONFIDENCE` names them."""
    kinds = {text.partition(":")[0] for text in used}
    if any(text.startswith("referrer:unknown:") for text in used):
        kinds = kinds - {"referrer"} | {"unknown_referrer"}
    if "medium" in kinds:
        is_plain = "source" in kinds and bool(facts.name or facts.category)
        says_ad_of_seller = facts.is_paid and bool(facts.medium_means & {"ad-of-seller", "ad-of-search-engine"})
        kinds = kinds - {"medium", "source"} | {"template" if says_ad_of_seller else "tags" if is_plain else "medium"}
    return kinds

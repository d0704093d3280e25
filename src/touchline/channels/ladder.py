"""From evidence to channel: small rules, asked in order, and the first that holds gives the answer.

The names and the order of the channels are those of Google Analytics 4's default channel group; where the rules differ
and why is written in ``docs/decisions/channel-ladder.md``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from touchline.channels.evidence import Evidence, folded
from touchline.channels.facts import Facts, click_id_names, facts_of
from touchline.channels.sources import is_google, platform_of, source_of_host
from touchline.source_digest import source_digest

RULE_VERSION = source_digest(__name__)[:12]
"""Names the rules and the facts that gave an answer, e.g. ``3f2a9c51d07e``; equal versions answer equally.

It follows from the source of this module, of all that it imports and of the tables of facts, and so is the same on
every machine for the same release. A comment in one of them changes it, too. What is a public suffix may differ: that
list comes with a package of its own.
"""

DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
SOCIAL = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
REFERRAL = frozenset({"referral", "app", "link"})
EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail", "mail", "edm", "newsletter", "newsletters"})
AFFILIATE = frozenset({"affiliate", "affiliates"})
AI = frozenset({"ai-assistant", "ai-assistants", "ai_assistant", "ai assistant"})


@dataclass(frozen=True)
class Rule:
    """``channel`` is the answer where ``holds`` is true; ``uses`` names the facts that go into the reason."""

    channel: str
    holds: Callable[[Facts], bool]
    uses: str = "click medium source"


RULES = (
    Rule("Direct", lambda f: f.is_nothing),
    Rule("Cross-network", lambda f: "cross-network" in f.campaign, "campaign"),
    Rule("Paid Shopping", lambda f: f.is_paid and f.category == "shopping"),
    Rule("Paid Shopping", lambda f: f.is_paid and f.is_shop_campaign, "click medium source campaign"),
    Rule("Paid Search", lambda f: f.is_paid and f.category == "search"),
    Rule("Paid Social", lambda f: f.is_paid and f.category == "social"),
    Rule("Paid Video", lambda f: f.is_paid and f.category == "video"),
    Rule("Display", lambda f: f.medium in DISPLAY or (f.is_paid and f.category == "display")),
    Rule("Paid Other", lambda f: f.is_paid),
    Rule("Email", lambda f: f.medium in EMAIL),
    Rule("Affiliates", lambda f: f.medium in AFFILIATE),
    Rule("SMS", lambda f: f.medium == "sms"),
    Rule("AI Assistant", lambda f: f.category == "ai" or f.medium in AI),
    Rule("Organic Shopping", lambda f: f.category == "shopping"),
    Rule("Organic Shopping", lambda f: f.is_shop_campaign, "campaign"),
    Rule("Organic Social", lambda f: f.category == "social" or f.medium in SOCIAL),
    Rule("Organic Video", lambda f: f.category == "video" or "video" in f.medium),
    Rule("Organic Search", lambda f: f.category == "search" or f.medium == "organic"),
    Rule("Referral", lambda f: f.medium in REFERRAL),
    Rule("Email", lambda f: f.category == "email"),
    Rule("Affiliates", lambda f: f.category == "affiliate"),
    Rule("Audio", lambda f: f.medium == "audio"),
    Rule("SMS", lambda f: f.name == "SMS"),
    Rule("Mobile Push Notifications", lambda f: _is_push(f.medium) or f.name == "Firebase"),
    Rule("Referral", lambda f: f.category == "referral" or (f.is_by_referrer and not f.medium)),
    Rule("Unassigned", lambda f: True, "click medium source campaign"),  # noqa: ARG005 - holds for everything
)

CHANNELS = tuple(dict.fromkeys(rule.channel for rule in RULES))
"""Every channel there is, in the order in which the rules ask for it."""

PAID_CHANNELS = frozenset(
    {"Cross-network", "Display", *(channel for channel in CHANNELS if channel.startswith("Paid "))}
)
"""The channels of bought clicks: only in these can a touch belong to an ad platform's cost."""

SOURCE_CLASSES = ("First Click (Paid)", "Paid (UTM)", "Ads Assisted", "Paid Social", "Organic")
"""The source classes, in the order in which they are checked."""


@dataclass(frozen=True)
class Classification:
    """The answer for one evidence: a row of ``evidence_channels``."""

    source_class: str
    """One of :data:`SOURCE_CLASSES`."""
    channel: str
    """One of :data:`CHANNELS`."""
    platform: str
    """Code of the ad platform whose costs the touch may belong to, e.g. ``GOOGLE_ADS``; else ``""``."""
    reason: str
    """The evidence that decided the channel, e.g. ``medium:cpc source:google``; :mod:`.words` says it in a sentence."""
    rule_version: str


def classify(evidence: Evidence) -> Classification:
    """The classification of any evidence: always the same for the same, whatever the case of its letters.

    >>> answer = classify(Evidence(utm_source="google", utm_medium="CPC"))
    >>> answer.channel, answer.source_class, answer.platform, answer.reason
    ('Paid Search', 'Paid (UTM)', 'GOOGLE_ADS', 'medium:cpc source:google')
    """
    facts = facts_of(evidence)
    rule = next(rule for rule in RULES if rule.holds(facts))
    return Classification(
        source_class=source_class(evidence),
        channel=rule.channel,
        platform=platform_of(facts.name) if rule.channel in PAID_CHANNELS else "",
        reason=facts.reason(rule.uses),
        rule_version=RULE_VERSION,
    )


def source_class(evidence: Evidence) -> str:
    """The source class: five rules of their own, kept to the letter but for hosts, which are matched by their labels.

    >>> source_class(Evidence(referrer_host="google.com", has_past_click=True))
    'Ads Assisted'
    """
    host = folded(evidence.referrer_host)
    if "gclid" in click_id_names(evidence):
        return "First Click (Paid)"
    if folded(evidence.utm_medium) in {"cpc", "ppc", "paid"}:
        return "Paid (UTM)"
    if evidence.has_past_click and is_google(host):
        return "Ads Assisted"
    if source_of_host(host).name in {"Facebook", "Instagram", "LinkedIn", "TikTok", "X"}:
        return "Paid Social"
    return "Organic"


def _is_push(medium: str) -> bool:
    return medium.endswith("push") or "mobile" in medium or "notification" in medium

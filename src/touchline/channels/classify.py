"""One landing, classified on the spot: the same ladder that the stage uses, for notebooks and other programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attribution_campaign_context.parsing import Landing, parse_landing
from touchline.channels import ladder
from touchline.channels.devices import DeviceType, device_type
from touchline.channels.evidence import Evidence
from touchline.domains import registrable_domain
from touchline.payment_hosts import payment_hosts


@dataclass(frozen=True)
class LandingEvidence:
    """What the landing said, and what of it was refused."""

    utm: Mapping[str, str]
    click_ids: Mapping[str, str]
    campaign_ref: str | None
    adset_ref: str | None
    ad_ref: str | None
    referrer_host: str | None
    """``None`` also where the referrer is the site itself or a payment page, and so is no evidence."""
    device_type: DeviceType
    refused: Mapping[str, str]
    """Parameters that came without a valid value, and why."""


@dataclass(frozen=True)
class TouchClassification:
    """A landing's classification, field by field as in :class:`touchline.channels.ladder.Classification`."""

    source_class: str
    channel: str
    platform: str
    reason: str
    rule_version: str
    evidence: LandingEvidence


def classify(
    url: str | None = None,
    referrer: str | None = None,
    user_agent: str | None = None,
    *,
    own_domains: Iterable[str] = (),
    has_past_click: bool = False,
) -> TouchClassification:
    """Where a visit came from, and why. Never raises; what cannot be read counts as absent.

    Args:
        url: Address of the page the visit landed on.
        referrer: Address of the page it came from.
        user_agent: The browser's user agent.
        own_domains: Your own hosts, in addition to that of ``url``; a referrer on one of their domains is no evidence.
        has_past_click: Whether the same person came through a Google ad click (``gclid``) before.

    >>> answer = classify("https://shop.example/?gclid=Cj0KCQ", "https://www.google.com/")
    >>> answer.channel, answer.source_class, answer.platform
    ('Paid Search', 'First Click (Paid)', 'GOOGLE_ADS')
    """
    landing = parse_landing(url, referrer)
    referrer_host = _foreign(landing, own_domains)
    evidence = Evidence(
        utm_source=landing.utm.get("utm_source"),
        utm_medium=landing.utm.get("utm_medium"),
        utm_campaign=landing.utm.get("utm_campaign"),
        click_id_names=",".join(sorted(landing.click_ids)) or None,
        referrer_host=referrer_host,
        has_past_click=has_past_click,
    )
    answer = ladder.classify(evidence)
    return TouchClassification(
        source_class=answer.source_class,
        channel=answer.channel,
        platform=answer.platform,
        reason=answer.reason,
        rule_version=answer.rule_version,
        evidence=LandingEvidence(
            utm=landing.utm,
            click_ids=landing.click_ids,
            campaign_ref=landing.campaign_ref,
            adset_ref=landing.adset_ref,
            ad_ref=landing.ad_ref,
            referrer_host=referrer_host,
            device_type=device_type(user_agent),
            refused=landing.refused,
        ),
    )


def _foreign(landing: Landing, own_domains: Iterable[str]) -> str | None:
    """The referrer's host, unless it is the site's own or a payment page's."""
    if landing.referrer_host is None:
        return None
    own = {registrable_domain(host) for host in (landing.host, *own_domains) if host}
    domain = registrable_domain(landing.referrer_host)
    return None if domain in own or domain in payment_hosts() else landing.referrer_host

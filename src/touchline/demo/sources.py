"""Where visits come from: every ad campaign, and every source that costs nothing per click, as data.

A source's arrivals are the marks that its visits carry: the query of the landing URL, and the referrer. In a query,
``{click}`` stands for a value that is different for every click.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote_plus

from touchline.demo.plan import CAMPAIGNS, Ad, Campaign, Part

DIRECT = "Direct"


@dataclass(frozen=True)
class Arrival:
    """What one kind of visit carries: query, referrer, and the ad clicked, if one was."""

    query: str = ""
    referrer: str = ""
    ad: Ad | None = None


@dataclass(frozen=True)
class Source:
    """One place that people come from, how often, and how well it sells."""

    channel: str
    first_share: float
    return_share: float
    purchase_rate: float
    arrivals: tuple[Arrival, ...]
    """One is chosen for each visit; each is as likely as the others."""
    said: str
    """What a customer answers who remembers it rightly."""
    part: Part = "plain"
    campaign: Campaign | None = None


def _google(campaign: Campaign, ad: Ad) -> Iterator[Arrival]:
    """Auto-tagged clicks: bare, with the account's tracking template, and also with utm parameters."""
    is_search = campaign.channel == "Paid Search"
    auto = f"gclid=Cj0KCQjw{{click}}&gad_source={1 if is_search else 2}&gad_campaignid={campaign.campaign_id}"
    ids = f"&adset_id={ad.adset_id}&ad_id={ad.ad_id}"
    utm = (
        f"utm_source=google&utm_medium={'cpc' if is_search else 'display'}&utm_campaign={quote_plus(campaign.name)}"
        f"&utm_id={campaign.campaign_id}&utm_content={ad.ad_id}"
    )
    referrer = "https://www.google.com/" if is_search else ""
    bare = auto if is_search else f"{utm}&{auto}"
    yield from (Arrival(bare, referrer, ad), Arrival(auto + ids, referrer, ad))
    yield from (Arrival(f"{utm}&{auto}{ids}", referrer, ad), Arrival(f"{utm}{ids}&{auto}", referrer, ad))


def _social(campaign: Campaign, ad: Ad) -> Iterator[Arrival]:
    """Clicks of META and LINKEDIN, whose URL templates name campaign, ad set and ad."""
    mark = "fbclid=IwAR{click}" if campaign.platform == "META" else "li_fat_id={click}"
    utm = f"utm_medium=paid_social&utm_campaign={quote_plus(campaign.name)}&utm_id={campaign.campaign_id}"
    ids = f"&adset_id={ad.adset_id}&ad_id={ad.ad_id}"
    if campaign.platform == "LINKEDIN":
        yield Arrival(f"utm_source=linkedin&{utm}{ids}&{mark}", "https://www.linkedin.com/", ad)
        return
    yield Arrival(f"utm_source=facebook&{utm}{ids}&{mark}", "https://l.facebook.com/", ad)
    yield Arrival(f"utm_source=facebook&{utm}{ids}&{mark}", "https://m.facebook.com/", ad)
    yield Arrival(f"utm_source=instagram&{utm}{ids}&{mark}", "https://l.instagram.com/", ad)
    yield Arrival(f"utm_source=facebook&{utm}&{mark}", "", ad)


_SAID = {
    "GOOGLE_ADS": "Google",
    "META": "Instagram or Facebook ad",
    "LINKEDIN": "LinkedIn",
}


def _of_campaign(campaign: Campaign) -> Source:
    tagged = _google if campaign.platform == "GOOGLE_ADS" else _social
    return Source(
        campaign.channel,
        campaign.first_share,
        campaign.return_share,
        campaign.purchase_rate,
        tuple(arrival for ad in campaign.ads for arrival in tagged(campaign, ad)),
        _SAID[campaign.platform],
        campaign.part,
        campaign,
    )


def _free(channel: str, shares: tuple[float, float, float], said: str, *arrivals: str) -> Source:
    """A source without ads, from (first, return, purchase) and arrivals of ``query``, a space, and ``referrer``."""
    parts = (arrival.partition(" ") for arrival in arrivals)
    return Source(channel, *shares, tuple(Arrival(query, referrer) for query, _, referrer in parts), said)


SOURCES = (
    *map(_of_campaign, CAMPAIGNS),
    _free(DIRECT, (9.0, 26.0, 0.034), "I knew you already", " "),
    _free(
        "Organic Search", (22.0, 14.0, 0.028), "Google",
        " https://www.google.com/", " https://www.google.de/", " https://www.google.com/", " https://www.bing.com/",
        " https://duckduckgo.com/",
    ),
    _free(
        "Organic Social", (6.0, 2.5, 0.012), "Instagram",
        " https://l.instagram.com/", " https://www.facebook.com/", " https://www.reddit.com/",
        "fbclid=IwAR{click} https://l.facebook.com/",
    ),
    _free("Organic Video", (2.5, 1.0, 0.014), "YouTube", " https://www.youtube.com/", " https://m.youtube.com/"),
    _free(
        "Referral", (5.0, 2.0, 0.026), "A blog",
        " https://www.small-space-gardens.example/best-balcony-plants", " https://oak-and-linen.example/",
        " https://www.the-plant-letter.example/issues/41",
    ),
    _free(
        "AI Assistant", (3.0, 1.5, 0.040), "ChatGPT",
        "utm_source=chatgpt.com https://chatgpt.com/", "utm_source=chatgpt.com ", " https://chatgpt.com/",
        " https://www.perplexity.ai/", " https://gemini.google.com/",
    ),
    _free(
        "Affiliates", (3.0, 2.0, 0.034), "A voucher site",
        "utm_source=awin&utm_medium=affiliate&utm_campaign=home-deals&awc={click} https://www.home-deals.example/",
        "utm_source=greenpicks&utm_medium=affiliate&utm_campaign=listing https://greenpicks.example/",
    ),
    _free(
        "Email", (0.6, 15.0, 0.042), "Your newsletter",
        "utm_source=newsletter&utm_medium=email&utm_campaign=weekly-letter ",
        "utm_source=newsletter&utm_medium=email&utm_campaign=basket-reminder ",
        "utm_source=newsletter&utm_medium=email&utm_campaign=weekly-letter https://mail.google.com/",
    ),
    _free("SMS", (0.1, 1.6, 0.045), "Your text message", "utm_source=sms&utm_medium=sms&utm_campaign=delivery-week "),
)  # fmt: skip
"""Every source of visits: the campaigns first, in their order in the plan."""

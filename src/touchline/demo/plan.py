"""The demo shop as data: who it is, what it counts as success, and the ad campaigns it pays for.

Nothing here is drawn by chance. What is drawn stands in the other modules of this package.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Literal

from touchline.ingest.event import EventType

SEED = 7
DAYS = 90
START = date(2026, 7, 1)

ORGANIZATION = "Fernwood Home"
SITE_DOMAIN = "fernwood-home.example"
CURRENCY = "EUR"
TIME_ZONE = "Europe/Berlin"
HASH_KEY = b"Nobody of this shop is a person."
"""The key of stored hashes. It is no secret, so that the same people have the same ids each time; they are invented."""
TARGET_CPA_MICROS = 60_000_000
"""What a purchase may cost in ads, in micros of :data:`CURRENCY`."""


@dataclass(frozen=True)
class Goal:
    """A goal of the shop: the events of ``event_type`` named ``event_name`` reach it; a milestone once a person."""

    goal: str
    signal_type: str
    event_type: EventType
    event_name: str
    is_milestone: bool


PURCHASE = Goal("purchase", "payment", EventType.CONVERSION, "purchase", is_milestone=False)
SIGNUP = Goal("signup", "signup", EventType.CUSTOM, "signup", is_milestone=True)
FIRST_USE = Goal("first_use", "first_use", EventType.CUSTOM, "first_use", is_milestone=True)
GOALS = (PURCHASE, SIGNUP, FIRST_USE)

Part = Literal["plain", "loser", "assist", "dear"]
"""What a campaign is planted for.

``loser``: nobody who clicks it ever buys or signs up. ``assist``: it begins paths and never ends one, so that
LAST_TOUCH gives it nothing. ``dear``: it wins purchases, at a price far above all others. ``plain``: nothing special.
"""


@dataclass(frozen=True)
class Ad:
    """One ad, with the ad set that it belongs to."""

    adset_id: str
    adset_name: str
    ad_id: str
    ad_name: str


@dataclass(frozen=True)
class Campaign:
    """One campaign of an ad platform, and how it does."""

    platform: str
    campaign_id: str
    name: str
    channel: str
    ads: tuple[Ad, ...]
    first_share: float
    """Weight among the sources that bring somebody for the first time; only ratios matter."""
    return_share: float
    """Weight among the sources that bring somebody back."""
    purchase_rate: float
    """Share of ordinary visits that end in a purchase, 0–1."""
    click_cost: float
    """Mean cost of a click, in :data:`CURRENCY`."""
    click_rate: float
    """Clicks per impression, 0–1."""
    part: Part = "plain"


ACCOUNTS = {"GOOGLE_ADS": "4812207719", "META": "2093114870655", "LINKEDIN": "509113344"}
"""The shop's account on each ad platform; the keys are all its platforms."""

_AD_NAMES = ("Living Room", "Green Corner", "Oak Table")


def _ads(campaign_id: str, adsets: dict[str, int]) -> Iterator[Ad]:
    """The ads of a campaign, from the names of its ad sets and how many ads each has."""
    for number, (adset, ads) in zip(count(1), adsets.items(), strict=False):
        for ad in range(ads):
            yield Ad(f"{campaign_id}{number:02}", adset, f"{campaign_id}{number:02}{ad + 1:03}", _AD_NAMES[ad])


def _campaign(
    place: tuple[str, str, str],
    name: str,
    adsets: dict[str, int],
    shares: tuple[float, float, float],
    price: tuple[float, float],
    part: Part = "plain",
) -> Campaign:
    """A campaign; ``shares`` is first, return and purchase, ``price`` is click cost and click rate."""
    platform, campaign_id, channel = place
    return Campaign(platform, campaign_id, name, channel, tuple(_ads(campaign_id, adsets)), *shares, *price, part)


def _search(number: int) -> tuple[str, str, str]:
    return "GOOGLE_ADS", f"2187001{number:04}", "Paid Search"


def _display(number: int) -> tuple[str, str, str]:
    return "GOOGLE_ADS", f"2187002{number:04}", "Display"


def _meta(number: int) -> tuple[str, str, str]:
    return "META", f"1202118004400{number:04}", "Paid Social"


def _linkedin(number: int) -> tuple[str, str, str]:
    return "LINKEDIN", f"63110{number:04}", "Paid Social"


CAMPAIGNS = (
    _campaign(_search(1), "Brand Search", {"Exact": 2, "Misspelled": 1}, (4.0, 8.0, 0.055), (0.35, 0.14)),
    _campaign(
        _search(2), "Houseplants Search", {"Monstera": 2, "Ficus": 2, "Pots": 1}, (8.0, 3.0, 0.030), (0.70, 0.06)
    ),
    _campaign(_search(3), "Oak Furniture Search", {"Tables": 3, "Shelves": 2}, (6.0, 2.5, 0.032), (1.10, 0.05)),
    _campaign(
        _search(4), "Cheap Furniture Broad", {"Broad": 2, "Broad Mobile": 1}, (2.6, 0.4, 0.030), (2.40, 0.03), "loser"
    ),
    _campaign(_display(1), "Garden Remarketing", {"Basket": 2, "Viewed": 2}, (0.5, 4.0, 0.026), (0.45, 0.006)),
    _campaign(
        _meta(1), "Green Living Prospecting", {"Video": 2, "Stories": 2}, (5.0, 0.0, 0.030), (0.60, 0.011), "assist"
    ),
    _campaign(_meta(2), "Catalogue Retargeting", {"Basket": 3, "Viewed": 2}, (0.8, 5.0, 0.034), (0.55, 0.016)),
    _campaign(_meta(3), "Autumn Lookalike", {"One Percent": 2, "Three Percent": 1}, (6.0, 1.5, 0.022), (0.65, 0.012)),
    _campaign(_meta(4), "Balcony Makers", {"Gardeners": 1, "Renters": 2}, (5.0, 1.0, 0.024), (0.50, 0.013)),
    _campaign(_linkedin(1), "Office Planting", {"Facility": 2}, (0.9, 0.8, 0.050), (2.10, 0.006)),
    _campaign(
        _linkedin(2), "Contract Furnishing", {"Architects": 2, "Hotels": 1}, (1.7, 1.0, 0.008), (7.50, 0.005), "dear"
    ),
    _campaign(_linkedin(3), "Workspace Refresh", {"Founders": 1}, (0.7, 0.6, 0.052), (1.90, 0.006)),
)


def campaign_of(part: Part) -> Campaign:
    """The one campaign that is planted for ``part``.

    >>> campaign_of("loser").name
    'Cheap Furniture Broad'
    """
    (found,) = (campaign for campaign in CAMPAIGNS if campaign.part == part)
    return found

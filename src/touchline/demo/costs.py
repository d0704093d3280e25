"""What the ads cost: one row per ad and day, from the visits that each ad brings."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from touchline.demo.days import Days, Ints
from touchline.demo.journeys import Visits
from touchline.demo.plan import ACCOUNTS, CAMPAIGNS, CURRENCY, Ad, Campaign
from touchline.demo.sources import SOURCES

COLUMNS = (
    "date", "platform", "account_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name",
    "impressions", "clicks", "cost", "currency",
)  # fmt: skip
MICROS_PER_CENT = 10_000
"""Money is drawn in whole cents and told in micros."""
_ADS = tuple((campaign, ad) for campaign in CAMPAIGNS for ad in campaign.ads)


@dataclass(frozen=True)
class Costs:
    """Impressions, clicks and cost in cents, each an array of ads × days."""

    ads: tuple[tuple[Campaign, Ad], ...]
    impressions: Ints
    clicks: Ints
    cents: Ints

    def micros_of(self, *, platform: str = "", campaign_id: str = "") -> int:
        """What a platform, a campaign, or (without either) everything cost, in micros."""
        rows = [
            campaign.platform == (platform or campaign.platform)
            and campaign.campaign_id == (campaign_id or campaign.campaign_id)
            for campaign, _ in self.ads
        ]
        return int(self.cents[np.array(rows)].sum()) * MICROS_PER_CENT


def draw_costs(chance: np.random.Generator, visits: Visits, days: Days) -> Costs:
    """Draws the costs: somewhat more clicks than visits, since some never arrive."""
    visited = _visits_of_ads(visits, days)
    clicks = visited + chance.poisson(0.1 * visited + 0.02)
    rate = np.array([[campaign.click_rate] for campaign, _ in _ADS])
    price = np.array([[campaign.click_cost * 100] for campaign, _ in _ADS])
    impressions = clicks + chance.poisson((clicks + 0.3) / rate)
    cents = np.rint(clicks * price * chance.uniform(0.8, 1.2, clicks.shape)).astype(np.int64)
    return Costs(_ADS, impressions, clicks, cents)


def _visits_of_ads(visits: Visits, days: Days) -> Ints:
    """How many visits each ad brought on each day, on the broken day too: the platforms do not know of it."""
    places = {ad.ad_id: place for place, (_, ad) in enumerate(_ADS)}
    table = np.full((len(SOURCES), max(len(source.arrivals) for source in SOURCES)), -1, dtype=np.int64)
    for row, source in enumerate(SOURCES):
        for column, arrival in enumerate(source.arrivals):
            table[row, column] = places[arrival.ad.ad_id] if arrival.ad else -1
    ad = table[visits.source, visits.arrival]
    cell = ad * len(days.dates) + days.numbers(visits.started_at)
    counted = np.bincount(cell[ad >= 0], minlength=len(_ADS) * len(days.dates))
    return counted.reshape(len(_ADS), len(days.dates)).astype(np.int64)


def write_costs(file: Path, costs: Costs, days: Days) -> None:
    """Writes the cost file, day by day."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, day in enumerate(days.dates):
            columns = (table[:, number].tolist() for table in (costs.impressions, costs.clicks, costs.cents))
            for (campaign, ad), impressions, clicks, cents in zip(costs.ads, *columns, strict=True):
                head = (day, campaign.platform, ACCOUNTS[campaign.platform], campaign.campaign_id, campaign.name)
                cost = f"{cents // 100}.{cents % 100:02}"
                names = (ad.adset_id, ad.adset_name, ad.ad_id, ad.ad_name)
                writer.writerow((*head, *names, impressions, clicks, cost, CURRENCY))

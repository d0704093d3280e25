"""Reckoning what is true about the demo, from what was drawn."""

from collections import Counter

import numpy as np

from touchline.demo.costs import MICROS_PER_CENT, Costs
from touchline.demo.days import Flags
from touchline.demo.journeys import Visits, is_part
from touchline.demo.orders import Orders
from touchline.demo.plan import ACCOUNTS, Part, campaign_of
from touchline.demo.sources import SOURCES
from touchline.demo.truth import CostTruth, Lines, OrderIds, OrderTruth, PlantedCampaign, Surveys, Truth
from touchline.demo.world import World


def truth_of(seed: int, world: World, lines: Lines, costs: Costs) -> Truth:
    """What is true about a world, its event lines and its costs."""
    days, visits, browsers = world.days, world.visits, world.people.browsers
    sign_ups = int(world.outcomes.signed_up.sum())
    return Truth(
        seed=seed,
        first_date=days.dates[0],
        last_date=days.dates[-1],
        people=visits.people,
        visitors=int(browsers.sum()),
        people_with_several_visitors=int((browsers > 1).sum()),
        visits=len(visits.person),
        landings_by_channel=_landings(visits),
        lines=lines,
        orders=_orders(world.orders),
        order_ids=_order_ids(world.orders),
        surveys=Surveys(sum(answer is not None for answer in world.orders.answers), int(world.orders.agrees.sum())),
        sign_ups=sign_ups,
        first_uses=lines.by_type.get("CUSTOM", 0) - sign_ups,
        costs=_costs(costs),
        loser=_planted("loser", visits, costs),
        assist=_planted("assist", visits, costs),
        dear=_planted("dear", visits, costs),
        broken_day=days.dates[days.broken_day],
    )


def _landings(visits: Visits) -> dict[str, int]:
    seen = Counter(SOURCES[source].channel for source in visits.source[visits.landing_seen].tolist())
    return dict(sorted(seen.items()))


def _orders(orders: Orders) -> OrderTruth:
    stands = ~(orders.is_test | orders.is_cancelled | orders.is_refunded)
    return OrderTruth(
        all=len(orders.order_ids),
        test=int(orders.is_test.sum()),
        cancelled=int(orders.is_cancelled.sum()),
        fully_refunded=int(orders.is_refunded.sum()),
        partially_refunded=int(orders.is_partly_refunded.sum()),
        gross_value_micros=int(orders.cents[~orders.is_test].sum()) * MICROS_PER_CENT,
        counted=int(stands.sum()),
        counted_value_micros=int((orders.cents - orders.refunded_cents)[stands].sum()) * MICROS_PER_CENT,
    )


def _order_ids(orders: Orders) -> OrderIds:
    def named(flags: Flags) -> list[str]:
        return sorted(orders.order_ids[number] for number in np.flatnonzero(flags).tolist())

    return OrderIds(
        test=named(orders.is_test),
        cancelled=named(orders.is_cancelled),
        fully_refunded=named(orders.is_refunded),
        partially_refunded=named(orders.is_partly_refunded),
        reused=sorted(name for name, uses in Counter(orders.order_ids).items() if uses > 1),
    )


def _costs(costs: Costs) -> CostTruth:
    by_platform = {platform: costs.micros_of(platform=platform) for platform in ACCOUNTS}
    return CostTruth(rows=costs.cents.size, total_micros=costs.micros_of(), micros_by_platform=by_platform)


def _planted(part: Part, visits: Visits, costs: Costs) -> PlantedCampaign:
    campaign = campaign_of(part)
    return PlantedCampaign(
        platform=campaign.platform,
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        spend_micros=costs.micros_of(campaign_id=campaign.campaign_id),
        visits=int((is_part(part)[visits.source] & visits.landing_seen).sum()),
    )

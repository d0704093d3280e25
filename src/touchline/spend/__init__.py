"""Spend: what the ads cost, day by day, and the names of what was advertised.

The newest load of a source's platform, account and day stands; a load that is read twice changes nothing.
"""

from touchline.spend.cost_files import CostFile, TooLongError, numbered_costs, read_costs
from touchline.spend.costs import AdCost, Place, RejectedCost
from touchline.spend.kept_days import with_kept_days
from touchline.stage import River, Stage
from touchline.tables import AD_COSTS, CAMPAIGNS


def _run(river: River) -> None:
    river.write(__name__, AD_COSTS)
    river.write(__name__, CAMPAIGNS)


STAGE = Stage("spend", (AD_COSTS, CAMPAIGNS), _run)

__all__ = [
    "STAGE", "AdCost", "CostFile", "Place", "RejectedCost", "TooLongError", "numbered_costs", "read_costs",
    "with_kept_days",
]  # fmt: skip

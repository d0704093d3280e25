"""Spend: what the ads cost, day by day, and the names of what was advertised.

The newest load of a source's platform, account and day stands; a load that is read twice changes nothing.
"""

from touchline.spend.cost_files import CostFile, TooLongError, read_costs
from touchline.spend.costs import AdCost, RejectedCost
from touchline.stage import River, Stage
from touchline.tables import AD_COSTS, CAMPAIGNS


def _run(river: River) -> None:
    river.write(__name__, AD_COSTS)
    river.write(__name__, CAMPAIGNS)


STAGE = Stage("spend", (AD_COSTS, CAMPAIGNS), _run)

__all__ = ["STAGE", "AdCost", "CostFile", "RejectedCost", "TooLongError", "read_costs"]

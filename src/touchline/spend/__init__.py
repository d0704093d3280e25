"""Spend: what the ads cost, day by day, and the names of what was advertised.

The newest load of a source's platform, account and day stands; a load that is read twice changes nothing.
"""

from touchline.spend.cost_files import CostFile, ReadCosts, TooLongError, read_costs, read_file
from touchline.spend.cost_source import CostSource, cost_file_of, costs_from_rows
from touchline.spend.costs import AdCost, Place, Reading, RejectedCost
from touchline.spend.exports import Notes
from touchline.spend.kept_days import with_kept_days
from touchline.spend.options import CostOptions
from touchline.stage import River, Stage
from touchline.tables import AD_COSTS, CAMPAIGN_CLICKS, CAMPAIGN_NAMES, CAMPAIGNS, CHANNEL_SPEND

_WRITES = (AD_COSTS, CAMPAIGNS, CAMPAIGN_NAMES, CAMPAIGN_CLICKS, CHANNEL_SPEND)


def _run(river: River) -> None:
    for table in _WRITES:
        river.write(__name__, table)


STAGE = Stage("spend", _WRITES, _run)

__all__ = [
    "STAGE", "AdCost", "CostFile", "CostOptions", "CostSource", "Notes", "Place", "ReadCosts", "Reading",
    "RejectedCost", "TooLongError", "cost_file_of", "costs_from_rows", "read_costs", "read_file", "with_kept_days",
]  # fmt: skip

"""Why a unit is called wasteful: one file per reason, on arrays with one row per unit."""

from collections.abc import Callable
from typing import NamedTuple

from touchline.waste.evidence import Flags
from touchline.waste.guards import LATE_COSTS
from touchline.waste.judges import (
    already_customer,
    ambiguous_platform,
    click_leak,
    duplicate_costs,
    efficiency_shift,
    high_cpa,
    invalid_traffic,
    late_costs,
    low_roas,
    no_conversions,
    untagged_spend,
)
from touchline.waste.judges.case import Case

UNTAGGED, AMBIGUOUS_PLATFORM = "untagged", "ambiguous_platform"
CLICK_LEAK, DUPLICATE_COSTS = "click_leak", "duplicate_costs"
INVALID_TRAFFIC, ALREADY_CUSTOMER = "invalid_traffic", "already_customer"


class Judge(NamedTuple):
    """A reason, and of which units it holds."""

    reason: str
    holds: Callable[[Case], Flags]
    is_waste: bool
    """Whether it is about what the spend brings; else something has to be repaired before anybody can tell."""


JUDGES = (
    Judge(UNTAGGED, untagged_spend.holds, is_waste=False),
    Judge(LATE_COSTS, late_costs.holds, is_waste=False),
    Judge(DUPLICATE_COSTS, duplicate_costs.holds, is_waste=False),
    Judge(CLICK_LEAK, click_leak.holds, is_waste=False),
    Judge(AMBIGUOUS_PLATFORM, ambiguous_platform.holds, is_waste=False),
    Judge(INVALID_TRAFFIC, invalid_traffic.holds, is_waste=True),
    Judge("no_conversions", no_conversions.holds, is_waste=True),
    Judge("high_cpa", high_cpa.holds, is_waste=True),
    Judge("low_roas", low_roas.holds, is_waste=True),
    Judge("efficiency_shift", efficiency_shift.holds, is_waste=True),
    Judge(ALREADY_CUSTOMER, already_customer.holds, is_waste=True),
)
"""In this order: the first that holds gives a unit its reason."""

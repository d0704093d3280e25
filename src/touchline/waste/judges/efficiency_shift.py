"""Spend that was raised, and whose further part brings too little: the average hides what the margin does."""

import numpy as np
from scipy.special import ndtr

from touchline.waste.evidence import Flags
from touchline.waste.guards import NEEDED_CONVERSIONS
from touchline.waste.judges.case import WATCHED, Case
from touchline.waste.posterior import discovered

_RAISED = 0.25
"""By which share the later half of a unit's exposure has to be larger than the earlier one."""


def holds(case: Case) -> Flags:
    """Whether a unit that is within its target got more budget, and what was added brought too few conversions.

    The further exposure has to have been enough for some conversions at the target. The halves are those of the days
    that are looked at, both with the share of their conversions that are in; counts scatter as the account's do. As
    with the other reasons, few of those found may be expected to be so by chance.
    """
    units = case.units
    further = units.late_exposure - (units.exposure - units.late_exposure)
    came = units.late_conversions - (units.conversions - units.late_conversions)
    due = further / case.cost
    is_raised = (further >= _RAISED * (units.exposure - further) / 2) & (due >= NEEDED_CONVERSIONS)
    doubt = np.sqrt(case.dispersion * (units.conversions + 1))
    is_over = np.fmax(case.cpa.over, case.roas.over) >= WATCHED
    return discovered(ndtr((came - due) / doubt), is_raised & ~is_over & (units.conversions > 0))

"""Spend without any conversion, where some were due."""

import numpy as np

from touchline.waste.evidence import Flags
from touchline.waste.judges.case import WATCHED, Case


def holds(case: Case) -> Flags:
    """Whether a unit has no conversion and is likely over either target."""
    is_over = np.fmax(case.cpa.over, case.roas.over) >= WATCHED
    return np.asarray(is_over & (case.units.conversions == 0))

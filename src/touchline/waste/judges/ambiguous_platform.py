"""Spend on a platform whose visits may all be unpaid: a click id alone comes on links of people and of ads alike."""

import numpy as np

from touchline.waste.evidence import Flags
from touchline.waste.judges.case import WATCHED, Case


def holds(case: Case) -> Flags:
    """Whether a unit is likely over either target, by visits of which none is surely one of its ads."""
    is_over = np.fmax(case.cpa.over, case.roas.over) >= WATCHED
    return np.asarray(is_over & case.units.is_ambiguous)

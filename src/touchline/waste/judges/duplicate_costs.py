"""Costs that two sources or accounts state alike to the last click: the same money, most likely, counted twice."""

import numpy as np

from touchline.waste.evidence import Flags
from touchline.waste.judges.case import Case

_LEAST_SHARE = 0.1
"""Of the spend, from which on the further copies change what is believed of the unit."""


def holds(case: Case) -> Flags:
    """Whether much of a unit's spend is a further copy of rows that another source or account has, too."""
    return np.asarray((case.units.repeated > 0) & (case.units.repeated >= _LEAST_SHARE * case.units.spend))

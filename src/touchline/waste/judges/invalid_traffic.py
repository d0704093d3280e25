"""Paid clicks after which nobody stays: bots that look like browsers, accidental taps, clicks made for money."""

import numpy as np
from scipy.special import bdtr

from touchline.waste.evidence import Flags, of_others
from touchline.waste.judges.case import WATCHED, Case
from touchline.waste.posterior import discovered

_FEWEST_LANDINGS = 100
"""From this number of paid landings on, how many visitors stay says something."""
_SUSPECT = 0.25
"""The share of visitors who stay, compared with the other units', below which they are hardly people."""


def holds(case: Case) -> Flags:
    """Whether a unit is likely over either target, and far fewer of its paid visitors stay than of the others'.

    A visitor stays whose visit goes on for a second. How many stay by chance at a quarter of the others' share is
    binomial; where there are no others, nothing can be told.
    """
    units = case.units
    is_counted = units.landings >= _FEWEST_LANDINGS
    usual = of_others(units.engaged, units.landings, is_counted)
    is_tested = is_counted & (usual > 0)
    chance = bdtr(units.engaged, units.landings.astype(np.int64), _SUSPECT * np.where(is_tested, usual, 1.0))
    is_over = np.fmax(case.cpa.over, case.roas.over) >= WATCHED
    return np.asarray(is_over & discovered(chance, is_tested))

"""Spend that reaches people who had bought before: they may have come again without it."""

import numpy as np
from scipy.special import bdtrc

from touchline.waste.evidence import Flags, of_others
from touchline.waste.judges.case import WATCHED, Case
from touchline.waste.posterior import discovered

_FEWEST_LANDINGS = 100
"""From this number of paid landings on, who they are says something."""
_MOST = 0.5
"""The share of customers among the visitors that a unit has to exceed,"""
_TIMES = 2.0
"""and how many times the others' share."""
_ALL = 0.99


def holds(case: Case) -> Flags:
    """Whether a unit within its target shows its ads to customers more than to anybody else, unlike the others.

    A customer is a visitor whose person had reached the goal before. By chance, as many are binomial at the share that
    has to be exceeded. What is over its target is judged by that.
    """
    units = case.units
    is_counted = units.landings >= _FEWEST_LANDINGS
    usual = of_others(units.of_customers, units.landings, is_counted)
    most = np.minimum(np.maximum(_MOST, _TIMES * usual), _ALL)
    chance = np.where(
        units.of_customers > 0,
        bdtrc(np.maximum(units.of_customers - 1, 0), np.maximum(units.landings, 1).astype(np.int64), most),
        1.0,
    )
    is_over = np.fmax(case.cpa.over, case.roas.over) >= WATCHED
    return np.asarray(discovered(chance, is_counted) & ~is_over)

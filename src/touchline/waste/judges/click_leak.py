"""Clicks that the ad platform charges and that do not arrive: lost on the way, or by a landing page that loses tags."""

import numpy as np

from touchline.waste.evidence import Flags, Units, of_others
from touchline.waste.judges.case import Case
from touchline.waste.prior import Floats

_FEWEST_CLICKS = 100
"""From this number of clicks on, how many arrive says something."""
_LEAK = 0.5
"""The share of clicks that arrive, compared with the other units', below which they leak."""
_ERRORS = 3.0
"""By how many standard errors of the visits they have to be fewer."""


def holds(case: Case) -> Flags:
    """Whether far fewer of a unit's clicks arrive than of the others'.

    What keeps visits of all from being seen, such as a consent banner, is no leak of one. A unit without any visit is
    a matter of tags, and where no clicks are reported, nothing leaks.
    """
    usual = _usual(case.units)
    return np.asarray((usual > 0) & _is_below(case.units, usual))


def lacks_others(case: Case) -> Flags:
    """Whether few of a unit's clicks arrive, and no other unit shows how many usually do: that may be all of them."""
    return np.asarray((_usual(case.units) == 0) & _is_below(case.units, np.ones(len(case.units.clicks))))


def _is_below(units: Units, usual: Floats) -> Flags:
    likely_most = units.visits + _ERRORS * np.sqrt(units.visits + 1)
    return np.asarray(_is_counted(units) & (likely_most < _LEAK * usual * units.clicks))


def _is_counted(units: Units) -> Flags:
    return np.asarray((units.clicks >= _FEWEST_CLICKS) & (units.visits > 0))


def _usual(units: Units) -> Floats:
    """By unit, the share of the others' clicks that arrive, at most 1; 0 where there are no others."""
    return np.minimum(1.0, of_others(units.visits, units.clicks, _is_counted(units)))

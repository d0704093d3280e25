"""Clicks that the ad platform charges and that do not arrive: lost on the way, or by a landing page that loses tags."""

import numpy as np

from touchline.waste.evidence import Flags, Units
from touchline.waste.judges.case import Case
from touchline.waste.prior import Floats

_FEWEST_CLICKS = 100
"""From this number of clicks on, how many arrive says something."""
_LEAK = 0.5
"""The share of clicks that arrive, compared with the other units', below which they leak."""
_ERRORS = 3.0
"""By how many standard errors of the visits they have to be fewer."""


def holds(case: Case) -> Flags:
    """Whether far fewer of a unit's clicks arrive than of the others'; where there are no others, than there should.

    What keeps visits of all from being seen, such as a consent banner, is no leak of one. A unit without any visit is
    a matter of tags, and where no clicks are reported, nothing leaks.
    """
    units = case.units
    is_counted = (units.clicks >= _FEWEST_CLICKS) & (units.visits > 0)
    usual = _usual(units, is_counted)
    likely_most = units.visits + _ERRORS * np.sqrt(units.visits + 1)
    return np.asarray(is_counted & (likely_most < _LEAK * usual * units.clicks))


def _usual(units: Units, is_counted: Flags) -> Floats:
    """By unit, the share of the others' clicks that arrive, at most 1; 1 where there are no others."""
    clicks, visits = (np.where(is_counted, values, 0.0) for values in (units.clicks, units.visits))
    others, arrived = clicks.sum() - clicks, visits.sum() - visits
    return np.asarray(np.minimum(1.0, np.divide(arrived, others, out=np.ones_like(others), where=others > 0)))

"""Spend on what no visit was ever tagged with: no conversion can be told to be its own."""

import numpy as np

from touchline.waste.evidence import Flags, Units
from touchline.waste.judges.case import Case


def holds(case: Case) -> Flags:
    """Whether a unit has spend, and neither a visit nor a conversion names it."""
    return is_untagged(case.units)


def is_untagged(units: Units) -> Flags:
    """The same, before anything is believed of the units."""
    return np.asarray((units.spend > 0) & ~units.is_tagged & (units.conversions == 0))

"""Costs that end before the clicks do: what was spent on the last conversions is not known yet."""

import numpy as np

from touchline.waste.evidence import Flags
from touchline.waste.judges.case import Case


def holds(case: Case) -> Flags:
    """Whether clicks after the last costs of a unit's feed converted; of one without tags, nobody can tell."""
    return np.asarray(case.is_late & case.units.is_tagged)

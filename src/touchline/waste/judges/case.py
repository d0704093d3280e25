"""What the judges are given."""

from dataclasses import dataclass

from touchline.waste.evidence import Flags, Units
from touchline.waste.posterior import Beliefs
from touchline.waste.prior import Floats

WATCHED = 0.8
"""From this probability on, a unit is worth a look."""


@dataclass(frozen=True)
class Case:
    """The units, and what is believed of each against its targets; ``over`` is NaN where there is no target."""

    units: Units
    cpa: Beliefs
    roas: Beliefs
    is_late: Flags
    """Whether costs of its feed end before the window does, while its clicks go on to convert."""
    cost: Floats
    """What a conversion may cost: the target, or what stands in for it."""
    dispersion: float
    """How many times as widely as Poisson counts the conversions scatter."""

"""One finding, before it is a row."""

import math
from dataclasses import dataclass

from touchline.waste.accounts import MICROS, Unit
from touchline.waste.guards import INSUFFICIENT_DATA, LATE_COSTS, TRACKING_BREAK
from touchline.waste.judges import AMBIGUOUS_PLATFORM, CLICK_LEAK, DUPLICATE_COSTS, INVALID_TRAFFIC, UNTAGGED

MODEL_DEPENDENT = "model_dependent"
CALLED_WASTE = frozenset({"high", "medium"})
GUARDS = (
    TRACKING_BREAK, UNTAGGED, LATE_COSTS, DUPLICATE_COSTS, CLICK_LEAK, AMBIGUOUS_PLATFORM, INSUFFICIENT_DATA,
)  # fmt: skip
"""What keeps a unit from being judged, in the order in which it is asked."""
HELD_BACK = frozenset(GUARDS)
_OVER = frozenset({"no_conversions", "high_cpa", "low_roas", INVALID_TRAFFIC, MODEL_DEPENDENT})
_AS_LIKELY_WITHIN = 0.5


@dataclass(frozen=True)
class Finding:
    """The verdict on one unit under one model."""

    unit: Unit
    name: str
    reason: str
    severity: str
    over: float
    """NaN where nothing can be said."""
    expected: float
    low: float
    high: float
    cpa: float
    """What a conversion may cost: the target, or what stands in for it."""
    maturity: float
    missing: tuple[float, float, float]
    """Days, spend and conversions."""
    lacks_target: bool
    """Whether only a target could tell."""
    lacks_others: bool
    """Whether few of its clicks arrive, and nothing shows how many usually do."""
    others: dict[str, float]
    """By every other model, the probability that it is worse than its target."""
    credits: dict[str, int]
    """By every other model, its credit."""

    @property
    def has_own_target(self) -> bool:
        """Whether somebody set a target for it."""
        return self.unit["target_cpa_micros"] is not None or self.unit["target_roas"] is not None

    @property
    def does_assist(self) -> bool:
        """Whether it is called wasteful here, and another model says that it is rather not."""
        return self.reason in _OVER and min(self.others.values(), default=1.0) < _AS_LIKELY_WITHIN

    @property
    def waste_micros(self) -> int:
        """What is called waste: nothing of what is not to be reduced."""
        if self.severity not in CALLED_WASTE:
            return 0
        return self.micros(self.expected) or 0

    def micros(self, amount: float) -> int | None:
        """An amount of waste in micros, at most the spend; ``None`` for NaN."""
        return None if math.isnan(amount) else min(round(amount * MICROS), int(self.unit["spend_micros"]))

"""How long things take: counts in fixed classes, added to in well under a microsecond."""

from bisect import bisect_left
from typing import Any

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes, in seconds; the last class has none."""


class Durations:
    """Counts of durations by class, and their sum."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one.

        >>> durations = Durations()
        >>> durations.add(0.3)
        >>> durations.counts.index(1), durations.sum
        (8, 0.3)
        """
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds

    def document(self) -> dict[str, Any]:
        """The state as sent to other processes."""
        return {"counts": self.counts, "sum": self.sum}

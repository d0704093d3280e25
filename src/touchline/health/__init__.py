"""Health: whether the numbers can still be trusted.

Every measure is a numerator and a denominator by day, so that any period's rate is a sum over a sum. A day that falls
outside the natural process limits of its measure is a signal.
"""

from touchline.health.limits import ProcessLimits, process_limits
from touchline.health.signals import signals
from touchline.stage import River, Stage
from touchline.tables import HEALTH_MEASURES, HEALTH_SIGNALS


def _run(river: River) -> None:
    river.write(__name__, HEALTH_MEASURES)
    river.put(HEALTH_SIGNALS, signals(river.read(__name__, "daily_rates", HEALTH_SIGNALS)))


STAGE = Stage("health", (HEALTH_MEASURES, HEALTH_SIGNALS), _run)

__all__ = ["STAGE", "ProcessLimits", "process_limits"]

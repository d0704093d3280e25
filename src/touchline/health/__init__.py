"""Health: whether the numbers can still be trusted.

A rate is a numerator and a denominator by day, so that any period's rate is a sum over a sum; a day outside the limits
of its measure is a signal. A volume is a number by day; a stop or collapse of it is a signal.
"""

from touchline.health.signals import signals
from touchline.health.volume_signals import volume_signals
from touchline.stage import River, Stage
from touchline.tables import HEALTH_MEASURES, HEALTH_SIGNALS, HEALTH_VOLUMES


def _run(river: River) -> None:
    river.write(__name__, HEALTH_MEASURES)
    river.write(__name__, HEALTH_VOLUMES)
    rates = signals(river.read(__name__, "daily_rates", HEALTH_SIGNALS))
    volumes = volume_signals(river.read(__name__, "daily_volumes", HEALTH_SIGNALS))
    river.put(HEALTH_SIGNALS, HEALTH_SIGNALS.arrow([*rates, *volumes]))


STAGE = Stage("health", (HEALTH_MEASURES, HEALTH_VOLUMES, HEALTH_SIGNALS), _run)

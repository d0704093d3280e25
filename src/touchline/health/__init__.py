"""Health: whether the numbers can still be trusted.

A rate is a numerator and a denominator by day, so that any period's rate is a sum over a sum; a day outside the limits
of its measure is a signal. A volume is a number by day; a stop or collapse of it is a signal. The limits of every day
are a table, which signals, reports and charts read; they are made for four weeks at a time, from the days around these.
"""

import pyarrow as pa

from touchline.health.blocks import blocks_by_site
from touchline.health.signals import limits_of_rates, signals
from touchline.health.volume_signals import judged_volumes
from touchline.stage import River, Stage
from touchline.tables import HEALTH_BLOCKS, HEALTH_LIMITS, HEALTH_MEASURES, HEALTH_SIGNALS, HEALTH_VOLUMES


def _run(river: River) -> None:
    river.write(__name__, HEALTH_MEASURES)
    river.write(__name__, HEALTH_VOLUMES)
    river.write(__name__, HEALTH_BLOCKS)
    blocks = blocks_by_site(river.read(__name__, "judged_blocks", HEALTH_LIMITS))
    locked = river.read(__name__, "locked_windows", HEALTH_LIMITS).to_pylist()
    windows = {row["fit_id"]: (row["window_start"], row["window_end"]) for row in locked}
    of_rates = limits_of_rates(river.read(__name__, "daily_rates", HEALTH_SIGNALS), windows, blocks)
    of_volumes, collapsed = judged_volumes(river.read(__name__, "daily_volumes", HEALTH_SIGNALS), blocks)
    river.put(HEALTH_LIMITS, pa.concat_tables([of_rates, of_volumes]))
    river.put(HEALTH_SIGNALS, HEALTH_SIGNALS.arrow([*signals(of_rates), *collapsed]))


STAGE = Stage("health", (HEALTH_MEASURES, HEALTH_VOLUMES, HEALTH_BLOCKS, HEALTH_LIMITS, HEALTH_SIGNALS), _run)

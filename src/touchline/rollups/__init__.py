"""Rollups: costs and credit, added up by day for every grain from the organization down to the ad.

Costs stand once, in rows without goal and model; credit stands in rows with goal and model. Every number adds up: each
grain holds the same spend, and under each model the same credit, unattributed conversions included.
"""

from touchline.stage import River, Stage
from touchline.tables import DAILY_ROLLUPS


def _run(river: River) -> None:
    river.write(__name__, DAILY_ROLLUPS)


STAGE = Stage("rollups", (DAILY_ROLLUPS,), _run)

"""Rollups: costs and credit, added up by day for every grain from the organization down to the ad, and by account.

Costs stand once, in rows without goal and model; credit stands in rows with goal and model. Every number adds up: each
grain holds the same spend, and under each model the same credit, unattributed conversions included. Accounts hold the
same credit; no cost is of one.
"""

from touchline.stage import River, Stage
from touchline.tables import ACCOUNT_ROLLUPS, DAILY_ROLLUPS


def _run(river: River) -> None:
    for table in (DAILY_ROLLUPS, ACCOUNT_ROLLUPS):
        river.write(__name__, table)


STAGE = Stage("rollups", (DAILY_ROLLUPS, ACCOUNT_ROLLUPS), _run)

"""When the jobs of the schedule are due: slots of the clock, and what the ledger remembers of the last time.

What was missed while no server ran is done once, and what another server of the same ledger has done is not done again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from touchline.magnitudes import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS


class Slot(NamedTuple):
    """Every ``seconds``, ``after`` seconds past the full period (UTC)."""

    seconds: float
    after: float = 0.0


SLOTS: Mapping[str, Slot] = {
    "touchpoint-derivation": Slot(15 * MINUTE_SECONDS),
    "attribution-weights": Slot(HOUR_SECONDS),
    "daily-rollups": Slot(DAY_SECONDS, 3 * HOUR_SECONDS),
    "retention": Slot(DAY_SECONDS, 3.5 * HOUR_SECONDS),
}
"""Every 15 minutes, hourly, daily at 03:00, and daily at 03:30."""


def is_due(slot: Slot, last: float | None, now: float) -> bool:
    """Whether a job that was last begun at ``last`` (seconds since 1970; ``None``: never) is due at ``now``.

    >>> is_due(Slot(900), last=1_799, now=1_801), is_due(Slot(900), last=1_800, now=1_801)
    (True, False)
    """
    newest = (now - slot.after) // slot.seconds * slot.seconds + slot.after
    return last is None or last < newest

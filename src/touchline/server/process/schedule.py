"""When the jobs of the schedule are due: slots of the clock, and what the ledger remembers of the last time.

What was missed while no server ran is done once, and what another server of the same ledger has done is not done again.
A time that is still to come was written under a clock that was ahead: it keeps no job waiting.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from touchline.amounts import counted
from touchline.jobs.clocks import is_ahead
from touchline.ledger import Ledger, schema
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


_LONGEST_GAP_SECONDS = 2 * DAY_SECONDS
"""Between two times of a daily job: more means that no server ran meanwhile, or that the clock leapt ahead."""
_LASTING_SECONDS = 12 * HOUR_SECONDS
"""A clock that went on for so long after a leap is believed. So is one where gaps of that length are usual: its server
runs only now and then."""


def leap(began: Sequence[float], now: float) -> float:
    """By how many seconds the clock has leapt ahead lately; 0: by nothing, or it has gone on since.

    :param began: when a daily job began each time, in seconds since 1970; times that are still to come say nothing.

    >>> leap([0, 86_400], now=2 * 86_400), leap([0, 86_400], now=9 * 86_400)
    (0.0, 691200.0)
    >>> leap([0, 9 * 86_400], now=9.1 * 86_400), leap([0, 9 * 86_400], now=10 * 86_400)
    (777600.0, 0.0)
    >>> leap([0, 7 * 86_400], now=14 * 86_400)  # of a server that runs once a week
    0.0
    """
    times = sorted((now, *(one for one in began if one <= now)), reverse=True)
    gaps = [(later, later - each) for later, each in pairwise(times)]
    place = next((place for place, (_, gap) in enumerate(gaps) if gap > _LONGEST_GAP_SECONDS), None)
    if place is None:
        return 0.0
    (later, gap), before = gaps[place], gaps[place + 1][1] if place + 1 < len(gaps) else 0.0
    is_usual = before > _LONGEST_GAP_SECONDS and gap / 2 <= before <= 2 * gap
    return 0.0 if is_usual or now - later >= _LASTING_SECONDS else float(gap)


def doubt_about_clock(ledger: Ledger, now: int) -> str:
    """Why nothing should be erased by this clock yet, in a sentence; ``""``: it is believed.

    What is erased is gone, so a clock that has leapt ahead is not believed before it has lasted.

    :param now: microseconds since 1970.
    """
    began = [row["started_at"] / 1e6 for row in ledger.rows(schema.JOB_RUNS, job="retention")]
    ahead = leap(began, now / 1e6)
    return f"The clock has gone {counted(round(ahead / DAY_SECONDS), 'day')} ahead." if ahead else ""


class Schedule:
    """What is due by one ledger; that something is not due is known without asking it again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._began: dict[str, float] = {}

    def due(self, now: float) -> Iterator[str]:
        """The jobs that are due, each looked at once the one before is done.

        :param now: seconds since 1970.
        """
        for name, slot in SLOTS.items():
            if is_due(slot, self._began.get(name), now):
                last = self._ledger.newest(schema.JOB_RUNS, job=name)
                if last is not None:
                    self._began[name] = last["started_at"] / 1e6
                if is_due(slot, self._began.get(name), now):
                    yield name


def is_due(slot: Slot, last: float | None, now: float) -> bool:
    """Whether a job that was last begun at ``last`` (seconds since 1970; ``None``: never) is due at ``now``.

    >>> is_due(Slot(900), last=1_799, now=1_801), is_due(Slot(900), last=1_800, now=1_801)
    (True, False)
    >>> is_due(Slot(900), last=90_000, now=1_801)
    True
    """
    newest = (now - slot.after) // slot.seconds * slot.seconds + slot.after
    return last is None or last < newest or is_ahead(round(last * 1e6), round(now * 1e6))

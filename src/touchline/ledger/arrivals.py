"""Counts of what arrives over HTTP, by site and day: kept in the transaction that stores the events themselves.

Stored events say when they happened, and nothing of what was rejected or came twice. These counts do, so that people
see how well collection works. They depend on arrival: a rebuild leaves them as they are.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any

from sqlalchemy import Select, Table, func, select

from touchline.ledger.rows import Rows
from touchline.ledger.verdicts import ACCEPTED, Verdict
from touchline.magnitudes import DAY_MICROS

COUNTS = (
    "accepted", "duplicates", "conflicting", "clock_corrected", "late_hours", "late_days", "robots",
    "consent_refusals", "rejected",
)  # fmt: skip
"""The columns of counts. ``conflicting`` are among ``duplicates``, and ``late_days`` among ``late_hours``, which are
accepted events that came at least so long after they happened; ``rejected`` are events with a fault: neither robots nor
refusals of consent."""

SLOTS = 8
"""How many rows one site and day may have: writers with different slots never wait for one another's row."""

_Counter = Counter[tuple[str, int, str]]
Arrived = Mapping[tuple[str, int, str], int]
"""By site, day (microseconds since 1970, UTC) and count."""

_KEY = ("site_id", "counted_at", "slot")
_HOURS_OF_DAY = 24
_HOUR_MICROS = DAY_MICROS // _HOURS_OF_DAY


def adding_arrivals(
    columns: Sequence[str], events: Rows, verdicts: Sequence[Verdict] | None, others: Arrived, mark: str
) -> tuple[str, list[tuple[object, ...]]]:
    """The statement that adds what one transaction counts, and its parameters.

    They come in the order of sites and days, which is the same in all writers, so that two of them do not deadlock.

    :param columns: of the events.
    :param verdicts: of each event; ``None``: all are new.
    :param others: what was counted before, of events that are not among these.
    :param mark: what stands before the number of a parameter, ``?`` or ``$``.
    """
    counted = Counter(others) + _of_events(columns, events, verdicts)
    days = sorted({(site_id, day) for site_id, day, _ in counted})
    slot = os.getpid() % SLOTS
    added = [(site_id, day, slot, *(counted[site_id, day, name] for name in COUNTS)) for site_id, day in days]
    return _statement(mark), added


@cache
def _statement(mark: str) -> str:
    names = (*_KEY, *COUNTS)
    marks = ", ".join(f"{mark}{number}" for number in range(1, len(names) + 1))
    sums = ", ".join(f"{name} = arrivals.{name} + excluded.{name}" for name in COUNTS)
    return (
        f"insert into arrivals ({', '.join(names)}) values ({marks})"
        f" on conflict ({', '.join(_KEY)}) do update set {sums}"
    )


RECENT_DAYS = 90
"""How many days of counts are kept, and given to engines: few enough to be read in every run."""


def recent_arrivals(arrivals: Table, now: int) -> Select[tuple[Any, ...]]:
    """The query of the counts of each site and day: of the newest days, and of none that a clock counted ahead.

    :param now: microseconds since 1970.
    """
    days = (arrivals.c.site_id, arrivals.c.counted_at)
    sums = [func.sum(arrivals.c[name]).label(name) for name in COUNTS]
    is_recent = arrivals.c.counted_at.between(now - RECENT_DAYS * DAY_MICROS, now)
    return select(*days, *sums).where(is_recent).group_by(*days).order_by(*days)


def _of_events(columns: Sequence[str], events: Rows, verdicts: Sequence[Verdict] | None) -> _Counter:
    site, received, occurred, clock = map(
        columns.index, ("site_id", "received_at", "occurred_at", "clock_corrected_seconds")
    )
    said = Counter(
        (event[site], event[received] // DAY_MICROS, (event[received] - event[occurred]) // _HOUR_MICROS, verdict,
         len(event) > clock and event[clock] is not None)
        for event, verdict in zip(events, repeat(Verdict.NEW) if verdicts is None else verdicts, strict=False)
    )  # fmt: skip
    counted = _Counter()
    for (site_id, number, hours, verdict, is_corrected), count in said.items():
        day = number * DAY_MICROS
        for name in _names(hours, verdict):
            counted[site_id, day, name] += count
        if is_corrected and verdict in ACCEPTED:
            counted[site_id, day, "clock_corrected"] += count
    return counted


def _names(hours: int, verdict: Verdict) -> tuple[str, ...]:
    """The counts of an event that came this number of hours after it happened."""
    if verdict not in ACCEPTED:
        return ("duplicates", "conflicting") if verdict is Verdict.CONFLICTING else ("duplicates",)
    if hours < 1:
        return ("accepted",)
    return ("accepted", "late_hours") if hours < _HOURS_OF_DAY else ("accepted", "late_hours", "late_days")

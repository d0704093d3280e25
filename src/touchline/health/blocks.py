"""Four weeks of days that are judged together, and the days around them that their limits are made of.

A new day changes the limits of its own four weeks, and of nothing older. A change that stays is usual after some
months, however long the history.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DAYS = 28
"""Days of a block, from a Monday."""
BEFORE = 5 * DAYS
"""Days before a block that its limits of rates are made of."""
AFTER = 2 * DAYS
"""Days after a block that are used as well where its series is young."""
YOUNG = 2 * DAYS
"""A series is young in a block that begins at most this number of days after it."""
_FIRST_DAY = date(1970, 1, 1)
"""From it on, Arrow numbers days."""
_MONDAY = 4
"""The number of 1970-01-05."""

Days = NDArray[np.int32]
Blocks: TypeAlias = dict[tuple[str, str], list[int]]
"""By organization and site: the first days of blocks, as numbers since 1970, in time order."""


class Window(NamedTuple):
    """One block of a series: the places of its own days, and of all days that its limits are made of."""

    start: int
    own: slice
    used: slice


def blocks_of(periods: Days) -> list[int]:
    """The first days of the blocks that hold some of the days.

    >>> blocks_of(np.array([4, 31, 32], np.int32))
    [4, 32]
    """
    return [int(start) for start in np.unique((periods - _MONDAY) // DAYS * DAYS + _MONDAY)]


def windows_of(periods: Days, starts: Collection[int]) -> Iterator[Window]:
    """The blocks of a series that have days, each with the days around it.

    :param periods: shape ``(n,)``, in time order: the days of the series.
    :param starts: the first days of the blocks to be judged.
    """
    for start in starts:
        own = within(periods, start, start + DAYS)
        if own.start < own.stop:
            used = within(periods, start - BEFORE, start + DAYS)
            if periods[used.start] >= start - YOUNG:
                used = within(periods, start - BEFORE, start + DAYS + AFTER)
            yield Window(start, own, used)


def within(periods: Days, first: int, end: int) -> slice:
    """The places of the days from ``first`` to before ``end``.

    >>> within(np.array([3, 5, 9], np.int32), 4, 9)
    slice(1, 2, None)
    """
    return slice(*(int(place) for place in np.searchsorted(periods, (first, end))))


def blocks_by_site(stored: pa.Table) -> Blocks:
    """The blocks that ``judged_blocks.sql`` selects."""
    found: Blocks = {}
    for row in stored.to_pylist():
        found.setdefault((row["organization_id"], row["site_id"]), []).append(number_of(row["block_start"]))
    return found


def number_of(day: date) -> int:
    """A day as Arrow numbers it.

    >>> number_of(date(1970, 1, 5))
    4
    """
    return (day - _FIRST_DAY).days


def day_of(number: int) -> date:
    """The day that has a number in Arrow.

    >>> day_of(4)
    datetime.date(1970, 1, 5)
    """
    return _FIRST_DAY + timedelta(days=number)


def weekdays_of(days: Days) -> NDArray[np.int64]:
    """By day, its weekday: 0 is Monday.

    >>> weekdays_of(np.array([3, 4], np.int32)).tolist()
    [6, 0]
    """
    return ((days - _MONDAY) % 7).astype(np.int64)


def dates_of(days: NDArray[np.integer]) -> pa.Array:
    """Numbers of days as dates."""
    return pa.array(np.asarray(days, np.int32), pa.int32()).cast(pa.date32())

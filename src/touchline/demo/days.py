"""The days that the demo covers: local days of the shop as instants, in milliseconds since 1970 (UTC)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Days:
    """Consecutive local days; ``midnights`` has one instant more than there are days."""

    dates: tuple[date, ...]
    midnights: Ints

    @property
    def start(self) -> int:
        """The first instant, in milliseconds."""
        return int(self.midnights[0])

    @property
    def end(self) -> int:
        """The first instant after the last day, in milliseconds."""
        return int(self.midnights[-1])

    @property
    def broken_day(self) -> int:
        """The number of the day on which the page-view tag fails; it has a long quiet past and a future."""
        return len(self.dates) * 4 // 5

    def numbers(self, times: Ints) -> Ints:
        """The number of the day, from 0, of each instant; -1 before the first."""
        return np.searchsorted(self.midnights, times, side="right").astype(np.int64) - 1

    def is_broken(self, times: Ints) -> Flags:
        """Whether each instant lies on the day on which the page-view tag fails."""
        return np.equal(self.numbers(times), self.broken_day)

    def months(self) -> list[str]:
        """The months that the days touch, in order, as ``YYYY-MM``."""
        return sorted({f"{day:%Y-%m}" for day in self.dates})

    def month_numbers(self, times: Ints) -> Ints:
        """The position in :meth:`months` of each instant's local month."""
        months = self.months()
        by_day = np.array([months.index(f"{day:%Y-%m}") for day in self.dates], dtype=np.int64)
        return by_day[self.numbers(times)]


def days_of(start: date, days: int, time_zone: str) -> Days:
    """``days`` days (at least 1) of a time zone from ``start`` on.

    >>> span = days_of(date(2026, 3, 28), 2, "Europe/Berlin")
    >>> [int(length) // HOUR for length in np.diff(span.midnights)], span.months()
    ([24, 23], ['2026-03'])
    """
    zone = ZoneInfo(time_zone)
    dates = [start + timedelta(days=number) for number in range(days + 1)]
    midnights = [datetime.combine(day, time(), zone).timestamp() * SECOND for day in dates]
    return Days(tuple(dates[:-1]), np.array(midnights, dtype=np.int64))

"""Who visits when, and from where: the journeys of the demo's people, as parallel arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from touchline.demo.days import DAY, HOUR, Days, Flags, Ints
from touchline.demo.plan import Part
from touchline.demo.sources import DIRECT, SOURCES

WARM_UP_DAYS = 21
"""Days before the first on which people begin already, so that the first day has returning visitors too."""

_HOURS = np.array(
    [1, 0.6, 0.4, 0.3, 0.3, 0.5, 1.2, 2.2, 3, 3.4, 3.7, 4, 4.3, 4, 3.8, 3.8, 4, 4.4, 5, 5.8, 6.4, 6, 4.2, 2.2]
)
"""Weight of each local hour of the day."""
_WEEKDAYS = np.array([1.0, 0.98, 0.96, 0.97, 0.95, 1.08, 1.2])
"""Weight of each day of the week, from Monday."""


@dataclass(frozen=True)
class Visits:
    """Every visit, ordered by person and time; each field has one entry per visit.

    Visits of one person start at least 20 hours apart, so that they are sessions of their own.
    """

    person: Ints
    """Number of the person, from 0, without gaps."""
    index: Ints
    """0 for a person's first visit, 1 for the second, …"""
    started_at: Ints
    """Milliseconds since 1970 (UTC)."""
    source: Ints
    """Position in ``SOURCES``."""
    arrival: Ints
    """Position in the source's arrivals."""
    landing_seen: Flags
    """Whether the page view that carries the source is recorded; it is not where the tag was broken."""

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.person[-1]) + 1

    @property
    def first(self) -> Ints:
        """The position of each person's first visit."""
        return np.flatnonzero(self.index == 0)

    @property
    def count(self) -> Ints:
        """How many visits each person makes."""
        return np.bincount(self.person).astype(np.int64)

    def people_of(self, part: Part) -> Flags:
        """For each person, whether a campaign planted for ``part`` brought them, ever."""
        hit = np.zeros(self.people, dtype=np.bool_)
        hit[self.person[is_part(part)[self.source]]] = True
        return hit

    def leading_source(self) -> Ints:
        """For each visit the source that LAST_TOUCH would name: the newest recorded one but Direct, or -1."""
        tells = self.landing_seen & ~_IS_DIRECT[self.source]
        newest = np.maximum.accumulate(np.where(tells, np.arange(len(tells)), -1))
        is_own = newest >= self.first[self.person]
        return np.where(is_own, self.source[newest], -1)


_IS_DIRECT = np.array([source.channel == DIRECT for source in SOURCES])


def is_part(part: Part) -> Flags:
    """For each source, whether it is a campaign planted for ``part``."""
    return np.array([source.part == part for source in SOURCES])


def draw_visits(chance: np.random.Generator, people: int, days: Days) -> Visits:
    """Draws the visits of about ``people`` people over ``days``."""
    person, index, started_at = _times(chance, people, days)
    source = _sources(chance, index)
    arrivals = np.array([len(source.arrivals) for source in SOURCES])
    arrival = (chance.random(len(source)) * arrivals[source]).astype(np.int64)
    return Visits(person, index, started_at, source, arrival, ~days.is_broken(started_at))


def _times(chance: np.random.Generator, people: int, days: Days) -> tuple[Ints, Ints, Ints]:
    """Person, index and start of every visit within the days.

    More people are drawn than asked for, because of some who begin in the warm-up nothing is seen.
    """
    drawn = people * (len(days.dates) + WARM_UP_DAYS) // len(days.dates) + 1
    count = np.minimum(chance.geometric(0.5, drawn), 12)
    person = np.repeat(np.arange(drawn), count)
    gaps = np.maximum(1, np.rint(chance.exponential(4.2, len(person)))).astype(np.int64) * DAY
    gaps += chance.integers(-4 * HOUR, 4 * HOUR, len(person))
    first = np.cumsum(count) - count
    gaps[first] = _first_starts(chance, drawn, days)
    running = np.cumsum(gaps)
    started_at = running - np.repeat(running[first] - gaps[first], count)
    # A visit and what follows in its hour lie within the days, so that nothing has to be cut off.
    inside = (started_at >= days.start) & (started_at < days.end - HOUR)
    return _numbered(person[inside], started_at[inside], people)


def _numbered(person: Ints, started_at: Ints, people: int) -> tuple[Ints, Ints, Ints]:
    """Numbers the people who are seen without gaps, keeps ``people`` of them, and counts each one's visits."""
    person = np.cumsum(np.diff(person, prepend=-1) != 0) - 1
    kept = person < people
    person, started_at = person[kept], started_at[kept]
    count = np.bincount(person)
    index = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count)
    return person, index, started_at


def _first_starts(chance: np.random.Generator, count: int, days: Days) -> Ints:
    """The instants of first visits, by the rhythm of week and day, from the warm-up on."""
    weekday = days.dates[0].weekday()
    numbers = np.arange(-WARM_UP_DAYS, len(days.dates))
    day = chance.choice(numbers, count, p=_shares(_WEEKDAYS[(numbers + weekday) % 7]))
    hour = chance.choice(24, count, p=_shares(_HOURS))
    midnight = np.where(day < 0, days.start + day * DAY, days.midnights[np.maximum(day, 0)])
    return (midnight + hour * HOUR + chance.integers(0, HOUR, count)).astype(np.int64)


def _sources(chance: np.random.Generator, index: Ints) -> Ints:
    """The source of each visit, which for a first visit is another lottery than for a later one."""
    first = chance.choice(len(SOURCES), len(index), p=_shares(np.array([source.first_share for source in SOURCES])))
    later = chance.choice(len(SOURCES), len(index), p=_shares(np.array([source.return_share for source in SOURCES])))
    return np.where(index == 0, first, later).astype(np.int64)


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares

"""Days, weeks and months, and the earlier days that a report is compared with."""

from calendar import isleap
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from touchline.errors import UsageError
from touchline.numerals import date_of

if TYPE_CHECKING:
    from touchline.reports.question import Question

Period = Literal["day", "week", "month"]
Match = Literal["weekdays", "dates"]
"""Whether earlier days are those of the same weekdays, or those of the same dates."""
_RELATIVE = ("previous", "last-year")
_WEEK = 7
_YEAR_OF_WEEKS = 52 * _WEEK


def first_day(day: date, per: Period) -> date:
    """The first day of the week (from Monday) or month of a day.

    >>> first_day(date(2026, 3, 5), "week"), first_day(date(2026, 3, 5), "month")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 1))
    """
    if per == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if per == "week" else day


def last_day(first: date, per: Period) -> date:
    """The last day of the week or month that begins on a day.

    >>> last_day(date(2026, 3, 2), "week"), last_day(date(2026, 12, 1), "month")
    (datetime.date(2026, 3, 8), datetime.date(2026, 12, 31))
    """
    if per == "month":
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=_WEEK - 1) if per == "week" else first


@dataclass(frozen=True)
class Compared:
    """The earlier days that a report is compared with, both inclusive."""

    start: date
    end: date
    is_covered: bool
    """Whether the data begins no later than they do; if not, a part of every increase is only that data begins."""

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.end - self.start).days + 1


def compared_with(question: "Question", compare: str | None, match: str) -> Compared | None:
    """The days that a report is compared with; ``None`` where nobody asked.

    :param compare: ``previous``: the days right before the window; ``last-year``: the same days a year earlier;
        ``START..END``: other days.
    :param match: ``weekdays``: go back by whole weeks, so that each day is compared with one of its weekday: to the
        newest such days before the window, or 52 weeks; ``dates``: the days right before, or the same dates.
    :raises UsageError: if it is none of these, or there is no data of these days.
    """
    if match not in get_args(Match):
        raise UsageError(f"match is one of {', '.join(get_args(Match))}, not {match!r}.")
    if compare is None:
        return None
    named = None if compare in _RELATIVE else _named(compare)
    if question.window.start is None or question.window.end is None or question.data_from is None:
        raise UsageError("There is no data to compare.", "Import events, and run `touchline run`.")
    start, end = named or days_before(question.window.start, question.window.end, compare, match)
    if end < question.data_from:
        raise UsageError(
            f"There is no data from {start} to {end} to compare with: it begins on {question.data_from}.",
            "Name a later window with --start and --end, or the days to compare with: --compare START..END.",
        )
    return Compared(start, end, is_covered=question.data_from <= start)


def earlier(question: "Question", compared: Compared) -> "Question":
    """The same question about the earlier days."""
    return replace(question, window=replace(question.window, start=compared.start, end=compared.end))


@dataclass(frozen=True)
class Counterparts:
    """Which of the earlier days each day of a window is compared with.

    They are taken in order from the first on: the window's third day is compared with their third day. Where both begin
    and end on the same dates of different years, each date is compared with its own. Earlier days past the last one of
    the window are compared with none. A day, week or month is therefore compared with as many days as it has in the
    window, but for a leap day, or with fewer where the earlier days end before.
    """

    start: date
    end: date
    """The window, both inclusive."""
    compared: Compared

    def day_of(self, earlier: date) -> date | None:
        """The day of the window that an earlier day is compared with; ``None`` where there is none.

        >>> week = Counterparts(date(2026, 3, 2), date(2026, 3, 8), Compared(date(2026, 2, 1), date(2026, 2, 9), True))
        >>> week.day_of(date(2026, 2, 2)), week.day_of(date(2026, 2, 9))
        (datetime.date(2026, 3, 3), None)
        """
        if self._years:
            return min(max(_years_before(earlier, -self._years), self.start), self.end)
        day = self.start.toordinal() + (earlier - self.compared.start).days
        return date.fromordinal(day) if day <= self.end.toordinal() else None

    def number(self, first: date, last: date) -> int:
        """How many earlier days are compared with the window's days from ``first`` to ``last``.

        >>> week = Counterparts(date(2026, 3, 2), date(2026, 3, 8), Compared(date(2026, 2, 1), date(2026, 2, 5), True))
        >>> week.number(date(2026, 3, 2), date(2026, 3, 3)), week.number(date(2026, 3, 5), date(2026, 3, 8))
        (2, 2)
        """
        return self._before(min(last, self.end).toordinal() + 1) - self._before(max(first, self.start).toordinal())

    def _before(self, ordinal: int) -> int:
        """How many earlier days are compared with the window's days before this one."""
        if not self._years:
            return min(ordinal - self.start.toordinal(), self.compared.days)
        if ordinal > self.end.toordinal():
            return self.compared.days
        day = date.fromordinal(ordinal)
        same = _years_before(day, self._years)
        return (same - self.compared.start).days + (same.day < day.day) if day > self.start else 0

    @property
    def _years(self) -> int:
        """How many years lie between the same dates; 0 where they are not the same."""
        years = self.start.year - self.compared.start.year
        if years != self.end.year - self.compared.end.year:
            return 0
        days = _years_before(self.start, years), _years_before(self.end, years)
        return years if days == (self.compared.start, self.compared.end) else 0


def days_before(start: date, end: date, compare: str, match: str) -> tuple[date, date]:
    """The earlier days that a window is compared with, as :func:`compared_with` has them.

    >>> days_before(date(2026, 3, 2), date(2026, 3, 8), "previous", "weekdays")
    (datetime.date(2026, 2, 23), datetime.date(2026, 3, 1))
    """
    number = (end - start).days + 1
    if compare == "previous":
        back = timedelta(days=-(-number // _WEEK) * _WEEK if match == "weekdays" else number)
        return start - back, end - back
    back = timedelta(days=_YEAR_OF_WEEKS)
    return (start - back, end - back) if match == "weekdays" else (_years_before(start, 1), _years_before(end, 1))


def _named(compare: str) -> tuple[date, date]:
    first, dots, last = compare.partition("..")
    days = date_of(first), date_of(last)
    if not dots or days[0] is None or days[1] is None or days[0] > days[1]:
        raise UsageError(
            f"compare is previous, last-year, or days such as 2026-01-01..2026-01-31, not {compare!r:.80}."
        )
    return days[0], days[1]


def _years_before(day: date, years: int) -> date:
    """The same date of an earlier year; of 29 February, the day before 1 March where that year has none."""
    year = day.year - years
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=year, day=28 if is_leap_day and not isleap(year) else day.day)

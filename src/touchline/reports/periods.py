"""Days, weeks and months, and the earlier days that a report is compared with."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from touchline.errors import UsageError
from touchline.numerals import date_of

if TYPE_CHECKING:
    from touchline.reports.question import Question, Window

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


def place_of(day: date, window: "Window", per: Period) -> int:
    """Which day, week or month of a window a day is in; 0 is the one of its first day.

    >>> from touchline.reports.question import Window
    >>> place_of(date(2026, 3, 9), Window(date(2026, 3, 5), date(2026, 3, 20)), "week")
    1
    """
    start = first_day(window.start or day, per)
    if per == "month":
        return (day.year - start.year) * 12 + day.month - start.month
    return (day - start).days // (_WEEK if per == "week" else 1)


def first_at(place: int, start: date, per: Period) -> date:
    """The first day of the day, week or month at a place of a window that begins on a day.

    >>> first_at(1, date(2026, 3, 5), "week"), first_at(11, date(2026, 3, 5), "month")
    (datetime.date(2026, 3, 9), datetime.date(2027, 2, 1))
    """
    start = first_day(start, per)
    if per == "month":
        years, month = divmod(start.month - 1 + place, 12)
        return date(start.year + years, month + 1, 1)
    return start + timedelta(days=place * (_WEEK if per == "week" else 1))


@dataclass(frozen=True)
class Compared:
    """The earlier days that a report is compared with, both inclusive."""

    start: date
    end: date
    is_covered: bool
    """Whether the data begins no later than they do; if not, a part of every increase is only that data begins."""


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
    start, end = named or _days(question.window.start, question.window.end, compare, match)
    if end < question.data_from:
        raise UsageError(
            f"There is no data from {start} to {end} to compare with: it begins on {question.data_from}.",
            "Name a later window with --start and --end, or the days to compare with: --compare START..END.",
        )
    return Compared(start, end, is_covered=question.data_from <= start)


def earlier(question: "Question", compared: Compared) -> "Question":
    """The same question about the earlier days."""
    return replace(question, window=replace(question.window, start=compared.start, end=compared.end))


def _days(start: date, end: date, compare: str, match: str) -> tuple[date, date]:
    number = (end - start).days + 1
    if compare == "previous":
        back = timedelta(days=-(-number // _WEEK) * _WEEK if match == "weekdays" else number)
        return start - back, end - back
    back = timedelta(days=_YEAR_OF_WEEKS)
    return (start - back, end - back) if match == "weekdays" else (_year_before(start), _year_before(end))


def _named(compare: str) -> tuple[date, date]:
    first, dots, last = compare.partition("..")
    days = date_of(first), date_of(last)
    if not dots or days[0] is None or days[1] is None or days[0] > days[1]:
        raise UsageError(
            f"compare is previous, last-year, or days such as 2026-01-01..2026-01-31, not {compare!r:.80}."
        )
    return days[0], days[1]


def _year_before(day: date) -> date:
    """The same date a year earlier; of 29 February, the day before 1 March."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)

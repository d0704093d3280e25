"""Days as exports write them: ``2026-03-02``, ``Mar 2, 2026``, ``2. März 2026``, ``02/03/2026``, or with a time.

Whether ``02/03/2026`` is in February or in March is decided for a whole column at a time, from the cells that show it.
A column in which no cell does is refused with the option that settles it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from touchline.numerals import date_of

Order = Literal["DMY", "MDY"]
"""Whether the day or the month is written first."""

_MONTHS = (
    "jan january januar janvier enero ene gennaio gen janeiro januari ocak oca stycznia sty января янв",
    "feb february februar février fevrier fév febrero febbraio fevereiro fev februari şubat şub lutego lut февраля фев",
    "mar march märz maerz mär mrz mars marzo março marco maart mrt mart marca marts марта мар",
    "apr april avril avr abril abr aprile nisan nis kwietnia kwi апреля апр",
    "may mai mayo maggio mag maio mei mayıs maja maj мая май",  # noqa: RUF001 - Turkish
    "jun june juni juin junio giugno giu junho haziran haz czerwca cze июня июн",
    "jul july juli juillet juil julio luglio lug julho temmuz tem lipca lip июля июл",
    "aug august août aout agosto ago augustus augusti ağustos ağu sierpnia sie августа авг",
    "sep sept september septembre septiembre settembre set setembro eylül eyl września wrz сентября сен сент",
    "oct october oktober okt octobre octubre ottobre ott outubro out ekim eki października paź октября окт",
    "nov november novembre noviembre novembro kasım kas listopada lis ноября ноя",  # noqa: RUF001
    "dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro aralık ara grudnia gru desember декабря",  # noqa: RUF001, E501
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_DAY_FIRST = re.compile(
    r"([0-9]{1,2})(?:\.|er|º|°|st|nd|rd|th)?[\s-]+(?:de\s+)?([^\W0-9_]+)\.?,?[\s-]+(?:de\s+)?([0-9]{4}|[0-9]{2})"
    r"(?:\s*\u0433\.)?"
)
_MONTH_FIRST = re.compile(r"([^\W0-9_]+)\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})")
_WEEKDAY = re.compile(r"^[^\W0-9_]{2,12}\.?(?:,\s+|\s+(?=[^\W0-9_]))|\s*\([^\W0-9_]{1,12}\.?\)$")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年]\s?([0-9]{1,2})[-/.月]\s?([0-9]{1,2})[日.]?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_FORMS = ((_DAY_FIRST, 3, 2, 1), (_MONTH_FIRST, 3, 1, 2), (_YEAR_FIRST, 1, 2, 3), (_DOTTED, 3, 2, 1))
"""Ways to write a day, each with the places of year, month and day."""
_MOMENT = re.compile(
    r"(?P<day>.+?)(?:[T\s,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_WITHIN_A_DAY = re.compile(
    r"(?P<day>(?P<date>.+?)(?:[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?)\s*(?:~|–|\s-\s)\s*"
    r"(?:(?P=date)[T\s]*)?(?:[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)
"""An hour, or a whole day, as a range: ``2026-03-02 14:00 ~ 14:59``, ``2026-03-02 - 2026-03-02``."""
_RANGE = re.compile(r"\s+(?:-|–|to|bis|au|al|a|até|t/m)\s+|\s*(?:–|\.\.)\s*")
_LONGEST = 80


def order_of(cells: Iterable[str]) -> Order | None:
    """Whether the day or the month comes first in a column, as its cells show it; ``None``: none shows it.

    :raises ValueError: if the cells contradict each other.

    >>> order_of(["02/03/2026", "14/03/2026"]), order_of(["03/14/2026"]), order_of(["02/03/2026"])
    ('DMY', 'MDY', None)
    """
    shown: dict[Order, str] = {}
    for cell in cells:
        if (order := _order_shown(_split(cell)[0])) is not None:
            shown.setdefault(order, cell)
        if len(shown) == 2:
            raise ValueError(f"{shown['DMY']!r:.40} has the day first, and {shown['MDY']!r:.40} the month")
    return next(iter(shown), None)


def is_ambiguous(text: str) -> bool:
    """Whether a cell is one day with the day first and another with the month first.

    >>> is_ambiguous("02/03/2026"), is_ambiguous("03/03/2026"), is_ambiguous("02.03.2026")
    (True, False, False)
    """
    found = _SLASHED.fullmatch(_split(text)[0])
    return found is not None and found[1] != found[3] and int(found[1]) <= 12 and int(found[3]) <= 12


def time_in(text: str) -> time | None:
    """The time of day that is written with a day; ``None``: none is.

    >>> time_in("2026-03-02 14:00:00.000"), time_in("3/2/2026, 2:30 PM"), time_in("2026-03-02")
    (datetime.time(14, 0), datetime.time(14, 30), None)
    """
    return _split(text)[1]


def day_in(text: str, order: Order | None = None, *, written: tzinfo = UTC, read: tzinfo | None = None) -> date | None:
    """The day that a cell says; ``None`` if it says none.

    :param order: how days such as ``02/03/2026`` are read; ``None``: only if both are the same day.
    :param written: the zone of a time that names none.
    :param read: the zone of the day that is wanted, if there is a time; ``None``: the day as it is written.

    >>> day_in("2 March 2026"), day_in("Mon, Mar 2, 2026"), day_in("2. März 2026"), day_in("02.03.2026")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 2), datetime.date(2026, 3, 2), datetime.date(2026, 3, 2))
    >>> day_in("02/03/2026"), day_in("02/03/2026", "MDY")
    (None, datetime.date(2026, 2, 3))
    """
    said, at, zone = _split(text)
    day = _day(said, order)
    if day is None or at is None or read is None:
        return day
    try:
        return datetime.combine(day, at, zone or written).astimezone(read).date()
    except OverflowError:
        return None


def range_in(text: str, order: Order | None = None) -> tuple[date, date] | None:
    """The first and last day that a line above a table says, such as ``29 October 2025 - 31 October 2025``.

    >>> range_in("29 October 2025 - 31 October 2025")
    (datetime.date(2025, 10, 29), datetime.date(2025, 10, 31))
    >>> range_in("Campaign report"), range_in("2025-10-29")
    (None, (datetime.date(2025, 10, 29), datetime.date(2025, 10, 29)))
    """
    if len(text) > _LONGEST:
        return None
    text = re.sub(r"^[^:]{0,30}:\s+", "", text.strip().strip('",;'))
    whole = day_in(text, order)
    if whole is not None:
        return whole, whole
    for found in _RANGE.finditer(text):
        first, last = day_in(text[: found.start()], order), day_in(text[found.end() :], order)
        if first is not None and last is not None and first <= last:
            return first, last
    return None


def _split(text: str) -> tuple[str, time | None, tzinfo | None]:
    """A cell as the day's text, the time and the zone of it."""
    text = text.strip()[:_LONGEST]
    is_range = "~" in text or "–" in text or " - " in text
    if is_range and (within := _WITHIN_A_DAY.fullmatch(text)) is not None:
        text = within["day"].strip()
    found = _MOMENT.fullmatch(text)
    if found is None or found["hour"] is None:
        return text, None, None
    hour, half = int(found["hour"]), (found["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return text, None, None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    try:
        at = time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return text, None, None
    return found["day"].strip(), at, _zone(found["zone"])


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in ("Z", "UTC"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        return None
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _order_shown(day: str) -> Order | None:
    found = _SLASHED.fullmatch(day)
    if found is None:
        return None
    if int(found[1]) > 12:
        return "DMY"
    return "MDY" if int(found[3]) > 12 else None


def _day(text: str, order: Order | None) -> date | None:
    if (iso := date_of(text)) is not None:
        return iso
    text = _WEEKDAY.sub("", text)
    return _slashed(text, order) if _SLASHED.fullmatch(text) else _named(text)


def _named(text: str) -> date | None:
    """A day whose parts are told apart by a name, a year in front, or dots."""
    for form, year, month, day in _FORMS:
        if found := form.fullmatch(text):
            return _date(found[year], str(_MONTH.get(found[month].lower(), found[month])), found[day])
    return None


def _slashed(text: str, order: Order | None) -> date | None:
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    order = order or _order_shown(text) or ("DMY" if found[1] == found[3] else None)
    if order is None:
        return None
    day, month = (found[1], found[3]) if order == "DMY" else (found[3], found[1])
    return _date(found[4], month, day)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None

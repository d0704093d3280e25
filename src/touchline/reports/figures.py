"""Numbers as people write them: thousands separators, a dash for what is not known, a window in words."""

from datetime import date, datetime

from touchline.amounts import UNKNOWN, amount, counted, price, units
from touchline.reports.question import Window


def whole(value: float | None) -> str:
    """A count.

    >>> whole(12345), whole(None)
    ('12,345', '—')
    """
    return UNKNOWN if value is None else f"{value:,.0f}"


def conversions(value: float | None) -> str:
    """Conversions, which models share out: one decimal where it is not a whole number.

    >>> conversions(12.0), conversions(1234.56)
    ('12', '1,234.6')
    """
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def conversions_in_words(value: float) -> str:
    """As :func:`conversions`, with the word.

    >>> conversions_in_words(1.0), conversions_in_words(0.5)
    ('1 conversion', '0.5 conversions')
    """
    return f"{conversions(value)} {'conversion' if value == 1 else 'conversions'}"


def ratio(value: float | None) -> str:
    """A number with two decimals, such as a ROAS.

    >>> ratio(7.357), ratio(None)
    ('7.36', '—')
    """
    return UNKNOWN if value is None else f"{value:,.2f}"


def percent(value: float | None) -> str:
    """A fraction as a percentage.

    >>> percent(0.9318), percent(None)
    ('93.2%', '—')
    """
    return UNKNOWN if value is None else f"{value:.1%}"


def day(value: date | datetime | None) -> str:
    """A day.

    >>> day(date(2026, 9, 1))
    '1 Sep 2026'
    """
    return UNKNOWN if value is None else f"{value.day} {value:%b %Y}"


def days(window: Window) -> str:
    """A window.

    >>> days(Window(date(2026, 7, 1), date(2026, 9, 28)))
    '1 Jul 2026 – 28 Sep 2026'
    """
    return UNKNOWN if window.start is None else f"{day(window.start)} – {day(window.end)}"


_FILTERS = (whole, counted, conversions, conversions_in_words, amount, price, units, ratio, percent, day, days)
FILTERS = {function.__name__: function for function in _FILTERS}
"""By the names that the template uses."""

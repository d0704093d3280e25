"""How numbers, dates, currencies and time zones are written; numbers in digits 0 to 9, unlike Python's."""

import re
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NO_PLACES = re.compile(r"(?:right|posix)/.*|posixrules|localtime|Factory", re.DOTALL)
"""Files in a zone folder that are not zones and that databases do not know: one such site would stop every run."""
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")


def decimal_of(text: str) -> Decimal | None:
    """The number that a text says; ``None`` if it says none. Spaces around it do not count.

    An exponent is one, because programs write small amounts so (``1e-05``).

    >>> decimal_of(" 12.50 "), decimal_of("+5"), decimal_of("1e3")
    (Decimal('12.50'), Decimal('5'), Decimal('1E+3'))
    >>> decimal_of("1_000"), decimal_of("٣٤"), decimal_of("NaN"), decimal_of("0x10")
    (None, None, None, None)
    """
    text = text.strip()
    return Decimal(text) if len(text) < 1_000 and _DECIMAL.fullmatch(text) else None


def whole_of(text: str) -> int | None:
    """The whole number that a text says; ``None`` if it says none, or one of more than 18 digits.

    >>> whole_of("30"), whole_of("-1"), whole_of("1_000"), whole_of("٣"), whole_of("1e3")
    (30, -1, None, None, None)
    """
    text = text.strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def currency_of(text: str) -> str | None:
    """The code of ISO 4217 that a text says, in capitals; ``None`` if it says none.

    >>> currency_of("EUR"), currency_of(" usd "), currency_of("EURO"), currency_of("€")
    ('EUR', 'USD', None, None)
    """
    text = text.strip()
    return text.upper() if _CURRENCY.fullmatch(text) else None


def date_of(text: str) -> date | None:
    """The day that a text says as ``2026-01-31`` or ``20260131``; ``None`` if it says none.

    >>> date_of("2026-01-31"), date_of("2026-W05-6"), date_of("2026-02-30")
    (datetime.date(2026, 1, 31), None, None)
    """
    text = text.strip()
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def zone_of(text: str) -> ZoneInfo | None:
    """The time zone of a name such as ``Europe/Berlin``; ``None`` if there is none.

    >>> zone_of("Europe/Berlin"), zone_of("Europe"), zone_of("right/UTC")
    (zoneinfo.ZoneInfo(key='Europe/Berlin'), None, None)
    """
    if _NO_PLACES.fullmatch(text):
        return None
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, a name that is too long for a file's
        return None

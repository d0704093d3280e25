"""One of a thing in the integers in which tables count it: a conversion in credit, a day in microseconds."""

CREDIT = 1_000_000_000
"""Credit of one whole conversion, in billionths."""

MINUTE_SECONDS = 60
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400
DAY_MICROS = DAY_SECONDS * 1_000_000
"""Microseconds of a day; moments in the ledger are microseconds since 1970 (UTC)."""


def day_of(micros: int) -> int:
    """The start of a moment's day in UTC.

    >>> day_of(86_400_000_001)
    86400000000
    """
    return micros - micros % DAY_MICROS

"""How long a click answers for the person who made it: days, by ad platform."""

import re
from collections.abc import Mapping

from touchline.ad_platforms import platform_of
from touchline.errors import UsageError
from touchline.numerals import whole_of

USUAL = ""
"""The platform of the days that hold for platforms without days of their own."""
MOST_DAYS = 3650
MOST_PLATFORMS = 40

_PLATFORM = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_EXAMPLE = "Write it as 90, or as 90, META=28, GOOGLE_ADS=30."


def click_freshness_of(text: str) -> Mapping[str, int]:
    """The days in the setting ``fresh_click_days``: those of :data:`USUAL` first, then those of single platforms.

    A platform may be named as people name it. One that is unknown stands as it is: an earlier release took it.

    :raises UsageError: if it is anything but a number of days and pairs of a platform and days.

    >>> click_freshness_of("90, Facebook Ads = 28")
    {'': 90, 'META': 28}
    """
    usual, *pairs = (part.strip() for part in text.split(","))
    days = {USUAL: _days(usual)}
    for pair in pairs:
        name, _, number = (part.strip() for part in pair.partition("="))
        platform = platform_of(name) or name.upper()
        if not _PLATFORM.fullmatch(platform):
            raise UsageError(f"fresh_click_days: {name[:80]!r} is not the code of an ad platform.", _EXAMPLE)
        if days.setdefault(platform, _days(number)) != _days(number):
            raise UsageError(f"fresh_click_days: {platform} has two numbers of days.", "Leave one of them out.")
    if len(days) > MOST_PLATFORMS:
        raise UsageError(f"fresh_click_days: More than {MOST_PLATFORMS - 1} platforms.", _EXAMPLE)
    return days


def click_freshness_text(days: Mapping[str, int]) -> str:
    """The setting that says these days.

    >>> click_freshness_text({"": 90, "META": 28})
    '90, META=28'
    """
    return ", ".join([str(days[USUAL]), *(f"{name}={number}" for name, number in days.items() if name != USUAL)])


def _days(text: str) -> int:
    number = whole_of(text)
    if number is None or not 1 <= number <= MOST_DAYS:
        raise UsageError(f"fresh_click_days: {text[:80]!r} is no number of days from 1 to {MOST_DAYS}.", _EXAMPLE)
    return number

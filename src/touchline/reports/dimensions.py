"""What the rows of a report are: every dimension is one name here and one line of ``credit_by_dimension.sql``."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from touchline.amounts import UNKNOWN
from touchline.grains import UNATTRIBUTED
from touchline.reports.periods import Period

By = Literal[
    "channel", "source_class", "platform", "campaign", "adset", "ad", "source", "medium", "term", "content",
    "landing_page", "app", "device", "city", "district", "site",
    "account", "customer", "day", "week", "month",
]  # fmt: skip
"""What a report's rows are.

``source`` is the landing's ``utm_source``, else the referring host, else the app whose browser opened the page;
``medium``, ``term`` and ``content`` are its UTM parameters; ``landing_page`` is its address without parameters.
``device``, ``city`` and ``district`` are those of the touch's session; ``site`` is the conversion's site, and
``account`` the account of the conversion: the one that it names, else its person's only one. ``customer`` is ``new``
where the conversion is the person's first of the goal among all that are kept, else ``returning``. ``day``, ``week``
(from Monday) and ``month`` are those that credit is booked to, by their first day.
"""

Basis = Literal["CONVERSION", "TOUCH"]
"""The day that credit is booked to: that of the conversion, or that of the touch."""

PERIODS: tuple[Period, ...] = get_args(Period)
"""Rows that are days, weeks or months, in their order."""

OF_CONVERSIONS: tuple[By, ...] = ("site", "account", "customer", *PERIODS)
"""Rows that are facts of the conversion, whatever touches led to it."""

WITH_COSTS: tuple[By, ...] = ("platform", "campaign", "adset", "ad")
"""Rows that costs are reported for."""

SPENDING: tuple[By, ...] = ("channel", *WITH_COSTS, *PERIODS)
"""Rows that have spend: those that costs are reported for, channels, among which campaigns' spend is cut, and days."""

MOST_DAYS = 100_000
"""Days that are rows of their own: all that there can be."""

MOST_VALUES = 1_000
"""Values of one dimension that are rows of their own, those with the most credit; the others share a row."""

NO_VISIT = "(no visit)"
"""The channel of a campaign's spend on days on which no visit names the campaign."""
MISSING = "(none)"
"""The key of the row of touches without a value, which people see as a dash."""
OTHER = "(other)"
"""The row of the values after the first :data:`MOST_VALUES`."""


def period_named(by: str) -> Period | None:
    """The period that rows are, where they are days, weeks or months.

    >>> period_named("week"), period_named("channel")
    ('week', None)
    """
    return next((period for period in PERIODS if period == by), None)


def group_by_in_words() -> str:
    """What may be grouped by, for people.

    >>> group_by_in_words()[:40], group_by_in_words()[-15:]
    ('Group by channel, source_class, platform', 'week, or month.')
    """
    *names, last = get_args(By)
    return f"Group by {', '.join(names)}, or {last}."


def key_and_name(row: Mapping[str, Any]) -> tuple[str, str]:
    """The key and the name of the row of an answer; no value shares the key of a row that is none.

    >>> key_and_name({"is_unattributed": 0, "is_rest": 0, "value": "Rome"})
    ('Rome', 'Rome')
    >>> key_and_name({"is_unattributed": 0, "is_rest": 0, "value": ""})
    ('(none)', '—')
    >>> key_and_name({"is_unattributed": 0, "is_rest": 0, "value": "(none)"})
    ('%28none)', '(none)')
    """
    value = str(row["value"])
    if row["is_unattributed"]:
        return UNATTRIBUTED, UNATTRIBUTED
    if row["is_rest"]:
        return OTHER, OTHER
    if not value:
        return MISSING, UNKNOWN
    return f"%28{value[1:]}" if value in {UNATTRIBUTED, MISSING, OTHER} else value, value

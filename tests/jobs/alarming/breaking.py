"""Things that broke, made up."""

from dataclasses import replace
from datetime import date, timedelta

from touchline.reports.breaks import Break, alarm_id_of

FIRST = date(2026, 3, 1)
NOW = 1_772_900_000_000_000
"""2026-03-07 16:13 UTC."""


def day(number: int) -> date:
    """A day of March."""
    return FIRST + timedelta(days=number - 1)


def broken(since: int, until: int, *, is_over: bool = False, measure: str = "landings", goal: str = "") -> Break:
    """A break on days of March 2026."""
    found = Break(
        alarm_id="", site_id="shop-example", measure=measure, goal=goal, direction="below", since=day(since),
        until=day(until), is_over=is_over, value=1.0, centre=9.0, cases=1, denominator=1, effect=-8.0,
        conversions_in_doubt=3, value_in_doubt_micros=5_000_000, currency="EUR", findings_held_back=0,
        sentence="Landings fell", first_check="Check first.", owner="",
    )  # fmt: skip
    return replace(found, alarm_id=alarm_id_of(found.site_id, measure, goal, found.since))

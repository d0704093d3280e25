"""The limits of every day, as the table has them; nothing computes them again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from touchline.health.run_rules import Signal, broken_rules, zones_of
from touchline.reports.queries import Row

Limits = Mapping[tuple[str, str, str], Mapping[date, Row]]
"""By site, measure and goal: the limits of each day that has some."""

_RULES = "wheeler"


def limits_by_series(stored: Iterable[Row]) -> Limits:
    """The rows that ``limits_by_day.sql`` selects, by series and day."""
    found: dict[tuple[str, str, str], dict[date, Row]] = defaultdict(dict)
    for row in stored:
        found[row["site_id"], row["measure"], row["goal"]][row["period"]] = row
    return found


def broken_rules_by_day(by_day: Mapping[date, Row]) -> dict[date, tuple[int, ...]]:
    """By day, the numbers of the rules that it breaks with its neighbors, among the days of a rate that have limits."""
    days, signals = rules_broken(by_day)
    found: dict[date, set[int]] = defaultdict(set)
    for signal in signals:
        for place in signal.indices:
            found[days[place]].add(signal.rule)
    return {day: tuple(sorted(rules)) for day, rules in found.items()}


def rules_broken(by_day: Mapping[date, Row]) -> tuple[list[date], list[Signal]]:
    """The days in time order, and the rules that they break, with the places of the days.

    A day of which no case more or fewer would be nearer to the center is on the center: of rare cases most days have
    none, and days without any are no run.
    """
    days = sorted(by_day)
    if len(days) < 2:
        return days, []
    columns = (np.array([by_day[day][name] for day in days], np.float64) for name in _COLUMNS)
    numerators, denominators, center, lower, upper = columns
    values = numerators / denominators
    zones = zones_of(values, center, lower, upper)
    zones[np.abs(numerators - center * denominators) < 1] = 0.0
    return days, broken_rules(values, zones, _RULES)


_COLUMNS = ("numerator", "denominator", "center", "lower_limit", "upper_limit")

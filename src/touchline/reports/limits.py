"""The limits of every day, as the table has them; nothing computes them again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from touchline.health.run_rules import broken_rules, zones_of
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
    days = sorted(by_day)
    if len(days) < 2:
        return {}
    columns = (np.array([by_day[day][name] for day in days], np.float64) for name in _COLUMNS)
    numerators, denominators, center, lower, upper = columns
    values = numerators / denominators
    found: dict[date, set[int]] = defaultdict(set)
    for signal in broken_rules(values, zones_of(values, center, lower, upper), _RULES):
        for place in signal.indices:
            found[days[place]].add(signal.rule)
    return {day: tuple(sorted(rules)) for day, rules in found.items()}


_COLUMNS = ("numerator", "denominator", "center", "lower_limit", "upper_limit")

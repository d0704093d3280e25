"""Goals of retention: what an active day is worth, by the days since a person's first one."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

LAST_DAY = 1_095
"""The last day after the first one that has a value of its own, three years on. Later days are worth as much."""
LEAST_EXPONENT, MOST_EXPONENT = -3.0, 1.0
_MOST = 2**53 - 1
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP)


def retention_value(value_micros: int, exponent: float, day: int) -> int:
    """What a day is worth in micros: ``value * (1 + day) ** exponent``, rounded half up; a power curve.

    :param value_micros: what the first day is worth.
    :param exponent: below 0, later days are worth less; 0, as much; above 0, more.
    :param day: days since the first active one, from 0.

    >>> [retention_value(1_000_000, -0.5, day) for day in (0, 1, 3)], retention_value(1_000_000, 0.5, 3)
    ([1000000, 707107, 500000], 2000000)
    """
    grown = _growth(exponent, min(day, LAST_DAY))
    return min(_MOST, int(_EXACT.to_integral_value(_EXACT.multiply(Decimal(value_micros), grown))))


@lru_cache(maxsize=8 * (LAST_DAY + 1))
def _growth(exponent: float, day: int) -> Decimal:
    """The power is nearly all of the time, and every run has the same ones again."""
    return _EXACT.power(Decimal(1 + day), Decimal(str(exponent)))


def retention_rows(goals: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    """The rows of ``retention_values``: what each day of each goal of retention is worth."""
    for goal in goals:
        if goal["retention_exponent"] is not None:
            own = {"organization_id": goal["organization_id"], "goal": goal["goal"]}
            for day in range(LAST_DAY + 1):
                value = retention_value(goal["default_value_micros"], goal["retention_exponent"], day)
                yield own | {"day_number": day, "day_value_micros": value}

"""Totals of several days in equal parts, one for each day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from touchline.spend.costs import AdCost


def spread_evenly(cost: AdCost, days: tuple[date, date] | None) -> Iterator[AdCost]:
    """The parts of a total; whole micros by cumulative rounding, so that they add up to it.

    :param days: the first and the last; ``None``: the cost is of one day already.
    """
    if days is None:
        yield cost
        return
    length = (days[1] - days[0]).days + 1
    for number in range(length):
        yield replace(
            cost, cost_date=days[0] + timedelta(days=number), spread_days=length,
            impressions=part_of(cost.impressions, number, length), clicks=part_of(cost.clicks, number, length),
            spend_micros=part_of(cost.spend_micros, number, length),
            platform_conversion_micros=_part_or_none(cost.platform_conversion_micros, number, length),
            platform_value_micros=_part_or_none(cost.platform_value_micros, number, length),
        )  # fmt: skip


def part_of(total: int, number: int, of: int) -> int:
    """The part with a number from 0 on, of as many parts as ``of`` says.

    >>> [part_of(10, number, 3) for number in range(3)], sum(part_of(-7, number, 5) for number in range(5))
    ([3, 3, 4], -7)
    """
    return total * (number + 1) // of - total * number // of


def _part_or_none(total: int | None, number: int, of: int) -> int | None:
    return None if total is None else part_of(total, number, of)

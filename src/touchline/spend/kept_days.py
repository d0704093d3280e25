"""What a load with refused rows leaves as it was: a day that is told in part does not replace one that was known."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import product

from touchline.spend.costs import AdCost, Place, RejectedCost

Day = tuple[str, str, date]
"""A platform, an account and a day."""
HELD = "day_incomplete"
"""The reason for which a good row is not taken: another row of its day was refused, and the day was known."""


def with_kept_days(
    rows: Sequence[tuple[str, AdCost | RejectedCost]], known: Collection[Day]
) -> tuple[list[AdCost | RejectedCost], int]:
    """The rows of a load; good ones are refused where they would replace a known day by a part of it.

    A refused row that does not tell its day, its platform or its account may be of any. A day that nobody knew takes
    what there is. Also returns how many known days stay.

    :param rows: each with its source, such as ``costs.csv:6``.
    :param known: the days of which an earlier load of the source told the spend.
    """
    causes: dict[Place, str] = {}
    for source, row in rows:
        if isinstance(row, RejectedCost):
            causes.setdefault(row.place, source)
    said = {_day_of(row) for _, row in rows if isinstance(row, AdCost)}
    kept = {day: cause for day in said.intersection(known) if (cause := _cause_of(day, causes)) is not None}
    return [_judged(source, row, kept) for source, row in rows], len(kept)


def _day_of(cost: AdCost) -> Day:
    return (cost.platform, cost.account_id, cost.cost_date)


def _cause_of(day: Day, causes: dict[Place, str]) -> str | None:
    """Where a refused row stands that may be of the day."""
    places = product(*((told, None) for told in day))
    return next((causes[place] for place in places if place in causes), None)


def _judged(source: str, row: AdCost | RejectedCost, kept: dict[Day, str]) -> AdCost | RejectedCost:
    if isinstance(row, RejectedCost) or _day_of(row) not in kept:
        return row
    platform, account, day = _day_of(row)
    message = (
        f"{day} of {platform} {account or '(no account)'} is not replaced, because {kept[_day_of(row)]} is refused: "
        "what was known of the day stays"
    )
    return RejectedCost(source, HELD, "date", message, repr(row)[:8192], _day_of(row))

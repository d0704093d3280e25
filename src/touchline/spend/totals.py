"""Rows that add up others: by their words, and by what they add up to."""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from decimal import Decimal

_TOTAL = re.compile(
    r"(grand |sub|overall |account )?(total|totals|totale|totaal|totalt|gesamt|gesamtsumme|summe|suma|somme|sum"
    r"|insgesamt|итого|合計|総計|总计|總計|합계|toplam)\b",
    re.IGNORECASE,
)
_CENT = Decimal("0.01")


def is_total(text: str) -> bool:
    """Whether a cell begins as a row of totals does.

    >>> is_total("Total: Campaigns"), is_total("Gesamt"), is_total("合計"), is_total("Totally new")
    (True, True, True, False)
    """
    return _TOTAL.match(text.strip()) is not None


def adding_up(amounts: Sequence[tuple[Hashable, Decimal]], candidates: Collection[int]) -> set[int]:
    """Which candidates are the sum of the others, of all days or of their own day, to a cent.

    >>> day = [("a", Decimal(1)), ("a", Decimal(2)), ("a", Decimal(3)), ("b", Decimal(4))]
    >>> adding_up(day, {2}), adding_up(day, {3})
    ({2}, set())

    :param amounts: of each row, its day, or whatever else a total is of, and its cost.
    :param candidates: the places of rows that may be totals.
    """
    of_day: defaultdict[Hashable, Decimal] = defaultdict(Decimal)
    counts: defaultdict[Hashable, int] = defaultdict(int)
    for place, (day, amount) in enumerate(amounts):
        if place not in candidates:
            of_day[day] += amount
            counts[day] += 1
    whole, rows = sum(of_day.values(), Decimal(0)), sum(counts.values())
    return {
        place for place in candidates
        if amounts[place][1] and (
            (rows > 1 and abs(amounts[place][1] - whole) <= _CENT)
            or (counts[amounts[place][0]] > 1 and abs(amounts[place][1] - of_day[amounts[place][0]]) <= _CENT)
        )
    }  # fmt: skip

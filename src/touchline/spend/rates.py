"""Exchange rates by day, and what an amount is in another currency."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from touchline.spend.costs import AdCost

MOST_RATE_DAYS = 7
"""How old a rate may be: banks publish none at weekends, and none from Maundy Thursday to the Tuesday after Easter."""
_LARGEST = 2**63 - 1
"""Micros that the ledger can store."""
_MOST_UNITS, _SMALLEST = 10**18, Decimal("1e-18")
"""With these, twice an amount of 64 bits by a rate has at most 38 digits, which each engine can compute with."""
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP)
_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, order=True)
class Rate:
    """``rate`` units of ``quote`` are worth one unit of ``base`` on a day."""

    rate_date: date
    base: str
    quote: str
    rate: Decimal


@dataclass(frozen=True)
class Rates:
    """What is known of rates, by pair of currencies in the order of days.

    >>> rates = rates_of([Rate(date(2026, 3, 6), "EUR", "USD", Decimal("1.25"))])
    >>> rates.at("USD", "EUR", date(2026, 3, 8)), rates.at("USD", "EUR", date(2026, 3, 14))
    (Decimal('0.8'), None)
    """

    pairs: Mapping[tuple[str, str], tuple[list[date], list[Decimal]]] = field(default_factory=dict)

    def at(self, source: str, target: str, day: date) -> Decimal | None:
        """Units of ``target`` that one of ``source`` is worth: the rate of the day, or the last within a week before.

        Where there is none of the two, the inverse of the opposite one counts, else both rates of a third currency.
        """
        direct = self._at(source, target, day)
        if direct is not None:
            return direct
        for third in sorted({base for base, _ in self.pairs}):
            to_source, to_target = self._at(third, source, day), self._at(third, target, day)
            if to_source and to_target:
                return _EXACT.divide(to_target, to_source)
        return None

    def _at(self, source: str, target: str, day: date) -> Decimal | None:
        if source == target:
            return Decimal(1)
        if (rate := self._newest(source, target, day)) is not None:
            return rate
        inverse = self._newest(target, source, day)
        return None if inverse is None else _EXACT.divide(Decimal(1), inverse)

    def _newest(self, base: str, quote: str, day: date) -> Decimal | None:
        days, rates = self.pairs.get((base, quote), ([], []))
        place = bisect_right(days, day) - 1
        return rates[place] if place >= 0 and days[place] >= day - timedelta(days=MOST_RATE_DAYS) else None

    def converted(self, cost: AdCost, currency: str) -> AdCost:
        """A cost with its rate, and its money in ``currency``; without both where its own currency has no rate.

        A cost that is in ``currency`` already needs neither.
        """
        rate = None if cost.currency == currency else self.at(cost.currency, currency, cost.cost_date)
        money = [cost.spend_micros, cost.platform_value_micros]
        spend, value = (None if rate is None or one is None else micros_at(one, rate) for one in money)
        if rate is None or any(abs(one or 0) > _LARGEST for one in (spend, value)):  # such a rate is mistyped
            return replace(cost, exchange_rate=None, reporting_micros=None, reporting_value_micros=None)
        return replace(cost, exchange_rate=written(rate), reporting_micros=spend, reporting_value_micros=value)

    def to(self, currency: str, days: "Days | None" = None) -> Iterator["ReportingRate"]:
        """What is known of each other currency in ``currency``, day by day.

        :param days: the first and the last day; ``None``: all that have a rate.
        """
        known = [day for listed, _ in self.pairs.values() for day in listed]
        if not known:
            return
        first, last = days or (min(known), max(known) + timedelta(days=MOST_RATE_DAYS))
        for other in sorted({one for pair in self.pairs for one in pair} - {currency}):
            for number in range((last - first).days + 1):
                rate = self.at(other, currency, first + timedelta(days=number))
                if rate is not None and (parts := whole_parts(rate)) is not None:
                    yield ReportingRate(other, first + timedelta(days=number), *parts)


Days = tuple[date, date]
"""A first and a last day."""


class ReportingRate(NamedTuple):
    """One unit of ``currency`` is worth ``rate``, which is ``rate_units`` by ``rate_scale``, on a day."""

    currency: str
    rate_date: date
    rate: str
    rate_units: int
    rate_scale: int


def rates_of(rates: Iterable[Rate]) -> Rates:
    """Rates, to be looked up."""
    pairs: dict[tuple[str, str], tuple[list[date], list[Decimal]]] = {}
    for one in sorted(rates):
        days, values = pairs.setdefault((one.base, one.quote), ([], []))
        days.append(one.rate_date)
        values.append(one.rate)
    return Rates(pairs)


def micros_at(micros: int, rate: Decimal) -> int:
    """An amount at a rate, rounded half away from zero.

    >>> micros_at(1_000_001, Decimal("0.5")), micros_at(-1_000_001, Decimal("0.5"))
    (500001, -500001)
    """
    return int(_EXACT.to_integral_value(_EXACT.multiply(Decimal(micros), rate)))


def whole_parts(rate: Decimal) -> tuple[str, int, int] | None:
    """A rate as :func:`written`, and as two whole numbers of which it is the quotient; ``None``: it is out of reach.

    >>> whole_parts(Decimal("0.65")), whole_parts(Decimal(1500)), whole_parts(Decimal("1e19"))
    (('0.65', 65, 100), ('1500', 1500, 1), None)
    """
    shown = Decimal(written(rate.quantize(_SMALLEST, context=_EXACT) if rate < 1 else rate))
    places = max(0, -int(shown.as_tuple().exponent))
    units = int(shown.scaleb(places, _EXACT))
    return (written(shown), units, 10**places) if 0 < units <= _MOST_UNITS else None


def written(rate: Decimal) -> str:
    """A rate in at most 15 digits.

    >>> written(Decimal(1) / Decimal(3)), written(Decimal("1.2500"))
    ('0.333333333333333', '1.25')
    """
    text = format(_DIGITS.plus(rate), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Amounts as people write them: money in currency units, rounded half away from zero, and numbers of things."""

from collections.abc import Mapping
from functools import cache

from touchline.data_rows import data_rows

UNKNOWN = "—"
"""What is not known, or not defined; never zero."""
_USUAL_DECIMALS = 2


def money(micros: int | None, currency: str) -> str:
    """An amount in the currency's units, with its decimals and its code.

    >>> money(1_234_567_000, "EUR"), money(1_234_567_000, "JPY"), money(1_234_567_000, "KWD"), money(None, "EUR")
    ('1,234.57 EUR', '1,235 JPY', '1,234.567 KWD', '—')
    """
    return UNKNOWN if micros is None else f"{amount(micros, currency)} {currency}"


def amount(micros: int | None, currency: str) -> str:
    """As :func:`money`, without the code.

    >>> amount(1_005_000, "EUR"), amount(-5_000, "EUR"), amount(500_000, "JPY"), amount(None, "JPY")
    ('1.01', '-0.01', '1', '—')
    """
    return UNKNOWN if micros is None else _decimal(micros, decimals_of(currency))


def price(units_each: float | None, currency: str) -> str:
    """What one of something costs, in the currency's units.

    >>> price(7.357, "EUR"), price(1_234.6, "JPY"), price(7.3574, "KWD"), price(None, "EUR")
    ('7.36', '1,235', '7.357', '—')
    """
    return UNKNOWN if units_each is None else f"{units_each:,.{decimals_of(currency)}f}"


def units(micros: int | None, currency: str) -> str:
    """An amount in whole units of the currency; one below 1,000 keeps its decimals.

    >>> units(40_258_500_000, "EUR"), units(12_500_000, "EUR"), units(12_500_000, "JPY")
    ('40,259', '12.50', '13')
    """
    if micros is None:
        return UNKNOWN
    return _decimal(micros, 0) if abs(micros) >= 1_000_000_000 else amount(micros, currency)


def decimals_of(currency: str) -> int:
    """How many decimals amounts in the currency have.

    >>> decimals_of("EUR"), decimals_of("JPY"), decimals_of("KWD")
    (2, 0, 3)
    """
    return _unusual_decimals().get(currency, _USUAL_DECIMALS)


@cache
def _unusual_decimals() -> Mapping[str, int]:
    """Where they are not two; ``data/README.md`` says where this comes from."""
    return {row["currency"]: int(row["decimals"]) for row in data_rows("currency_decimals.csv")}


def counted(number: int, one: str, several: str = "") -> str:
    """A number of things, in the singular where it is one.

    :param one: what one of them is called.
    :param several: what several are called, where that is not ``one`` with an ``s``.

    >>> counted(1, "day"), counted(1_200, "day"), counted(0, "person", "people")
    ('1 day', '1,200 days', '0 people')
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def plain_units(micros: int) -> str:
    """An amount for programs and spreadsheets: exact, with at least two decimals, without thousands separators.

    >>> plain_units(1_234_500_000), plain_units(-1), plain_units(0)
    ('1234.50', '-0.000001', '0.00')
    """
    whole, rest = divmod(abs(micros), 1_000_000)
    decimals = f"{rest:06}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{whole}.{decimals}"


def _decimal(micros: int, digits: int) -> str:
    step = 10 ** (6 - digits)
    whole, rest = divmod((abs(micros) + step // 2) // step, 10**digits)
    sign = "-" if micros < 0 and (whole or rest) else ""
    return f"{sign}{whole:,}" + (f".{rest:0{digits}}" if digits else "")

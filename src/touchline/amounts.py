"""Amounts as people write them: money in currency units, rounded half away from zero, and numbers of things."""

UNKNOWN = "—"
"""What is not known, or not defined; never zero."""


def money(micros: int | None, currency: str = "") -> str:
    """An amount in the currency's units, to the cent.

    >>> money(1_234_567_000, "EUR"), money(1_005_000), money(-5_000), money(None)
    ('1,234.57 EUR', '1.01', '-0.01', '—')
    """
    return UNKNOWN if micros is None else f"{_decimal(micros, 2)} {currency}".rstrip()


def units(micros: int | None) -> str:
    """An amount in whole units of the currency; one below 1,000 keeps its cents.

    >>> units(40_258_500_000), units(12_500_000)
    ('40,259', '12.50')
    """
    if micros is None:
        return UNKNOWN
    return _decimal(micros, 0) if abs(micros) >= 1_000_000_000 else money(micros)


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

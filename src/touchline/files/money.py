"""Money as integer micros."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

MAX_MICROS = 2**53
"""Micros stay below this, so that they are exact in every engine, JSON reader and spreadsheet."""

_MICRO = Decimal("0.000001")
_LIMIT = Decimal(MAX_MICROS).scaleb(-6)
_CONTEXT = Context(prec=40, rounding=ROUND_HALF_EVEN)


def micros_of(value: Decimal) -> int | None:
    """Millionths of a unit, ties rounded to even; ``None`` unless it is a number from 0 to below 2^53 micros.

    >>> micros_of(Decimal("99.99")), micros_of(Decimal("0.0000005")), micros_of(Decimal("-1"))
    (99990000, 0, None)
    """
    if not value.is_finite() or not 0 <= value < _LIMIT:
        return None
    micros = int(value.quantize(_MICRO, context=_CONTEXT).scaleb(6, context=_CONTEXT))
    return micros if micros < MAX_MICROS else None


def micros_as_units(micros: int) -> Decimal:
    """The amount in units, without zeros at its end.

    >>> micros_as_units(12_500_000), micros_as_units(100_000_000)
    (Decimal('12.5'), Decimal('100'))
    """
    units = Decimal(micros).scaleb(-6, context=_CONTEXT).normalize(_CONTEXT)
    return units if units.as_tuple().exponent <= 0 else units.quantize(1)  # type: ignore[operator]

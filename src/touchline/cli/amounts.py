"""Amounts of money, as options say them."""

from decimal import Decimal

from touchline.errors import UsageError


def micros(amount: Decimal | None, option: str) -> int | None:
    """An amount as micros; raises :class:`UsageError` if it is no amount of money."""
    from touchline.files.money import micros_of

    found = None if amount is None else micros_of(amount)
    if amount is not None and found is None:
        raise UsageError(f"{option} is an amount of money such as 12.50, not {amount}.")
    return found

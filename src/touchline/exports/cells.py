"""Values as text, and text that a spreadsheet shows and never obeys."""

from decimal import Decimal

from touchline.amounts import plain_units

_OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula, the full-width forms of the signs included; see OWASP, "CSV Injection"."""


def spreadsheet_text(text: str) -> str:
    """A text, with an apostrophe in front where a spreadsheet would take it for a formula.

    >>> spreadsheet_text("=1+1"), spreadsheet_text("spring")
    ("'=1+1", 'spring')
    """
    return f"'{text}" if text.startswith(_OBEYED) else text


def plain_text(value: object) -> str:
    """A value as text that no spreadsheet obeys; what is not known is empty.

    >>> plain_text("=1+1"), plain_text(None), plain_text(True), plain_text(-1)
    ("'=1+1", '', 'true', '-1')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return spreadsheet_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def plain_decimal(value: Decimal) -> str:
    """A decimal with six places, which is money, with at least two of them; one without places as the whole number.

    >>> plain_decimal(Decimal("12.300000")), plain_decimal(Decimal(7))
    ('12.30', '7')
    """
    return plain_units(int(value.scaleb(6))) if value.as_tuple().exponent else format(value, "f")

"""Numbers as people's programs write them: ``1,234.56``, ``1.234,56 €``, ``(12.00)``, ``--``.

Which of the two marks is the decimal one is decided for a whole column at a time, from what its cells show, and never
guessed: a column that shows nothing is refused with the option that settles it.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from touchline.numerals import decimal_of

Mark = Literal[".", ","]
MARKS: tuple[Mark, ...] = (",", ".")
NOTHING = frozenset({"", "-", "--", "—", "–", "n/a", "na", "null", "none", "nan", "(not set)"})
"""What programs write where there is no number, in lower case."""

_SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₫": "VND", "₪": "ILS", "₴": "UAH", "zł": "PLN",
            "Kč": "CZK", "Ft": "HUF", "₱": "PHP", "฿": "THB", "₦": "NGN", "₽": "RUB"}  # fmt: skip
"""Currency symbols that stand for one currency."""
_DOLLAR = re.compile(r"(?:US|CA|AU|NZ|HK|A|C|R|S)?\$|[¥￥]|kr\.?", re.IGNORECASE)
"""Symbols that several currencies share."""
_SHARED = {
    "us$": "USD", "ca$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD", "nz$": "NZD", "hk$": "HKD", "r$": "BRL",
    "s$": "SGD", "$": "USD CAD AUD NZD HKD SGD MXN TWD COP CLP ARS", "¥": "JPY CNY", "￥": "JPY CNY",
    "kr": "SEK NOK DKK ISK CZK",
}  # fmt: skip
"""By symbol, in lower case and without a full stop, the currencies that it may stand for."""
WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "PYG", "ISK", "UGX", "RWF", "XAF", "XOF", "XPF"})
"""Currencies that have no smaller unit, so that three digits after a mark are a group."""
_CODE = re.compile(r"(?:^[A-Z]{3}(?=[\s0-9.,(+-])|(?<=[\s0-9.,)])[A-Z]{3}$)")
_SPACES = re.compile(r"[\s'’\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]")
_NUMBER = re.compile(r"[+-]?[0-9.,]*[0-9][0-9.,]*(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = {
    ",": re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}"),
    ".": re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+"),
}
"""Digits in groups of three, or of two and a last of three, as in India."""
_LONGEST = 200


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is no number.

    >>> is_nothing(" --"), is_nothing("0")
    (True, False)
    """
    return len(text) < 16 and text.strip().lower() in NOTHING


def currency_in(text: str) -> str | None:
    """The currency that is written with an amount, as a code or as a symbol of one currency only.

    >>> currency_in("12,00 €"), currency_in("USD 5.00"), currency_in("$5.00"), currency_in("5.00")
    ('EUR', 'USD', None, None)
    """
    text = text[:_LONGEST].strip()
    if found := _CODE.search(text):
        return found[0]
    return next((code for symbol, code in _SYMBOLS.items() if symbol in text), None)


def currencies_meant(text: str) -> frozenset[str]:
    """The currencies that the symbol next to an amount may stand for; empty where there is none that several share.

    >>> sorted(currencies_meant("¥ 1,000")), sorted(currencies_meant("A$5.00")), sorted(currencies_meant("5.00"))
    (['CNY', 'JPY'], ['AUD'], [])
    """
    found = _DOLLAR.search(text[:_LONGEST])
    return frozenset(_SHARED[found[0].lower().rstrip(".")].split()) if found else frozenset()


def bare(text: str) -> str:
    """A number without currency, spaces and apostrophes; parentheses and other signs are a minus.

    >>> bare("(1 234,50 €)"), bare("$1,234.00"), bare("12%")
    ('-1234,50', '1,234.00', '12%')
    """
    text = text[:_LONGEST].strip().replace("\N{MINUS SIGN}", "-")
    if is_negative := text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    text = _CODE.sub("", text)
    for symbol in _SYMBOLS:
        text = text.replace(symbol, "")
    text = _SPACES.sub("", _DOLLAR.sub("", text))
    return f"-{text}" if is_negative else text


def decimal_mark(cells: Iterable[str]) -> Mark | None:
    """The decimal mark of a column of amounts, as its cells show it; ``None``: none shows it.

    :raises ValueError: if one cell shows the one and another the other, with both.

    >>> decimal_mark(["1.234,56"]), decimal_mark(["0,5", "1,234"]), decimal_mark(["1,234"]), decimal_mark(["1,234,567"])
    (',', ',', None, '.')
    """
    shown: dict[Mark, str] = {}
    for cell in cells:
        if (mark := _shown_by(bare(cell))) is not None:
            shown.setdefault(mark, cell)
        if len(shown) == 2:
            raise ValueError(f"{shown['.']!r:.40} has a decimal point, and {shown[',']!r:.40} a decimal comma")
    return next(iter(shown), None)


def thousands_mark(cells: Iterable[str]) -> Mark | None:
    """The mark between thousands in a column of whole numbers; ``None``: no cell has one.

    >>> thousands_mark(["12", "1,234"]), thousands_mark(["12"])
    (',', None)
    """
    return next((mark for cell in cells for mark in MARKS if _GROUPED[mark].fullmatch(bare(cell))), None)


def is_ambiguous(text: str) -> bool:
    """Whether a cell is one number with a decimal point and another with a decimal comma.

    >>> is_ambiguous("1,234"), is_ambiguous("1,23"), is_ambiguous("12")
    (True, False, False)
    """
    text = bare(text)
    return ("." in text or "," in text) and _shown_by(text) is None and _NUMBER.fullmatch(text) is not None


def number_in(text: str, mark: Mark) -> Decimal | None:
    """The number that a cell says where ``mark`` is the decimal one; ``None`` if it says none.

    >>> number_in("1.234,56 €", ","), number_in("1,234.5", "."), number_in("1,2,3", "."), number_in("12%", ".")
    (Decimal('1234.56'), Decimal('1234.5'), None, None)
    """
    if len(text) > _LONGEST:
        return None
    text = bare(text)
    other = _other(mark)
    whole, dot, rest = text.partition(mark)
    if other in whole and not _GROUPED[other].fullmatch(whole):
        return None
    return None if other in rest or mark in rest else decimal_of(whole.replace(other, "") + ("." if dot else "") + rest)


def _shown_by(text: str) -> Mark | None:
    points, commas = text.count("."), text.count(",")
    if not _NUMBER.fullmatch(text) or not points + commas:
        return None
    if points and commas:
        return "." if text.rfind(".") > text.rfind(",") else ","
    mark: Mark = "." if points else ","
    if points + commas > 1:
        return _other(mark)
    if re.search(r"[eE]", text):
        return mark
    whole, _, rest = text.lstrip("+-").partition(mark)
    is_group = len(rest) == 3 and 1 <= len(whole) <= 3 and whole != "0"
    return None if is_group else mark


def _other(mark: Mark) -> Mark:
    return "," if mark == "." else "."

"""Reports that are their table and no more, as people see them on a terminal."""

from typing import TYPE_CHECKING

from touchline.amounts import UNKNOWN, amount, price
from touchline.cli.shown import about, with_notes
from touchline.cli.terminal import number, percent, table
from touchline.reports.report import is_money, without_unit
from touchline.reports.words import compared_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.console import RenderableType

    from touchline.reports.report import ReportTable, Scalar

_SHARES, _PRICES = ("share", "rate", "roi", "ctr"), ("cpa", "cac", "cpc")
_INITIALS = ("cpa", "cac", "cpc", "ctr", "roas", "roi", "id")
"""Words in names of columns that people write in capitals."""


def plain(name: str, answer: "Any", found: "ReportTable") -> "RenderableType":
    """A report that is its table and no more.

    :param answer: what the report says; its title has the model, goal, site and days where the answer has them.
    """
    currency = getattr(answer, "currency", "")
    asked = [getattr(answer, each, "") for each in ("model", "goal")]
    title = f"{name.capitalize()}: {', '.join((*filter(None, asked), about(answer)))}"
    shown = [place for place, column in enumerate(found.columns) if not _is_said_in_words(column, found.columns)]
    rows = [[_plain_cell(found.columns[place], row[place], currency) for place in shown] for row in found.rows]
    columns = [_plain_column(found.columns[place], found.kinds[place], currency) for place in shown]
    compared = compared_in_words(getattr(answer, "compared", None), answer.window)
    return with_notes(table(title, columns, rows), answer.other_currencies, compared)


def _is_said_in_words(column: str, columns: "Sequence[str]") -> bool:
    """Whether a column is billionths of conversions, which another one says as people read them.

    >>> columns = ["paid_credit", "paid_conversions", "credit"]
    >>> [_is_said_in_words(column, columns) for column in columns]
    [True, False, False]
    """
    return column.endswith("credit") and f"{column.removesuffix('credit')}conversions" in columns


def _plain_column(name: str, kind: type, currency: str) -> str:
    """The header of a column; amounts say in which currency they are, numbers are aligned to the right."""
    words = " ".join(word.upper() if word in _INITIALS else word for word in without_unit(name).split("_"))
    if is_money(name):
        return f">{words} {currency}".rstrip()
    return f">{words}" if kind in {int, float} else words


def _plain_cell(name: str, value: "Scalar", currency: str) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return amount(value, currency) if is_money(name) else number(value)
    if isinstance(value, float):
        return _plain_number(name.rpartition("_")[2], value, currency)
    return str(value)


def _plain_number(measure: str, value: float, currency: str) -> str:
    """A number as what it measures is written: a share, what one costs, a count, or how many times."""
    if measure in _SHARES:
        return percent(value)
    if measure in _PRICES:
        return price(value, currency)
    return number(value, 1 if measure == "conversions" else 2)

"""Exports as they come: their rows by our names, their totals apart, their days known, totals over a range spread."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.files import BadRow
from touchline.numerals import currency_of
from touchline.spend.columns import COUNTS, Columns, Texts, columns_of
from touchline.spend.cost_formats import NAMED_CURRENCY, Header, plain
from touchline.spend.costs import AdCost, Reading, RejectedCost, RowError, cost_of, place_of, refused
from touchline.spend.options import CostOptions
from touchline.spend.spread import spread_evenly
from touchline.spend.totals import adding_up, is_total
from touchline.spend.written_dates import range_in
from touchline.spend.written_numbers import MARKS, currencies_meant, currency_in, is_nothing, number_in

_NAMES = ("campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name")
_RESOURCE = re.compile(r"customers/[0-9]+/[A-Za-z]+/(?:[0-9]+~)?([0-9]+)")
"""How Google's interface names what has an id."""
_CENT = Decimal("0.01")
_PERIODS = frozenset({"week", "month", "quarter", "year", "woche", "monat", "semaine", "mois", "semana", "mes"})
"""Columns that split the rows by more than a day, as names are compared."""


class Line(NamedTuple):
    """One row of an export.

    :param cells: by our names, as text; or why it is none.
    :param raw: all cells as they came, by which equal rows are known.
    """

    source: str
    cells: Texts | BadRow
    first: str
    raw: int


@dataclass
class Notes:
    """What is to be said of a file besides its rows.

    :param totals: of each row of totals that was left out, its words and its amount.
    :param left_out: how many rows were left out, totals and footers.
    """

    says: str = ""
    kind: str = ""
    left_out: int = 0
    totals: list[tuple[str, Decimal]] = field(default_factory=list)
    sum_of_rows: Decimal = Decimal(0)
    spread: tuple[date, date] | None = None
    repeated: list[tuple[str, str]] = field(default_factory=list)

    @property
    def unproven(self) -> list[tuple[str, Decimal]]:
        """The totals that differ from the sum of the rows by more than they are rounded."""
        rounding = _CENT * (1 + len(self.totals))
        return [(words, total) for words, total in self.totals if abs(total - self.sum_of_rows) > rounding]


def read_export(
    name: str, header: Header, lines: Sequence[Line], above: Sequence[str], reading: Reading, options: CostOptions
) -> tuple[list[tuple[str, AdCost | RejectedCost]], Notes]:
    """The costs of an export whose columns are known.

    :param above: the lines above its header.
    :raises InputError: if the cells of a column show no one way to read them, or nothing says the rows' days.
    """
    notes = Notes(header.form.says, header.kind)
    body = [line for line in lines if not _is_left_out(line, header, notes)]
    texts = [line.cells for line in body if not isinstance(line.cells, BadRow)]
    columns = columns_of(name, header, texts, options)
    body = _without_sums(body, header, columns, notes)
    texts = [line.cells for line in body if not isinstance(line.cells, BadRow)]
    for words, cells in _totals(lines, header):
        if (amount := columns.number(cells.get("cost", ""))) is not None:
            notes.totals.append((words, amount / columns.divisor))
    fixed = _fixed_day(name, header, texts, above, columns, options)
    notes.spread = fixed if isinstance(fixed, tuple) else None
    rows: list[tuple[str, AdCost | RejectedCost]] = []
    first_of: dict[int, str] = {}
    for line in body:
        found = _read(line, header, columns, fixed, reading, options)
        if isinstance(found, AdCost):
            notes.sum_of_rows += Decimal(found.spend_micros).scaleb(-6)
            if (before := first_of.setdefault(line.raw, line.source)) != line.source:
                notes.repeated.append((line.source, before))
        spread = spread_evenly(found, notes.spread) if isinstance(found, AdCost) else (found,)
        rows += ((line.source, one) for one in spread)
    return rows, notes


def _totals(lines: Sequence[Line], header: Header) -> Iterator[tuple[str, Texts]]:
    return ((line.first.strip(), line.cells) for line in lines
            if not isinstance(line.cells, BadRow) and _is_total(line.cells, line.first, header))  # fmt: skip


def _is_left_out(line: Line, header: Header, notes: Notes) -> bool:
    if isinstance(line.cells, BadRow):
        is_out = _is_footer(line.cells) if header.form.is_written else _is_copyright(line.cells)
    else:
        is_out = _is_total(line.cells, line.first, header)
    notes.left_out += is_out
    return is_out


def _without_sums(body: list[Line], header: Header, columns: Columns, notes: Notes) -> list[Line]:
    """The rows without those that are called a total, or nothing at all, and are the sum of the others."""
    if not header.form.is_written:
        return body
    amounts = [
        (line.cells.get("date", ""), columns.number(line.cells.get("cost", "")) or Decimal(0))
        if not isinstance(line.cells, BadRow) else ("", Decimal(0))
        for line in body
    ]  # fmt: skip
    named = [_names_of(line, header) for line in body]
    candidates = {
        place for place, names in enumerate(named)
        if names is not None and (any(map(is_total, names)) or (not names and any(named)))
    }  # fmt: skip
    sums = adding_up(amounts, candidates)
    notes.left_out += len(sums)
    return [line for place, line in enumerate(body) if place not in sums]


def _names_of(line: Line, header: Header) -> list[str] | None:
    """What a row names, ids and names; ``None``: it is no row."""
    if isinstance(line.cells, BadRow):
        return None
    cells = line.cells
    return [cells[name] for name in _NAMES if name in header.columns and not is_nothing(cells.get(name, ""))]


def _is_footer(row: BadRow) -> bool:
    """Whether a line below a table is a total of fewer cells, or a remark in the first column."""
    cells = [str(cell).strip() for cell in row.cells.values()]
    if not cells or row.field is not None:
        return False
    return is_total(cells[0]) or (len(cells) == 1 and cells[0][:1] in ("", "©", "#"))


def _is_copyright(row: BadRow) -> bool:
    """Whether a line says only whose report it is, as below what the API of Microsoft Advertising gives."""
    cells = [str(cell).strip() for cell in row.cells.values()]
    return len(cells) == 1 and row.field is None and cells[0].startswith("©")


def _is_total(cells: Texts, first: str, header: Header) -> bool:
    """Whether a row adds up the others: it says so in its first cell, or names nothing at all, and has no day."""
    if not header.form.is_written:
        return False
    named = [cells[name] for name in _NAMES if name in header.columns and not is_nothing(cells.get(name, ""))]
    is_said = is_total(first)
    has_day = not is_nothing(cells.get("date", "")) and cells["date"] != first
    if is_said:
        return not has_day and not [name for name in named if name != first]
    is_blank = "first_day" in header.columns or ("date" in header.columns and is_nothing(first))
    return is_blank and not has_day and not named and any(name in header.columns for name in _NAMES)


def _fixed_day(
    name: str, header: Header, rows: Sequence[Texts], above: Sequence[str], columns: Columns, options: CostOptions
) -> date | tuple[date, date] | None:
    """The day of all rows, or the days over which they are spread; ``None``: each row says its own.

    :raises InputError: if nothing says a day, or two things say different ones.
    """
    days = "date" if "date" in header.columns else "first_day" if _is_daily(header, rows, columns) else ""
    if days:
        if options.day or options.spread:
            option = "--date" if options.day else "--spread"
            raise InputError(f"{name} has its days in {header.columns[days][0]}.", f"Leave {option} out.")
        return None
    longer = next((column for column in header.unread if plain(column) in _PERIODS), None)
    if longer is not None:
        raise InputError(f"{name} has its costs by {longer}, not by day.", "Export it by day.")
    said = _said_range(header, rows, above, columns, options)
    given = (options.day, options.day) if options.day is not None else options.spread
    if said and given and said != given:
        raise InputError(
            f"{name} is of {_in_words(said)}, not of {_in_words(given)}.",
            f"Give {_option(said)}, or export the other days.",
        )
    if said and said[0] != said[1] and not given:
        raise InputError(
            f"{name} has no column of days: its rows are totals of {_in_words(said)}.",
            f"Export it by day, or spread the totals evenly with {_option(said)}.",
        )
    if options.spread and options.spread[0] != options.spread[1]:
        return options.spread
    day = options.day or (options.spread or said or (None,))[0]
    if day is None and rows:
        raise InputError(
            f"{name} has no column of days, as {header.form.says}: its columns are {', '.join(header.names)[:200]}.",
            "Export it by day; or give --date DAY, or --spread START..END for totals of several days.",
        )
    return day


def _is_daily(header: Header, rows: Sequence[Texts], columns: Columns) -> bool:
    """Whether every row is of one day, which it says as the first and the last, and not all of the same."""
    if not {"first_day", "last_day"} <= set(header.columns):
        return False
    days = {(row.get("first_day", ""), row.get("last_day", "")) for row in rows}
    return len(days) > 1 and not [first for first, last in days if columns.day(first) != columns.last_day(last)]


def _said_range(
    header: Header, rows: Sequence[Texts], above: Sequence[str], columns: Columns, options: CostOptions
) -> tuple[date, date] | None:
    """The days that the rows, or the lines above the header, say they are totals of."""
    if "first_day" in header.columns:
        starts = {columns.day(row.get("first_day", "")) for row in rows}
        ends = {columns.last_day(row.get("last_day", row.get("first_day", ""))) for row in rows}
        first, last = min(filter(None, starts), default=None), max(filter(None, ends), default=None)
        return (first, last) if first and last and first <= last else None
    order = options.order or columns.order
    return next((found for line in above if (found := range_in(line.partition(",")[0], order)
                                             or range_in(line, order))), None)  # fmt: skip


def _in_words(days: tuple[date, date]) -> str:
    return f"{days[0]}" if days[0] == days[1] else f"{days[0]} to {days[1]}"


def _option(days: tuple[date, date]) -> str:
    return f"--date {days[0]}" if days[0] == days[1] else f"--spread {days[0]}..{days[1]}"


def _read(
    line: Line, header: Header, columns: Columns, fixed: date | tuple[date, date] | None, reading: Reading,
    options: CostOptions,
) -> AdCost | RejectedCost:  # fmt: skip
    """What one row says, in our words."""
    if isinstance(line.cells, BadRow):
        row = line.cells
        said = header.cells(row.cells) if row.cells else {}
        place = place_of(said, reading.platforms, is_whole=row.field is not None) if said else (None, None, None)
        return refused(
            line.source, RowError(row.kind, row.field or "", row.message), dict(row.cells) or row.text, place
        )
    cells = dict(line.cells)
    day = fixed[0] if isinstance(fixed, tuple) else fixed or columns.day(_day_said(cells))
    cells |= {"date": f"{day}" if day else _day_said(cells)}
    cells["platform"] = cells.get("platform") or options.platform
    if is_nothing(cells.get("account_id", "")):
        cells["account_id"] = options.account
    written = dict(cells)
    try:
        cells["currency"] = _currency(cells, options, reading.currency)
        return cost_of(line.source, _translated(cells, header, columns), reading)
    except RowError as fault:
        return refused(line.source, fault, written, place_of(written, reading.platforms))


def _day_said(cells: Texts) -> str:
    return cells.get("date", "") or cells.get("first_day", "")


def _translated(cells: dict[str, str], header: Header, columns: Columns) -> dict[str, str]:
    """A row in the words in which our own columns are written."""
    amount = _number(cells, "cost", columns)
    counts = {name: _number(cells, name, columns) for name in COUNTS}
    if amount is None and any(counts.values()):
        raise RowError("wrong_type", "cost", "cost is empty, but there are impressions or clicks")
    cells["cost"] = format((amount or Decimal(0)) / columns.divisor, "f")
    for name, number in counts.items():
        cells[name] = _whole(cells, name, number)
    for name, divisor in (("platform_value", columns.value_divisor), ("platform_conversions", 1)):
        number = _number(cells, name, columns)
        cells[name] = "" if number is None else format(number / divisor, "f")
    for name in _NAMES:
        cells[name] = "" if is_nothing(cells.get(name, "")) else _id_of(cells[name])
    for name in ("campaign", "adset", "ad"):
        if not cells[f"{name}_id"] and f"{name}_id" not in header.columns and cells[f"{name}_name"].isprintable():
            cells[f"{name}_id"] = cells[f"{name}_name"]
    return cells


def _number(cells: Texts, name: str, columns: Columns) -> Decimal | None:
    text = cells.get(name, "")
    if is_nothing(text):
        return None
    number = columns.number(text)
    if number is None and name not in COUNTS:
        raise RowError(
            "wrong_type", name, f"{name} is a decimal number such as 12{columns.decimal}34, not {text!r:.80}"
        )
    return number


def _whole(cells: Texts, name: str, number: Decimal | None) -> str:
    """A count; of counts the mark between thousands is known by its groups."""
    text = cells.get(name, "")
    if is_nothing(text):
        return ""
    for mark in MARKS:
        other = number_in(text, mark)
        if other is not None and other == other.to_integral_value() and (number is None or number != int(number)):
            number = other
    if number is None or number != number.to_integral_value():
        raise RowError("wrong_type", name, f"{name} is a whole number from 0 on, not {text!r:.80}")
    return format(number.to_integral_value(), "f")


def _id_of(text: str) -> str:
    found = _RESOURCE.fullmatch(text.strip())
    return found[1] if found else text


def _currency(cells: Texts, options: CostOptions, usual: str) -> str:
    """The currency of a row: what its column says, the header, the cell of the cost, or the option.

    :param usual: the currency of rows that say none.
    """
    said = cells.get("currency", "")
    beside = currency_in(cells["cost"]) or cells.get(NAMED_CURRENCY)
    if is_nothing(said):
        said = beside or options.currency
    elif beside and currency_of(said) not in (None, beside):
        raise RowError("unknown_value", "currency", f"currency is {said!r:.40}, but the cost is in {beside}")
    if options.currency and said and currency_of(said) != options.currency:
        raise RowError(
            "unknown_value", "currency", f"the row is in {said!r:.40}, not in {options.currency} as --currency says"
        )
    meant = currencies_meant(cells["cost"])
    if meant and not options.currency and (currency_of(said or usual) or usual) not in meant:
        raise RowError(
            "unknown_value", "currency", f"the cost is {cells['cost']!r:.40}, which is not in {said or usual}:"
            " name its currency with --currency",
        )  # fmt: skip
    return said


def totals_in_words(notes: Notes) -> str:
    """How the totals that were left out compare with the rows; ``""``: there are none."""
    if not notes.left_out:
        return ""
    rows = f"{counted(notes.left_out, 'row')} of totals or remarks left out"
    if not notes.totals:
        return rows
    if not notes.unproven:
        return f"{rows}; the totals agree with the rows, {notes.sum_of_rows:,.2f}"
    differing = ", ".join(f"{words or 'Total'} is {total:,.2f}" for words, total in notes.unproven[:3])
    return f"{rows}; the rows add up to {notes.sum_of_rows:,.2f}, but {differing}"

"""XLSX: one workbook, a sheet for each table."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from touchline.amounts import counted
from touchline.exports.cells import plain_decimal
from touchline.exports.format import Format, Place, Rows, Written
from touchline.exports.whole_files import whole_file

MOST_ROWS = 1_048_576
"""That a sheet has, its header included."""
MOST_LETTERS = 32_767
"""That a cell has."""
_MOST_NAME = 31
_MOST_DIGITS = 15
"""That a number of a spreadsheet keeps; one with more stays text."""
_FIRST_DAY = date(1900, 3, 1)
"""Before it, days of spreadsheets are not those of the calendar."""

Write = Callable[[Any, int, int, Any], None]


class _Workbook:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._money = book.add_format({"num_format": "0.00####"})
        self._title = book.add_format({"bold": True})
        self._cut = 0

    def write(self, name: str, rows: Rows) -> Written:
        """A sheet; rows that one cannot hold go to further ones."""
        self._cut, count, sheets = 0, 0, 0
        sheet, line = None, MOST_ROWS
        for batch in rows:
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if line == MOST_ROWS:
                    sheets, line = sheets + 1, 1
                    sheet = self._sheet(name, sheets, rows.schema.names)
                for place, value in enumerate(values):
                    self._write_cell(sheet, line, place, value)
                line += 1
            count += batch.num_rows
        if sheet is None:
            self._sheet(name, 1, rows.schema.names)
        notes = [f"{counted(self._cut, 'cell')} cut after {MOST_LETTERS:,} characters"] if self._cut else []
        notes += [f"on {sheets} sheets: one holds {MOST_ROWS:,} rows"] if sheets > 1 else []
        return Written(name, count, tuple(notes))

    def _sheet(self, name: str, number: int, columns: list[str]) -> Any:
        ending = "" if number == 1 else f" {number}"
        sheet = self._book.add_worksheet(name[: _MOST_NAME - len(ending)] + ending)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, self._title)
        return sheet

    def _write_cell(self, sheet: Any, line: int, place: int, value: object) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(line, place, value)
        elif isinstance(value, str):
            self._cut += len(value) > MOST_LETTERS
            sheet.write_string(line, place, value[:MOST_LETTERS])
        elif isinstance(value, date) and _is_day(value):
            shown = self._time if isinstance(value, datetime) else self._day
            sheet.write_datetime(line, place, value, shown)
        elif isinstance(value, Decimal) and _is_number(value):
            sheet.write_number(line, place, value, self._money if value.as_tuple().exponent else None)
        elif isinstance(value, int | float) and _is_number(value):
            sheet.write_number(line, place, value)
        else:
            sheet.write_string(line, place, plain_decimal(value) if isinstance(value, Decimal) else str(value))


def _is_day(value: date) -> bool:
    return (value.date() if isinstance(value, datetime) else value) >= _FIRST_DAY


def _is_number(value: float | Decimal) -> bool:
    """Whether a spreadsheet keeps all its digits."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Decimal):
        return len(value.normalize().as_tuple().digits) <= _MOST_DIGITS and abs(value) < 10**_MOST_DIGITS
    return abs(value) < 10**_MOST_DIGITS


@contextmanager
def _opened(place: Place) -> Iterator[_Workbook]:
    with whole_file(place.file_of("")) as part:
        # Rows go to a file as they come. No text becomes a formula, a link or a number.
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "tmpdir": str(part.parent),
        }  # fmt: skip
        with xlsxwriter.Workbook(str(part), options) as book:
            yield _Workbook(book)


FORMAT = Format("xlsx", "one workbook, a sheet for each table", (".xlsx",), (), True, _opened)

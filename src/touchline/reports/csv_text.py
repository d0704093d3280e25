"""A report's table as CSV that a spreadsheet shows and never obeys."""

import csv
import io
from collections.abc import Iterable, Sequence

from touchline.amounts import plain_units
from touchline.exports.cells import plain_text
from touchline.reports.report import ReportTable, Scalar, is_money


def csv_text(table: ReportTable) -> str:
    r"""RFC 4180 in UTF-8: a header, then the rows; what is not known is empty, and money is exact, in currency units.

    Text that a spreadsheet would take for a formula begins with an apostrophe.

    >>> table = ReportTable(("name", "spend_micros"), (str, int), [("=1+1", 12_340_000), ("b", None)])
    >>> print(csv_text(table).replace("\r", ""))
    name,spend
    '=1+1,12.34
    b,
    <BLANKLINE>
    """
    rows = ([_cell(name, value) for name, value in zip(table.columns, row, strict=True)] for row in table.rows)
    return _written(table.titles, rows)


def csv_of_query(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""As :func:`csv_text`, of columns of any kind, which keep their names and their values.

    >>> from datetime import date
    >>> csv_of_query(["value_micros", "day"], [(12, date(2026, 1, 31))])
    'value_micros,day\r\n12,2026-01-31\r\n'
    """
    return _written(list(map(plain_text, columns)), (list(map(plain_text, row)) for row in rows))


def _written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _cell(name: str, value: Scalar) -> str:
    return plain_units(value) if is_money(name) and isinstance(value, int) else plain_text(value)

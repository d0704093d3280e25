"""A report's table as CSV that a spreadsheet shows and never obeys."""

import csv
import io

from touchline.amounts import plain_units
from touchline.reports.report import ReportTable, Scalar, is_money

_OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula, the full-width forms of the signs included; see OWASP, "CSV Injection"."""


def csv_text(table: ReportTable) -> str:
    r"""RFC 4180 in UTF-8: a header, then the rows; what is not known is empty, and money is exact, in currency units.

    Text that a spreadsheet would take for a formula begins with an apostrophe.

    >>> print(csv_text(ReportTable(("name", "spend_micros"), [("=1+1", 12_340_000), ("b", None)])).replace("\r", ""))
    name,spend
    '=1+1,12.34
    b,
    <BLANKLINE>
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.titles)
    for row in table.rows:
        writer.writerow([_cell(name, value) for name, value in zip(table.columns, row, strict=True)])
    return text.getvalue()


def _cell(name: str, value: Scalar) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_OBEYED) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_money(name) and isinstance(value, int):
        return plain_units(value)
    return str(value)

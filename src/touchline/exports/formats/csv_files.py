"""CSV: RFC 4180 in UTF-8, a file for each table."""

import csv
from decimal import Decimal
from pathlib import Path

from touchline.exports.cells import plain_decimal, plain_text, spreadsheet_text
from touchline.exports.format import Format, Rows
from touchline.exports.whole_files import file_each


def _write(file: Path, rows: Rows) -> int:
    """A header, then the rows; what is not known is empty."""
    count = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(map(spreadsheet_text, rows.schema.names))
        for batch in rows:
            writer.writerows(zip(*(map(cell, column.to_pylist()) for column in batch.columns), strict=True))
            count += batch.num_rows
    return count


def cell(value: object) -> str:
    """A value as text that no spreadsheet obeys, decimals with their places.

    >>> cell("=1+1"), cell(Decimal("12.340000"))
    ("'=1+1", '12.34')
    """
    return plain_decimal(value) if isinstance(value, Decimal) else plain_text(value)


FORMAT = Format("csv", "CSV in UTF-8, formulas as text", (".csv",), (), False, file_each(_write))

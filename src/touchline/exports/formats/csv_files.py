"""CSV: RFC 4180 in UTF-8, a file for each table."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal

from touchline.exports.cells import plain_decimal, spreadsheet_text
from touchline.exports.format import Format, Place, Rows, Written
from touchline.exports.whole_files import whole_file


class _Files:
    def __init__(self, place: Place, until: ExitStack) -> None:
        self._place, self._until = place, until

    def write(self, name: str, rows: Rows) -> Written:
        """One file: a header, then the rows; what is not known is empty."""
        part = self._until.enter_context(whole_file(self._place.file_of(name)))
        count = 0
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(map(spreadsheet_text, rows.schema.names))
            for batch in rows:
                writer.writerows(zip(*(map(cell, column.to_pylist()) for column in batch.columns), strict=True))
                count += batch.num_rows
        return Written(name, count)


def cell(value: object) -> str:
    """A value as text that no spreadsheet obeys.

    >>> cell("=1+1"), cell(None), cell(True), cell(Decimal("12.340000")), cell(-1)
    ("'=1+1", '', 'true', '12.34', '-1')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return spreadsheet_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain_decimal(value) if isinstance(value, Decimal) else str(value)


@contextmanager
def _opened(place: Place) -> Iterator[_Files]:
    with ExitStack() as until:
        yield _Files(place, until)


FORMAT = Format("csv", "CSV in UTF-8, formulas as text", (".csv",), (), False, _opened)

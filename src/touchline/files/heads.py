"""What stands above a table: programs for people write titles and dates there, and choose the encoding and commas."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from touchline.amounts import counted
from touchline.characters import encoding_of, is_wide
from touchline.errors import InputError
from touchline.files.csv_rows import csv_rows
from touchline.files.rows import Rows
from touchline.files.streams import text_of

MOST_BYTES = 256 << 20
"""That a file may have once it is unpacked: it is read into memory, since its columns are judged as a whole."""
MOST_COLUMNS = 2_000
_HEAD_LINES = 60
_HEAD_BYTES = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")


class Head(NamedTuple):
    """Where a table begins in a file of text.

    :param above: the lines above the header.
    :param names: the header's cells.
    """

    above: tuple[str, ...]
    names: tuple[str, ...]
    delimiter: str


def unpacked(content: bytes, path: Path) -> bytes:
    """The bytes of a file of text in UTF-8, whether it was gzipped or in UTF-16.

    :raises InputError: if it is binary, too large, or a broken archive.
    """
    with text_of(io.BytesIO(content), path, may_be_wide=True) as stream:
        text = stream.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise InputError(
            f"{path.name} has more than {MOST_BYTES >> 20} MB of text.", "Export fewer days or columns at a time."
        )
    if not is_wide(text[:_HEAD_BYTES]):
        return text.removeprefix(codecs.BOM_UTF8)
    kind = encoding_of(text)
    marked = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if marked else "utf-16-le" if text[1:2] == b"\0" else "utf-16-be"
    try:
        if kind == "UTF-32":
            raise UnicodeError
        return text.decode(encoding).encode()
    except UnicodeError as error:
        raise InputError(f"{path.name} is {kind} text, UTF-8 was expected.", "Save it again as UTF-8.") from error


def head_of(text: bytes, is_header: Callable[[tuple[str, ...]], bool], delimiter: str | None = None) -> Head:
    r"""Where the table begins: the first line that ``is_header``, whichever mark parts its cells.

    Where no line is one, the first line counts, or, if that is a title, the first of the widest lines.

    >>> head_of(b"Report\n\nDay;Cost\n2026-03-02;1\n", lambda cells: "Cost" in cells)
    Head(above=('Report', ''), names=('Day', 'Cost'), delimiter=';')
    """
    lines = re.split("\r\n|\n|\r", text[:_HEAD_BYTES].decode(errors="replace"))[:_HEAD_LINES]
    marks = (delimiter,) if delimiter else _DELIMITERS
    read = [
        (number, mark, _cells(line, mark))
        for number, line in enumerate(lines)
        for mark in marks
        if mark in line or mark == marks[0]
    ]
    found = next((one for one in read if is_header(one[2])), None)
    if found is None:
        first = next((one for one in read if one[1] == (delimiter or ",")), (0, delimiter or ",", ()))
        is_title = len(first[2]) < 2
        found = max(read, key=lambda one: (len(one[2]), -one[0]), default=first) if is_title else first
    number, mark, names = found
    return Head(tuple(lines[:number]), names, mark)


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()


def table_below(
    text: bytes, head: Head, name: str, may_break: Callable[[str], bool] = lambda _column: True
) -> tuple[list[str], Rows]:
    """The header and the rows of a file of text in UTF-8 whose head is known.

    :raises InputError: if it has no header, or more than :data:`MOST_COLUMNS` columns.
    """
    start = 0
    for _ in head.above:
        start = _next_line(text, start)
    stream: Any = io.BufferedReader(io.BytesIO(text[start:]))
    names, rows = csv_rows(stream, name, head.delimiter, may_break, lines_above=len(head.above))
    check_width(name, names)
    return names, rows


def check_width(name: str, names: Sequence[str]) -> None:
    """Refuse a table that is too wide to be judged.

    :raises InputError: if it has more than :data:`MOST_COLUMNS` columns.
    """
    if len(names) > MOST_COLUMNS:
        raise InputError(
            f"{name} has {counted(len(names), 'column')}; at most {MOST_COLUMNS:,} are read.",
            "Export the columns of costs only.",
        )


def _next_line(text: bytes, start: int) -> int:
    ends = [at for mark in (b"\n", b"\r") if (at := text.find(mark, start)) >= 0]
    end = min(ends, default=len(text))
    return end + (2 if text[end : end + 2] == b"\r\n" else 1)

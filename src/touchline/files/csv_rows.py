"""CSV as columns and rows."""

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal

from touchline.amounts import counted
from touchline.characters import encoding_of
from touchline.errors import InputError
from touchline.files.rows import BadRow, Rows

_MOST_LINES = 200
"""Lines that one record may have: those that a stray quote has swallowed are read again."""
_MOST_LETTERS = 4 << 20
"""Characters that one line may have, and that the lines of one record may have together."""
_SHOWN = 1 << 16
"""Characters that are kept of a refused line."""
_UNCLOSED = "A quote opens here and is not closed"
_TOO_LONG = "Expected at most"


class _Lines:
    """Lines for ``csv.reader``, which can be put back when a record turns out to have swallowed its neighbours."""

    def __init__(self, lines: Iterator[str], number: int = 0) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.number = number
        """Of the line that was taken last."""
        self.taken: list[str] = []
        """The lines of the record that is being read."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) == _MOST_LINES:
            raise csv.Error(f"{_UNCLOSED} within {_MOST_LINES} lines")
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self.number += 1
        self.taken.append(line)
        if len(line) > _MOST_LETTERS and len(self.taken) == 1:
            raise csv.Error(f"{_TOO_LONG} {_MOST_LETTERS:,} characters on a line")
        if len(self.taken) > 1 and sum(map(len, self.taken)) > _MOST_LETTERS:
            raise csv.Error(f"{_UNCLOSED} within {_MOST_LETTERS:,} characters")
        return line

    def keep_first(self) -> str:
        """Puts back all lines of the record but its first, and returns that."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        return self.taken[0]


def csv_rows(
    stream: io.BufferedReader,
    name: str,
    delimiter: str,
    may_break: Callable[[str], bool] = lambda _column: True,
    lines_above: int = 0,
) -> tuple[list[str], Rows]:
    """The header and the rows of a CSV file in UTF-8.

    :param may_break: whether the cells of a column may have line breaks; asked once the rows are read.
    :param lines_above: lines of the file before those of the stream.
    :raises InputError: if it has no header.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    lines = _Lines(_bounded(text), lines_above)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise InputError(
            f"{name}:{lines_above + 1} is not a CSV header: {_fault(error)}.",
            "Expected a first line that names the columns.",
        ) from error
    if not any(header):
        raise InputError(f"{name} has no header.", "Expected a first line that names the columns.")
    if "\0" in "".join(header):
        raise InputError(f"{name} is not text: its header contains NUL.", "Export it again as CSV in UTF-8.")
    if not _is_utf8("".join(header)):
        encoding = encoding_of("".join(header).encode(errors="surrogateescape"))
        raise InputError(f"{name} is {encoding}, not UTF-8: {str(header)[:80]}.", "Save it again as UTF-8.")
    return header, _records(reader, lines, header, name, may_break)


def _records(
    reader: "Iterator[list[str]]", lines: _Lines, header: list[str], name: str, may_break: Callable[[str], bool]
) -> Rows:
    while True:
        lines.taken = []
        source = f"{name}:{lines.number + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            kind: Literal["malformed", "too_long"] = "too_long" if str(error).startswith(_TOO_LONG) else "malformed"
            yield source, BadRow(kind, f"{_fault(error)}.", _shown(lines.keep_first()))
            continue
        if not cells:
            continue
        named = list(zip(header, cells, strict=False))  # a name may stand twice in the header
        if len(cells) != len(header):
            # A stray quote swallows the lines after it: only the first is refused, the others are read again.
            message = f"Expected {counted(len(header), 'cell')} as in the header, but there are {len(cells)}."
            yield source, BadRow("malformed", message, _shown(lines.keep_first()), None, dict(named))
        elif len(lines.taken) > 1 and (broken := _broken(named, may_break)):
            # Two stray quotes, lines apart, make one cell of all between them.
            message = f"Expected no line break in {broken}, so a quote is not closed."
            yield source, BadRow("malformed", message, _shown(lines.keep_first()))
        elif not _is_text("".join(cells)):
            field, cell = next((field, cell) for field, cell in named if not _is_text(cell))
            message = _no_text(field, cell, "".join(lines.taken))
            yield source, BadRow("malformed", message, _shown("".join(lines.taken)), field, dict(named))
        else:
            yield source, dict(named)


def _broken(named: list[tuple[str, str]], may_break: Callable[[str], bool]) -> str | None:
    """The first column whose cell has a line break that it may not have."""
    broken = (field for field, cell in named if "\n" in cell or "\r" in cell)
    return next((field for field in broken if not may_break(field)), None)


def _is_text(text: str) -> bool:
    return "\0" not in text and _is_utf8(text)


def _no_text(field: str, cell: str, record: str) -> str:
    """What is wrong with the text of a cell in a record."""
    if "\0" in cell:
        return f"Expected text, but {field} has a NUL character."
    encoding = encoding_of(record.encode(errors="surrogateescape"))
    return f"Expected UTF-8 text, but {field} has bytes of another encoding, perhaps {encoding}."


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines; of one that is too long, a character more than it may have, and the rest of it is skipped."""
    while line := text.readline(_MOST_LETTERS + 1):
        rest = line
        while len(rest) > _MOST_LETTERS and not rest.endswith(("\n", "\r")):
            rest = text.readline(_MOST_LETTERS + 1)
        yield line


def _fault(error: csv.Error) -> str:
    text = str(error)
    if text.startswith((_UNCLOSED, _TOO_LONG)):
        return text
    return f"{_UNCLOSED} before the file ends" if "unexpected end" in text else f"Not a CSV row: {text}"


def _is_utf8(text: str) -> bool:
    """Whether the text had no bytes that ``surrogateescape`` had to carry."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(text: str) -> str:
    return text[:_SHOWN].encode(errors="surrogateescape").decode(errors="replace").rstrip("\r\n")

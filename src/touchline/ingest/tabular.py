"""CSV and Parquet as columns and rows."""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from touchline.characters import encoding_of
from touchline.errors import InputError
from touchline.ingest.event import Reason
from touchline.ingest.rejection import Rejection, shortened
from touchline.progress import Advance

Rows = Iterator[tuple[str, dict[str, object] | Rejection]]

_BATCH_ROWS = 5_000
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

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.number = 0
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


def csv_rows(stream: io.BufferedReader, name: str, delimiter: str) -> tuple[list[str], Rows]:
    """The header and the rows of a CSV file in UTF-8; raises :class:`InputError` if it has no header."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    lines = _Lines(_bounded(text))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise InputError(
            f"{name}:1 is no header of CSV: {_fault(error)}.", "Expected a first line that names the columns."
        ) from error
    if not any(header):
        raise InputError(f"{name} has no header.", "Expected a first line that names the columns.")
    if "\0" in "".join(header):
        raise InputError(f"{name} is no text: there is NUL in its header.", "Export it again as CSV in UTF-8.")
    if not _is_utf8("".join(header)):
        encoding = encoding_of("".join(header).encode(errors="surrogateescape"))
        raise InputError(f"{name} is {encoding}, not UTF-8: {shortened(header)}.", "Save it again as UTF-8.")
    return header, _records(reader, lines, header, name)


def _records(reader: "Iterator[list[str]]", lines: _Lines, header: list[str], name: str) -> Rows:
    while True:
        lines.taken = []
        source = f"{name}:{lines.number + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = Reason.TOO_LONG if str(error).startswith(_TOO_LONG) else Reason.MALFORMED
            yield source, Rejection(reason, None, f"{_fault(error)}.", _shown(lines.keep_first()))
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            # A stray quote swallows the lines after it: only the first is refused, the others are read again.
            message = f"Expected {len(header)} cells as in the header, but there are {len(cells)}."
            yield source, Rejection(Reason.MALFORMED, None, message, _shown(lines.keep_first()))
        elif fault := _no_text("".join(cells), lines.taken):
            yield source, Rejection(Reason.MALFORMED, None, fault, _shown("".join(lines.taken)))
        else:
            yield source, dict(zip(header, cells, strict=True))


def _no_text(text: str, lines: Iterable[str]) -> str | None:
    """What is wrong with the text of a record's cells, which stands on these lines."""
    if "\0" in text:
        return "Expected text, but there is a NUL character."
    if _is_utf8(text):
        return None
    encoding = encoding_of("".join(lines).encode(errors="surrogateescape"))
    return f"Expected UTF-8 text, but there are bytes of another encoding, perhaps {encoding}."


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
    return f"{_UNCLOSED} before the file ends" if "unexpected end" in text else f"Not a row of CSV: {text}"


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


def parquet_rows(path: Path, wanted: Collection[str] | None, advance: Advance) -> tuple[list[str], Rows]:
    """The columns and the rows of a Parquet file; only ``wanted`` columns are read.

    Raises :class:`InputError` if the file is cut off or is no Parquet, at once where its footer shows it.
    """
    try:
        file = pq.ParquetFile(path)
        columns = list(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise _not_parquet(path, error) from error
    read = columns if wanted is None else [name for name in columns if name in wanted]
    return columns, _batches(file, path, read, advance)


def _batches(file: pq.ParquetFile, path: Path, columns: list[str], advance: Advance) -> Rows:
    size, total, done, told = path.stat().st_size, file.metadata.num_rows, 0, 0
    try:
        with file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
                for number, row in enumerate(_rows_of(_in_microseconds(batch)), done + 1):
                    yield f"{path.name}:{number}", row
                done += batch.num_rows
                share = size * done // total
                advance(share - told)
                told = share
    except (pa.ArrowException, OSError) as error:
        raise _not_parquet(path, error) from error


def _rows_of(batch: pa.RecordBatch) -> Iterator[dict[str, object] | Rejection]:
    """Its rows; one with a value that Python cannot hold, such as a time in the year 10000, is refused."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        if batch.num_rows > 1:
            half = batch.num_rows // 2
            yield from _rows_of(batch.slice(0, half))
            yield from _rows_of(batch.slice(half))
            return
        message = "Expected text in UTF-8 and times from the year 1 to 9999, but a cell of the row has something else."
        yield Rejection(Reason.MALFORMED, None, message)


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Python's datetimes know nothing finer, and converting nanoseconds to them would fail."""
    for index, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            cast = batch.column(index).cast(pa.timestamp("us", column.type.tz), safe=False)
            batch = batch.set_column(index, column.name, cast)
    return batch


def _not_parquet(path: Path, error: Exception) -> InputError:
    return InputError(f"{path.name} is not a whole Parquet file: {error}.", "Fetch or make it again.")

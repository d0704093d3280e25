"""Files, row by row: JSON lines of the wire, CSV, JSON lines or Parquet of any shape, and access logs.

All but Parquet may be gzipped. Each row comes with its source, ``<file name>:<line or row number>``. A file that is
not what it claims to be is an :class:`InputError`, raised before the first row wherever that can be seen; one bad row
is a :class:`Rejection` in its place, and the rows after it go on. ``advance`` is called with the number of bytes of
the file that were used up.
"""

import codecs
import gzip
import io
import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from touchline.characters import binary_kind, encoding_of, is_wide
from touchline.errors import InputError
from touchline.ingest.accept import Payload
from touchline.ingest.access_logs import AccessLog
from touchline.ingest.event import Reason
from touchline.ingest.mapped import Row, RowMapper
from touchline.ingest.mapping import FileMapping, wire_mapping
from touchline.ingest.rejection import Rejection
from touchline.ingest.tabular import csv_rows, parquet_rows
from touchline.progress import Advance, ignore_advance

MAX_LINE = 4 << 20
"""Bytes that one line may have."""

Format = Literal["jsonl", "csv", "parquet"]

_FORMATS: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
_BUFFER = 1 << 16
_PROBED_LINES = 20
_PROBED_OBJECTS = 1_000


def read(
    path: Path, mapping: FileMapping | None = None, advance: Advance = ignore_advance
) -> Iterator[tuple[str, Payload]]:
    """The payloads of a file, each with its source, for :func:`touchline.ingest.accept`.

    Without a mapping, JSON lines are read as the wire itself (one event or one envelope a line), and the columns of CSV
    and Parquet must have the names of the wire. Raises :class:`InputError` or :class:`MappingError`, both before the
    first row if the file or the mapping is wrong as a whole.
    """
    form = format_of(path)
    estimate_bytes(path)
    is_wire = form == "jsonl" and mapping is None
    rows = _wire_lines(path, advance) if is_wire else _mapped_rows(path, form, mapping, advance)
    first = list(itertools.islice(rows, 1))  # opens the file, so that what is wrong with it is said here
    return itertools.chain(first, rows)


def read_rows(
    path: Path, check: Callable[[list[str]], None], advance: Advance = ignore_advance
) -> Iterator[tuple[str, Row | Rejection]]:
    """The rows of a file as they stand, each with its source; ``check`` is shown the columns before the first row."""
    with _table(path, format_of(path), None, advance) as (columns, rows):
        check(columns)
        yield from rows


def read_log(path: Path, log: AccessLog, advance: Advance = ignore_advance) -> Iterator[tuple[str, Payload]]:
    """The page views of an access log in the combined format, each with its line; of any name, gzipped if it says so.

    :raises InputError: if there is no such file, it is binary, or none of its first lines is one of such a log.
    """
    estimate_bytes(path)
    rows = _log_lines(path, log, advance)
    first = list(itertools.islice(rows, _PROBED_LINES))
    if first and all(isinstance(row, Rejection) and row.reason is Reason.MALFORMED for _, row in first):
        raise InputError(
            f"{path.name} is no access log: none of its first {len(first)} lines is in the combined format.",
            'Expected lines such as: 192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 512 "-" "Mozilla"',
        )
    return itertools.chain(first, rows)


def _log_lines(path: Path, log: AccessLog, advance: Advance) -> Iterator[tuple[str, Payload]]:
    with _stream(path, advance) as stream:
        yield from log.payloads(_lines(stream, path.name))


def format_of(path: Path) -> Format:
    """The format that a file's name claims; raises :class:`InputError` if it claims none that can be read.

    >>> format_of(Path("events.csv.gz"))
    'csv'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    is_gzip = suffixes[-1:] == [".gz"]
    form = _FORMATS.get("".join(suffixes[:-1][-1:] if is_gzip else suffixes[-1:]))
    if form is None or (is_gzip and form == "parquet"):
        hint = f"Expected a name that ends in {', '.join(_FORMATS)}; all but .parquet may be followed by .gz."
        raise InputError(f"{path.name}: the name does not say what the file is.", hint)
    return form


def estimate_bytes(path: Path) -> int:
    """How many bytes ``advance`` will be told of in all; raises :class:`InputError` if there is no such file."""
    try:
        with path.open("rb") as file:
            return file.seek(0, io.SEEK_END)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error


class _Counted(io.RawIOBase):
    """A file that tells ``advance`` what was read of it."""

    def __init__(self, file: BinaryIO, advance: Advance) -> None:
        super().__init__()
        self._file = file
        self._advance = advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        count = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self._advance(count)
        return int(count)


@contextmanager
def _stream(path: Path, advance: Advance) -> Iterator[io.BufferedReader]:
    """The content of a text file, unzipped; raises :class:`InputError` if it is binary or a broken archive."""
    try:
        with path.open("rb", buffering=0) as file:
            content: Any = _Counted(file, advance)
            if path.suffix.lower() == ".gz":
                content = gzip.GzipFile(fileobj=io.BufferedReader(content, _BUFFER))
            stream = io.BufferedReader(content, _BUFFER)
            _refuse_binary(stream, path.name)
            yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} is not a whole gzip file: {error}.", "Fetch or make it again.") from error


def _refuse_binary(stream: io.BufferedReader, name: str) -> None:
    probe = stream.peek(_BUFFER)
    if is_wide(probe):
        raise InputError(f"{name} is {encoding_of(probe)} text, UTF-8 was expected.", "Save it again as UTF-8.")
    if kind := binary_kind(probe):
        raise InputError(
            f"{name} is {kind} under this name, text was expected.", "Unpack it, export it as text, or rename it."
        )


def _wire_lines(path: Path, advance: Advance) -> Iterator[tuple[str, Payload]]:
    with _stream(path, advance) as stream:
        yield from _json_lines(stream, path.name)


def _json_lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[str, bytes | Rejection]]:
    """The lines that are not blank; raises :class:`InputError` if not one of the first is a JSON object."""
    lines = _lines(stream, name)
    probed = list(itertools.islice(lines, _PROBED_LINES))
    if probed and not any(isinstance(_object(line), dict) for _, line in probed):
        raise InputError(
            f"{name} is not JSON lines: none of its first {len(probed)} lines is a JSON object.",
            "Expected one JSON object on each line.",
        )
    yield from probed
    yield from lines


def _lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[str, bytes | Rejection]]:
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        source = f"{name}:{number}"
        if len(line) > MAX_LINE:
            _skip_line(stream, line)
            message = f"Expected at most {MAX_LINE:,} bytes on a line."
            yield source, Rejection(Reason.TOO_LONG, None, message, line[:_BUFFER].decode(errors="replace"))
            continue
        line = line.removeprefix(codecs.BOM_UTF8).strip() if number == 1 else line.strip()
        if line:
            yield source, line


def _skip_line(stream: io.BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE)


def _object(line: bytes | Rejection) -> dict[str, object] | Rejection:
    if isinstance(line, Rejection):
        return line
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejection(Reason.MALFORMED, None, f"Expected a JSON object: {error}.", line.decode(errors="replace"))
    if isinstance(found, dict):
        return found
    came = type(found).__name__
    return Rejection(Reason.MALFORMED, None, f"Expected a JSON object, not {came}.", line.decode(errors="replace"))


def _mapped_rows(
    path: Path, form: Format, mapping: FileMapping | None, advance: Advance
) -> Iterator[tuple[str, Payload]]:
    with _table(path, form, mapping, advance) as (columns, rows):
        fitting = mapping or wire_mapping(columns, path.name)
        fitting.check_columns(columns, path.name)
        mapper = RowMapper(fitting)
        for source, row in rows:
            yield source, row if isinstance(row, Rejection) else mapper.payload(row)


@contextmanager
def _table(
    path: Path, form: Format, mapping: FileMapping | None, advance: Advance
) -> Iterator[tuple[list[str], Iterable[tuple[str, Row | Rejection]]]]:
    """The columns of a file and its rows."""
    if form == "parquet":
        yield parquet_rows(path, mapping.column_names if mapping else None, advance)
        return
    with _stream(path, advance) as stream:
        if form == "csv":
            given = mapping.delimiter if mapping else None
            yield csv_rows(stream, path.name, given or ("\t" if ".tsv" in path.suffixes else ","))
        else:
            yield _objects(stream, path.name)


def _objects(
    stream: io.BufferedReader, name: str
) -> tuple[list[str], Iterator[tuple[str, dict[str, object] | Rejection]]]:
    """JSON objects of any shape; their columns are the keys of the first thousand."""
    rows = ((source, _object(line)) for source, line in _json_lines(stream, name))
    probed = list(itertools.islice(rows, _PROBED_OBJECTS))
    columns = dict.fromkeys(key for _, row in probed if isinstance(row, dict) for key in row)
    return list(columns), itertools.chain(probed, rows)

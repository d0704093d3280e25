"""Files of events, row by row: JSON lines of the wire, CSV, JSON lines or Parquet of any shape, and access logs.

Each row comes with its source, ``<file name>:<line or row number>``. A file that is not what it claims to be is an
:class:`InputError`, raised before the first row wherever that can be seen; one bad row is a :class:`Rejection` in its
place, and the rows after it go on. ``advance`` is called with the number of bytes of the file that were used up.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.files import (
    BadRow,
    Cells,
    Format,
    Lines,
    estimate_bytes,
    format_of,
    json_line_chunks,
    json_lines,
    numbered_lines,
    open_table,
    text_stream,
)
from touchline.ingest.accept import Payload
from touchline.ingest.access_logs import AccessLog
from touchline.ingest.event import Reason
from touchline.ingest.mapped import RowMapper
from touchline.ingest.mapping import MAPPABLE, FileMapping, wire_mapping
from touchline.ingest.rejection import Rejection
from touchline.ingest.unread import FieldNames
from touchline.progress import Advance, ignore_advance

_PROBED_LINES = 20


def read(
    path: Path, mapping: FileMapping | None = None, advance: Advance = ignore_advance,
    unread: Counter[str] | None = None,
) -> Iterator[tuple[str, Payload]]:  # fmt: skip
    """The payloads of a file, each with its source, for :func:`touchline.ingest.accept`.

    Without a mapping, JSON lines are read as the wire itself (one event or one envelope a line), and the columns of CSV
    and Parquet must have the names of the wire; ``unread`` counts the rows of the other columns.

    :raises InputError: before the first row, if the file is wrong as a whole.
    :raises MappingError: before the first row, if the mapping is.
    """
    form = format_of(path)
    estimate_bytes(path)
    is_wire = form == "jsonl" and mapping is None
    if is_wire:
        rows = _wire_lines(path, advance)
    else:
        rows = _mapped_rows(path, form, mapping, advance, Counter() if unread is None else unread)
    first = list(itertools.islice(rows, 1))  # opens the file, so that what is wrong with it is said here
    return itertools.chain(first, rows)


Chunk = Sequence[tuple[str, Payload] | Lines]
"""Payloads of a file, each with its source, or lines with one payload each."""


def read_chunks(
    path: Path, rows: int, mapping: FileMapping | None = None, advance: Advance = ignore_advance,
    unread: Counter[str] | None = None,
) -> Iterator[Chunk]:  # fmt: skip
    """As :func:`read`, ``rows`` at a time; lines of the wire are not told apart, which :func:`told_apart` does.

    :raises InputError: before the first row, if the file is wrong as a whole.
    :raises MappingError: before the first row, if the mapping is.
    """
    if format_of(path) != "jsonl" or mapping is not None:
        yield from in_chunks(read(path, mapping, advance, unread), rows)
        return
    estimate_bytes(path)
    with text_stream(path, advance) as stream:
        for chunk in json_line_chunks(stream, path.name, rows):
            yield [part if isinstance(part, Lines) else (part[0], _rejection(part[1])) for part in chunk]


def in_chunks(payloads: Iterable[tuple[str, Payload]], rows: int) -> Iterator[Chunk]:
    """Payloads in chunks of ``rows``."""
    waiting = iter(payloads)
    while chunk := list(itertools.islice(waiting, rows)):
        yield chunk


def told_apart(chunk: Chunk) -> Iterator[tuple[str, Payload]]:
    """The payloads of a chunk, each with its source."""
    for part in chunk:
        if isinstance(part, Lines):
            yield from part.numbered()
        else:
            yield part


def read_rows(
    path: Path, check: Callable[[list[str]], None], advance: Advance = ignore_advance
) -> Iterator[tuple[str, Cells | Rejection]]:
    """The rows of a file, each with its source; ``check`` is called with the columns before the first row."""
    with open_table(path, format_of(path), advance=advance) as (columns, rows):
        check(columns)
        for source, row in rows:
            yield source, _rejection(row) if isinstance(row, BadRow) else row


def read_log(path: Path, log: AccessLog, advance: Advance = ignore_advance) -> Iterator[tuple[str, Payload]]:
    """The page views of an access log in the combined format, each with its line; gzipped if the name ends in ``.gz``.

    :raises InputError: if there is no such file, it is binary, or none of its first lines matches the format.
    """
    estimate_bytes(path)
    rows = _log_lines(path, log, advance)
    first = list(itertools.islice(rows, _PROBED_LINES))
    if first and all(isinstance(row, Rejection) and row.reason is Reason.MALFORMED for _, row in first):
        raise InputError(
            f"{path.name} is no access log: its first {counted(len(first), 'line is', 'lines are')} not in the combined"
            " format.",
            'Expected lines such as: 192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 512 "-" "Mozilla"',
        )
    return itertools.chain(first, rows)


def _log_lines(path: Path, log: AccessLog, advance: Advance) -> Iterator[tuple[str, Payload]]:
    with text_stream(path, advance) as stream:
        yield from log.payloads(_payloads(numbered_lines(stream, path.name)))


def _wire_lines(path: Path, advance: Advance) -> Iterator[tuple[str, Payload]]:
    with text_stream(path, advance) as stream:
        yield from _payloads(json_lines(stream, path.name))


def _payloads(lines: Iterator[tuple[str, bytes | BadRow]]) -> Iterator[tuple[str, bytes | Rejection]]:
    return ((source, _rejection(line) if isinstance(line, BadRow) else line) for source, line in lines)


def _mapped_rows(
    path: Path, form: Format, mapping: FileMapping | None, advance: Advance, unread: Counter[str]
) -> Iterator[tuple[str, Payload]]:
    wanted, delimiter = (mapping.column_names, mapping.delimiter) if mapping else (MAPPABLE, None)
    with open_table(path, form, wanted=wanted, delimiter=delimiter, advance=advance) as (columns, rows):
        fitting = mapping or wire_mapping(columns, path.name)
        fitting.check_columns(columns, path.name)
        mapper = RowMapper(fitting)
        strange = () if mapping else (column for column in columns if column not in MAPPABLE)
        other_names = [*FieldNames().settled(dict.fromkeys(strange, 1))]
        for source, row in rows:
            unread.update(other_names)
            yield source, _rejection(row) if isinstance(row, BadRow) else mapper.payload(row)


def _rejection(row: BadRow) -> Rejection:
    return Rejection(Reason(row.kind), row.field, row.message, row.text)

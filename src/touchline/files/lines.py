"""Lines of text, and JSON objects on lines."""

import codecs
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.files.rows import BadRow, Rows
from touchline.files.streams import BUFFER

MAX_LINE = 4 << 20
"""Bytes that one line may have."""

_PROBED_LINES = 20
_PROBED_OBJECTS = 1_000

Decode = Callable[[bytes], Any]
"""Reads the JSON of a line."""


class Lines(NamedTuple):
    """Lines of a file that stand one after the other, not told apart yet."""

    name: str
    """Of the file."""
    number: int
    """Of the first line."""
    content: bytes

    def numbered(self) -> Iterator[tuple[str, bytes]]:
        r"""Those that are not blank, each with its source.

        >>> list(Lines("a.jsonl", 7, b"{}\n \n[]").numbered())
        [('a.jsonl:7', b'{}'), ('a.jsonl:9', b'[]')]
        """
        for number, line in enumerate(self.content.split(b"\n"), self.number):
            if text := _text_of(line):
                yield f"{self.name}:{number}", text


Chunk = list[Lines | tuple[str, BadRow]]
"""A part of a file of lines: those that are too long stand alone."""


def numbered_lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[str, bytes | BadRow]]:
    """The lines that are not blank, each with its source; of one that is too long, its start."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            yield f"{name}:{number}", _too_long(stream, line)
        elif text := _text_of(line):
            yield f"{name}:{number}", text


def line_chunks(stream: io.BufferedReader, name: str, rows: int) -> Iterator[Chunk]:
    """As :func:`numbered_lines`, in parts of ``rows`` lines that are not blank."""
    chunk, lines, number, size = Chunk(), list[bytes](), 0, 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) <= MAX_LINE:
            lines.append(line)
            size += not (line.isspace() or (line.startswith(codecs.BOM_UTF8) and not _text_of(line)))
        else:
            chunk += _joined(name, number, lines), (f"{name}:{number}", _too_long(stream, line))
            lines, size = [], size + 1
        if size == rows:
            yield [*chunk, _joined(name, number + 1, lines)]
            chunk, lines, size = [], [], 0
    if size:
        yield [*chunk, _joined(name, number + 1, lines)]


def _joined(name: str, end: int, lines: list[bytes]) -> Lines:
    """Lines before the one with the number ``end``."""
    return Lines(name, end - len(lines), b"".join(lines))


def _text_of(line: bytes) -> bytes:
    """A line without the white space around it; of files that were joined, each may begin with a mark, anywhere."""
    return line.removeprefix(codecs.BOM_UTF8).strip()


def _too_long(stream: io.BufferedReader, line: bytes) -> BadRow:
    """A line that is longer than what was read of it."""
    _skip_line(stream, line)
    message = f"Expected at most {MAX_LINE:,} bytes on a line."
    return BadRow("too_long", message, line[:BUFFER].decode(errors="replace"))


def json_lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[str, bytes | BadRow]]:
    """As :func:`numbered_lines`, of JSON lines.

    :raises InputError: if not one of the first is a JSON object.
    """
    lines = numbered_lines(stream, name)
    probed = list(itertools.islice(lines, _PROBED_LINES))
    _check_first(probed, name)
    yield from probed
    yield from lines


def json_line_chunks(stream: io.BufferedReader, name: str, rows: int) -> Iterator[Chunk]:
    """As :func:`json_lines`, in parts of ``rows`` lines that are not blank."""
    chunks = line_chunks(stream, name, rows)
    first = next(chunks, [])
    _check_first(list(itertools.islice(_told_apart(first), _PROBED_LINES)), name)
    if first:
        yield first
    yield from chunks


def _told_apart(chunk: Chunk) -> Iterator[tuple[str, bytes | BadRow]]:
    for part in chunk:
        if isinstance(part, Lines):
            yield from part.numbered()
        else:
            yield part


def _check_first(lines: Sequence[tuple[str, bytes | BadRow]], name: str) -> None:
    if lines and not any(isinstance(object_of(line), dict) for _, line in lines):
        raise InputError(
            f"{name} is not JSON lines: there is no JSON object in its first {counted(len(lines), 'line')}.",
            "Expected one JSON object on each line.",
        )


def json_objects(stream: io.BufferedReader, name: str) -> tuple[list[str], Rows]:
    """JSON objects of any shape, one a line; their columns are the keys of the first thousand."""
    rows = ((source, object_of(line)) for source, line in json_lines(stream, name))
    probed = list(itertools.islice(rows, _PROBED_OBJECTS))
    columns = dict.fromkeys(key for _, row in probed if isinstance(row, dict) for key in row)
    return list(columns), itertools.chain(probed, rows)


def object_of(line: bytes | BadRow, decode: Decode = msgspec.json.decode) -> dict[str, object] | BadRow:
    """The JSON object that a line is."""
    if isinstance(line, BadRow):
        return line
    try:
        found = decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return BadRow("malformed", f"Expected a JSON object: {error}.", line.decode(errors="replace"))
    if isinstance(found, dict):
        return found
    came = type(found).__name__
    return BadRow("malformed", f"Expected a JSON object, not {came}.", line.decode(errors="replace"))


def _skip_line(stream: io.BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_LINE)

"""Lines of text, and JSON objects on lines."""

import codecs
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Any

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


def numbered_lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[str, bytes | BadRow]]:
    """The lines that are not blank, each with its source; of one that is too long, its start."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        source = f"{name}:{number}"
        if len(line) > MAX_LINE:
            _skip_line(stream, line)
            message = f"Expected at most {MAX_LINE:,} bytes on a line."
            yield source, BadRow("too_long", message, line[:BUFFER].decode(errors="replace"))
            continue
        line = line.removeprefix(codecs.BOM_UTF8).strip()  # anywhere: of files that were joined, each began with one
        if line:
            yield source, line


def json_lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[str, bytes | BadRow]]:
    """As :func:`numbered_lines`, of JSON lines.

    :raises InputError: if not one of the first is a JSON object.
    """
    lines = numbered_lines(stream, name)
    probed = list(itertools.islice(lines, _PROBED_LINES))
    if probed and not any(isinstance(object_of(line), dict) for _, line in probed):
        raise InputError(
            f"{name} is not JSON lines: there is no JSON object in its first {counted(len(probed), 'line')}.",
            "Expected one JSON object on each line.",
        )
    yield from probed
    yield from lines


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

"""The bytes of a text file, unzipped, and how many of them were read."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from touchline.characters import binary_kind, encoding_of, is_wide
from touchline.errors import InputError
from touchline.files.formats import is_gzipped
from touchline.progress import Advance

BUFFER = 1 << 16


def estimate_bytes(path: Path) -> int:
    """How many bytes ``advance`` will be reported in total.

    :raises InputError: if there is no such file.
    """
    try:
        with path.open("rb") as file:
            return file.seek(0, io.SEEK_END)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error


@contextmanager
def text_stream(path: Path, advance: Advance) -> Iterator[io.BufferedReader]:
    """The content of a text file, unzipped where its name says so.

    :raises InputError: if it is binary or a broken archive.
    """
    with path.open("rb", buffering=0) as file, text_of(_Counted(file, advance), path) as stream:
        yield stream


@contextmanager
def text_of(raw: Any, path: Path, *, may_be_wide: bool = False) -> Iterator[io.BufferedReader]:
    """As :func:`text_stream`, of bytes that come under the name ``path`` and need not lie anywhere.

    :param may_be_wide: whether it may be UTF-16.
    """
    try:
        content = gzip.GzipFile(fileobj=io.BufferedReader(raw, BUFFER)) if is_gzipped(path) else raw
        stream = io.BufferedReader(content, BUFFER)
        _refuse_binary(stream, path.name, may_be_wide=may_be_wide)
        yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} is not a whole gzip file: {error}.", "Download or create it again.") from error


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


def _refuse_binary(stream: io.BufferedReader, name: str, *, may_be_wide: bool) -> None:
    probe = stream.peek(BUFFER)
    if is_wide(probe):
        if may_be_wide:
            return
        raise InputError(f"{name} is {encoding_of(probe)} text, UTF-8 was expected.", "Save it again as UTF-8.")
    if kind := binary_kind(probe):
        raise InputError(
            f"{name} is {kind} under this name, text was expected.", "Unpack it, export it as text, or rename it."
        )

"""Checked rows on the disk, until a whole import is known to be readable and they are stored.

The file has no name: nobody else can open it, and it is gone with the process, however that ends.
"""

import marshal
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from touchline.errors import StorageError
from touchline.jobs.checking.frames import Frame, rows_of
from touchline.ledger.rows import Rows

_SIZE_BYTES = 4


class StoredFrame(NamedTuple):
    """A frame as it is stored."""

    accepted: Rows
    rejected: Rows
    """The refused rows that are kept."""
    reasons: Mapping[str, int]
    """How many rows were refused for each reason, kept or not."""
    size: int
    """How many rows were read for it."""


class Spool:
    """Frames in their order, first written and then read."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - close() closes it
        self._digest = blake2b(digest_size=16)
        self.size = 0
        """Rows that it has."""

    def add(self, frame: Frame, kept_noise: Rows) -> None:
        """Append a frame, with those of its lines of noise that are kept.

        :raises StorageError: if the disk is full.
        """
        parts: Any = (frame.content, kept_noise, dict(frame.reasons), frame.size)
        content = marshal.dumps(parts)
        try:
            self._file.write(len(content).to_bytes(_SIZE_BYTES, "big"))
            self._file.write(content)
        except OSError as error:
            raise _full(error) from error
        self._digest.update(frame.digest)
        self.size += frame.size

    @property
    def digest(self) -> str:
        """Of what the rows say, and of their order."""
        return self._digest.hexdigest()

    def frames(self) -> Iterator[StoredFrame]:
        """The frames in their order.

        :raises StorageError: if the disk is full.
        """
        try:
            self._file.seek(0)  # writes what waits in the buffer
        except OSError as error:
            raise _full(error) from error
        while head := self._file.read(_SIZE_BYTES):
            content, noise, reasons, size = marshal.loads(self._file.read(int.from_bytes(head, "big")))  # noqa: S302 - written above
            accepted, rejected = rows_of(content)
            yield StoredFrame(accepted, [*rejected, *noise], reasons, size)

    def close(self) -> None:
        """Let go of the file, which ends it."""
        self._file.close()


def _full(error: OSError) -> StorageError:
    return StorageError(
        f"The checked rows cannot be kept until they are stored: {error.strerror}.",
        "Free some space on the disk of TOUCHLINE_HOME and run the command again; nothing was stored.",
    )

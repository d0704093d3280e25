"""Daily keys that the processes of one machine share: a folder with a file for each day, and the end of each.

A key is the file ``<folder>/<day>``, that only its owner may read, made by the first process that needs it. It is no
row of a database: a database keeps what it deleted in its log, in free pages, in replicas and in backups, and nobody
can say when the last copy is gone. Two days after its day began, a key is overwritten and unlinked.
"""

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from attribution_campaign_context.privacy import DAY_SECONDS, KEY_BYTES

DRAFT_SECONDS = 3_600.0
"""After this long, a key that is half written was left by a process that is gone."""


class KeyFolder:
    """A source for :class:`~attribution_campaign_context.privacy.RotatingKeys`; several workers name the same folder.

    Old keys are destroyed whenever the key of a new day is requested, and by :meth:`destroy_old`. Keep the folder out
    of backups. ``clock`` gives Unix seconds.

    >>> import tempfile
    >>> from attribution_campaign_context.privacy import RotatingKeys
    >>> folder = Path(tempfile.mkdtemp())
    >>> one, other = (RotatingKeys(KeyFolder(folder)) for _ in range(2))
    >>> one.digest("ip", "192.0.2.1") == other.digest("ip", "192.0.2.1")
    True
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def __call__(self, day: int) -> bytes:
        """The key of a day (days since 1970, UTC); where the disk takes none, one that only this process knows."""
        self.destroy_old()
        file = self._folder / str(day)
        try:
            return _read(file) or _made(file)
        except OSError:
            return secrets.token_bytes(KEY_BYTES)

    def destroy_old(self) -> int:
        """Destroy the keys of all days before yesterday; returns how many files."""
        return sum(_destroy(file) for file in self._folder.glob("*") if not self._is_needed(file))

    def _is_needed(self, file: Path) -> bool:
        """Whether it is the key of today, of yesterday, or of tomorrow by another's clock; or is being written."""
        if file.name.isdecimal():
            return abs(int(file.name) - int(self._clock()) // DAY_SECONDS) <= 1
        with suppress(OSError):
            return self._clock() - file.stat().st_mtime < DRAFT_SECONDS
        return True


def _read(file: Path) -> bytes:
    try:
        key = file.read_bytes()
    except FileNotFoundError:
        return b""
    return key if len(key) == KEY_BYTES and any(key) else b""


def _made(file: Path) -> bytes:
    """A new key; or that of another process which was faster."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    draft = file.with_name(f"{secrets.token_hex(8)}.new")
    key = secrets.token_bytes(KEY_BYTES)
    with suppress(FileExistsError):
        _write(draft, key, os.O_CREAT | os.O_EXCL)
        try:
            os.link(draft, file)  # whole, or not at all: nobody reads half a key
        finally:
            draft.unlink()
    return _read(file) or key


def _write(file: Path, content: bytes, flags: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | flags, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _destroy(file: Path) -> bool:
    """Overwrite and unlink; of two processes that do it at once, one finds it gone."""
    try:
        _write(file, bytes(KEY_BYTES), 0)
        file.unlink()
    except OSError:
        return False
    return True

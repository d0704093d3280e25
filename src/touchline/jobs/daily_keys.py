"""The random key of each day, under which addresses are hashed, and its end.

A key is a file of the home, ``daily_keys/<day>``, that only its owner may read, created by the first process that needs
it. It is no row of the ledger: a database keeps what it deleted in its log, in free pages, in replicas and in backups,
and nobody can say when the last copy is gone. Two days after its day began, a key is overwritten and unlinked.
"""

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from attribution_campaign_context.privacy import DAY_SECONDS, KEY_BYTES, RotatingKeys

FOLDER = "daily_keys"
"""Of the home; keep it out of backups."""

_DRAFT_SECONDS = 3_600.0


class DailyKeys:
    """The keys of one home; the processes that share the folder share them.

    :param pepper: a secret that is mixed in (``IP_HASH_SALT``), of any length; without the day's key it is worth
        nothing.
    :param clock: gives Unix seconds.
    """

    def __init__(self, home: Path, *, pepper: str = "", clock: Callable[[], float] = time.time) -> None:
        self._folder = home / FOLDER
        self._clock = clock
        mixed_in = sha256(pepper.encode()).digest() if pepper else b""
        self._keys = RotatingKeys(self._key_of, pepper=mixed_in, clock=clock)

    def digest(self, kind: str, text: str) -> str:
        """The keyed hash of a text, 64 hexadecimal digits; ``kind`` keeps hashes of different things apart."""
        return self._keys.digest(kind, text)

    @property
    def day(self) -> int:
        """The day whose key is used now: days since 1970 (UTC)."""
        return int(self._clock()) // DAY_SECONDS

    def destroy_old(self) -> int:
        """Destroy the keys of all days before yesterday, in this process and in the folder; returns how many files.

        To be called at the start, and every few minutes from then on.
        """
        self._keys.digest("", "")  # lets go of the keys in memory, where the day has turned
        destroyed = 0
        for file in self._folder.glob("*"):
            if not self._is_needed(file):
                destroyed += _destroy(file)
        return destroyed

    def _is_needed(self, file: Path) -> bool:
        """Whether it is the key of today, of yesterday, or of tomorrow by another's clock; or is being written."""
        if file.name.isdecimal():
            return abs(int(file.name) - self.day) <= 1
        with suppress(OSError):
            return self._clock() - file.stat().st_mtime < _DRAFT_SECONDS
        return True

    def _key_of(self, day: int) -> bytes:
        """The key of a day; where the disk takes none, one that only this process knows."""
        file = self._folder / str(day)
        try:
            return _read(file) or _made(file)
        except OSError:
            return secrets.token_bytes(KEY_BYTES)


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

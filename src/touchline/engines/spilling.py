"""Where an embedded engine spills what its memory does not hold: a folder of this process, next to the engine's file.

Two processes that read one file would otherwise write into the same files, and a process that is killed leaves its
files behind. Each folder is locked for as long as its process lives, however it ends, so that the next process knows
which of them nobody needs any more.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

_OF_DUCKDB = "duckdb_temp_*"
"""What earlier releases spilled, straight into the folder that now holds one folder per process."""


class _Folders:
    """The folders of this process: one for each engine file, shared by all its connections."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._held: dict[Path, tuple[Path, int, int]] = {}

    def take(self, file: Path) -> Path | None:
        with self._changing:
            if file not in self._held:
                made = _made(spill_of(file))
                if made is None:
                    return None
                self._held[file] = (*made, 0)
            folder, descriptor, users = self._held[file]
            self._held[file] = folder, descriptor, users + 1
            return folder

    def release(self, file: Path) -> None:
        with self._changing:
            folder, descriptor, users = self._held.pop(file)
            if users > 1:
                self._held[file] = folder, descriptor, users - 1
                return
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)
            with suppress(OSError):  # other processes have theirs in it
                spill_of(file).rmdir()


_folders = _Folders()


def spill_of(file: Path) -> Path:
    """The folder in which every process has one for what it spills of the engine in ``file``.

    >>> spill_of(Path("/srv/engine.duckdb")).as_posix()
    '/srv/engine.duckdb.tmp'
    """
    return file.with_name(f"{file.name}.tmp")


def take_folder(file: Path) -> Path | None:
    """This process's folder, which only its owner may look into; ``None`` where nothing can be written.

    What dead processes left is removed first.
    """
    return _folders.take(file.absolute())


def release_folder(file: Path) -> None:
    """Say that one connection is closed; with the last, the folder goes."""
    _folders.release(file.absolute())


def _made(spill: Path) -> tuple[Path, int] | None:
    try:
        spill.mkdir(mode=0o700, exist_ok=True)
        remove_left(spill)
        folder = Path(tempfile.mkdtemp(dir=spill))
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    except OSError:
        return None
    return folder, descriptor


def remove_left(spill: Path) -> None:
    """Remove what processes left that are dead."""
    for file in spill.glob(_OF_DUCKDB):
        file.unlink(missing_ok=True)
    for folder in _unlocked(spill):
        shutil.rmtree(folder, ignore_errors=True)


def _unlocked(spill: Path) -> Iterator[Path]:
    for folder in spill.iterdir():
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
            finally:
                os.close(descriptor)

"""Whether a ledger's file is still the one that was opened: what is committed to a file that was deleted is lost."""

from pathlib import Path

from touchline.errors import StorageError

_Identity = tuple[int, int]


class FileInPlace:
    """One file that is open, and its name in the folder; a look costs about two microseconds.

    :param with_log: whether to watch the write-ahead log next to it (``-wal``), too, from the first look after a
        commit.
    """

    def __init__(self, file: Path, *, with_log: bool = False) -> None:
        self._file = file
        self._identity: _Identity | None = None
        self._log = Path(f"{file}-wal") if with_log else None
        self._log_identity: _Identity | None = None

    def opened(self) -> None:
        """Remember the file when it is opened first; it is never forgotten, however often it is opened again."""
        if self._identity is None:
            self._identity = _identity_of(self._file)

    def check(self) -> None:
        """Make sure that the file that was opened first stands under its name.

        :raises StorageError: if it was deleted, moved or replaced.
        """
        if self._identity is None or _identity_of(self._file) != self._identity:
            raise _lost(self._file)

    def check_committed(self) -> None:
        """Make sure of it after a commit, for the log as well: only then may anything be acknowledged.

        :raises StorageError: if either was deleted, moved or replaced.
        """
        self.check()
        if self._log is not None:
            found = _identity_of(self._log)
            self._log_identity = self._log_identity or found
            if found is None or found != self._log_identity:
                raise _lost(self._log)

    def log_is_new(self) -> None:
        """Forget the log: a process that opens the file again may get another one."""
        self._log_identity = None


def _identity_of(file: Path) -> _Identity | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _lost(file: Path) -> StorageError:
    return StorageError(
        f"{file} was deleted, moved, or replaced while it was open; writing stopped.",
        "Put the file back under its name, or restart the server to use the file that is there now.",
    )

"""Whether the engine's file is still the one that the river opened and wrote."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from touchline.engines import Engine
from touchline.errors import BusyError, TouchlineError


class EngineReplacedError(BusyError):
    """Somebody deleted, replaced or changed the engine's file; its numbers are rebuilt from the ledger."""


class EngineCompactedError(EngineReplacedError):
    """A compact copy waits to take the file's place, for which everything that has it open has to close."""


COMPACTED = 76
"""The exit code of a river's process that ended for that; it is to be started again at once."""


class _Stamp(NamedTuple):
    """What the file system says of a file."""

    device: int
    inode: int
    size: int
    changed_at: int


class EngineFile:
    """Compares the file on the disk with what stood there after the river's last own write.

    DuckDB changes the file only while it commits, so outside a run every other size or time of change is a stranger's.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: _Stamp | None = None
        self._writers = 0

    def note(self) -> None:
        """Remember the file as it stands."""
        self._known = self._stamp()

    @contextmanager
    def being_written(self) -> Iterator[None]:
        """Inside it the file changes by the river's own hand.

        :raises EngineReplacedError: at its end, if another file stands there by then.
        """
        self._writers += 1
        try:
            yield
            self.check()
        finally:
            if self._is_same_file(self._stamp()):
                self.note()
            self._writers -= 1

    def check(self) -> None:
        """Make sure that the file is the one that was opened.

        :raises EngineReplacedError: if it is not.
        """
        known, is_written, now = self._known, self._writers > 0, self._stamp()
        if known is None or now == known:
            return
        is_own_write = self._is_same_file(now) and (is_written or self._known != known)
        if not is_own_write:
            what = "deleted" if now is None else "changed" if self._is_same_file(now) else "replaced"
            raise EngineReplacedError(
                f"The engine's file was {what} while the server was running.",
                "The numbers are being rebuilt from the ledger; try again later.",
            )

    def _is_same_file(self, now: _Stamp | None) -> bool:
        known = self._known
        return known is None or (now is not None and now[:2] == known[:2] and now.size > 0)

    def _stamp(self) -> _Stamp | None:
        with suppress(FileNotFoundError):
            found = self._file.stat()
            return _Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        return None


def has_numbers(engine: Engine) -> bool:
    """Whether an engine has what a run has made."""
    try:
        made = engine.select("select count(*) as rules from applied_rules")["rules"][0].as_py() > 0
    except TouchlineError:
        raise
    except Exception as error:
        if "applied_rules" in str(error):  # there is no such table yet, in the engine's own words
            return False
        raise
    return bool(made)


def set_aside(file: Path) -> None:
    """Make room for a new engine's file; the newest of those that stood there is kept as ``….aside``.

    The write-ahead log next to it belongs to no file any more, and would be played into the new one.
    """
    with suppress(FileNotFoundError):
        file.replace(file.with_name(f"{file.name}.aside"))
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)

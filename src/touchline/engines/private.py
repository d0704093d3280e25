"""Files that only their owner may read, where a driver makes them itself and cannot be told so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

OTHERS = 0o077
"""What nobody else is let have."""


class _Umask:
    """The process has one; several threads may want it closed at a time, and the last of them opens it again."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._wanted = 0
        self._usual = 0

    def close(self) -> None:
        with self._changing:
            if not self._wanted:
                self._usual = os.umask(OTHERS)
            self._wanted += 1

    def open(self) -> None:
        with self._changing:
            self._wanted -= 1
            if not self._wanted:
                os.umask(self._usual)


_umask = _Umask()


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever the process makes meanwhile, in whichever thread, is its owner's alone.

    A mode that is changed afterwards would come too late for a process that already has the file open.
    """
    _umask.close()
    try:
        yield
    finally:
        _umask.open()

"""Folders in which backups are restored on trial; one that a killed run left is known by its lock, which is free."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from touchline.errors import StorageError
from touchline.jobs.ownership import is_locked

HOME = "home"
"""Into which a backup is restored, in the folder of its trial."""
_PREFIX, _LOCK, _NEW_LOCK = "trial-", "lock", "lock.new"
_CONTENTS = frozenset({HOME, _LOCK, _NEW_LOCK})
_STALE_SECONDS = 86_400.0
"""After which a folder without a lock is a leftover: of an earlier release, or of a run that was killed at once."""


@contextmanager
def trial_in(folder: Path) -> Iterator[Path]:
    """A new folder in ``folder`` that goes at the end; until then its lock is held, however long that takes.

    :raises StorageError: if it cannot be made.
    """
    try:
        scratch = tempfile.TemporaryDirectory(dir=folder, prefix=_PREFIX)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.", "Name another folder.") from error
    with scratch as name:
        descriptor = _held(Path(name) / _LOCK)
        try:
            yield Path(name)
        finally:
            os.close(descriptor)


def _held(lock: Path) -> int:
    """The lock, which has its name only once it is held: nobody sees it free."""
    draft = lock.with_name(_NEW_LOCK)
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    draft.rename(lock)
    return descriptor


def remove_stale_trials(folder: Path) -> None:
    """Remove the copies of the ledger that runs left which were killed during a trial."""
    for trial in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # it may be gone by now, or lead nowhere
            lock = trial / _LOCK
            is_old = time.time() - trial.stat().st_mtime > _STALE_SECONDS
            if _is_ours(trial) and (not is_locked(lock) if lock.exists() else is_old):
                shutil.rmtree(trial, ignore_errors=True)


def _is_ours(trial: Path) -> bool:
    """Whether nothing is in a folder but what a trial puts there: others may have such a name, too."""
    return not trial.is_symlink() and {file.name for file in trial.iterdir()} <= _CONTENTS

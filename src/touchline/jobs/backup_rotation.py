"""Backups in a folder: each is restored on trial, the oldest go, and a command takes the new one elsewhere."""

import errno
import getpass
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from touchline.errors import StorageError, TouchlineError, UsageError
from touchline.jobs.backup_trials import HOME, remove_stale_trials, trial_in
from touchline.ledger import Ledger, schema
from touchline.ledger.backup import Copied
from touchline.ledger.erasure_journal import journal_of
from touchline.ledger.moving import size_of
from touchline.settings import Home

JOB = "backup-rotation"
"""The job under which the ledger remembers how the last backup went."""
_NAME = "touchline-{home}-{moment}Z.backup"
"""A backup of a home, by a name of the home that a restored or moved ledger keeps."""
_LONGEST_SECONDS = 3_600.0
"""How long the command may take."""
_COPIES = 2
"""How many times the ledger's size is needed: the backup, and the home that it is restored into on trial."""
_SAID = 300
"""Characters that are shown of what a failed command wrote last."""


@dataclass(frozen=True)
class Rotated:
    """A backup that was made and restored on trial."""

    file: str
    copied: Copied
    removed: tuple[str, ...]
    """Older backups that went."""


def command_of(text: str, option: str) -> tuple[str, ...]:
    """The program and the arguments that a text names.

    :param option: where the text comes from, for the error.
    :raises UsageError: if its quotation marks are not closed.

    >>> command_of("take --to 'my place'", "--then")
    ('take', '--to', 'my place')
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{option} cannot be read as words: {error}.", "Close its quotation marks.") from None


def back_up_into(home: Home, folder: Path, *, keep: int, command: Sequence[str] = (), now: int) -> Rotated:
    """Make the next backup of a folder, restore it on trial, run a command with its path, and remove the oldest.

    How it went is in the ledger, where ``touchline doctor`` finds it.

    :param keep: how many backups stay, from 1 up.
    :param command: a program and its arguments, to which the path is added; no shell reads them.
    :param now: microseconds since 1970.
    :raises UsageError: if no backup would stay.
    :raises StorageError: if the disk has no room, the trial fails, or the command does.
    """
    if keep < 1:
        raise UsageError(f"At least one backup has to stay, not {keep}.", "Give --keep 7, for example.")
    started, status, detail = time.time_ns() // 1000, "failed", ""
    try:
        made = _made(home, folder, keep, command, now)
        status, detail = "done", made.file
    except TouchlineError as error:
        detail = str(error)[:512]
        raise
    finally:
        _note(home, started, status, detail)
    return made


def _made(home: Home, folder: Path, keep: int, command: Sequence[str], now: int) -> Rotated:
    from touchline.jobs import keeping  # noqa: PLC0415 - loads SciPy, which servers do without

    named = _named(home)
    _make_folder(folder)
    remove_stale_trials(folder)
    _require_room(home, folder)
    file = folder / _NAME.format(home=named, moment=f"{datetime.fromtimestamp(now / 1e6, UTC):%Y%m%dT%H%M%S%f}")
    copied = keeping.back_up_home(home, file)
    try:
        _try(file, folder, copied)
    except TouchlineError:
        file.unlink()
        raise
    if command:
        _run([*command, str(file)])
    return Rotated(str(file), copied, _rotate(file, named, keep))


def _named(home: Home) -> str:
    """A home's name in the names of its backups: several homes may have one folder."""
    with closing(Ledger(home.ledger)) as ledger:
        made = sorted((row["created_at"], row["organization_id"]) for row in ledger.rows(schema.ORGANIZATIONS))
    return sha256(repr(made[:1]).encode()).hexdigest()[:8]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}.", _writable(folder, error)) from error


def _writable(folder: Path, error: OSError) -> str:
    """What lets the user who runs this write there."""
    if error.errno == errno.EROFS:
        return "Mount it writable; a unit of systemd has to name it in StateDirectory= or ReadWritePaths=."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Make the folder as root, and give it to {_user()}: install -d -m 700 -o {_user()} {folder}"
    return "Name a folder that can be made."


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may have a user without a name
        return "the server's user"


def _require_room(home: Home, folder: Path) -> None:
    needed, free = _COPIES * size_of(home.ledger), shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder} has {free / 1e6:,.0f} MB free, and a backup with its trial needs {needed / 1e6:,.0f} MB.",
            "Free some space, keep fewer backups, or name another folder.",
        )


def _try(file: Path, folder: Path, copied: Copied) -> None:
    """Restore the backup into a home that goes again."""
    from touchline.jobs import keeping  # noqa: PLC0415 - loads SciPy, which servers do without

    with trial_in(folder) as scratch:
        restored = keeping.restore_home(file, Home(scratch / HOME))
    if (restored.events + restored.erased, restored.newest_sequence) != (copied.events, copied.newest_sequence):
        raise StorageError(f"{file} does not restore to what was copied.", "Check the disk, and back up again.")


def _rotate(new: Path, named: str, keep: int) -> tuple[str, ...]:
    """Remove all but the newest of a home, each with its list of erasures; files of other names stay.

    What a clock that was ahead has named goes first, and the new one stays in any case.
    """
    name = re.compile(_NAME.format(home=named, moment=r"\d{8}T\d{12}").replace(".", r"\."))
    others = [file for file in new.parent.iterdir() if name.fullmatch(file.name) and file != new]
    newest_last = sorted(others, key=lambda file: (file.name < new.name, file.name))
    old = newest_last[: max(0, len(others) - keep + 1)]
    for file in old:
        file.unlink(missing_ok=True)  # by now, another backup of this home may have removed it
        journal_of(file).unlink(missing_ok=True)
    return tuple(map(str, old))


def _run(words: Sequence[str]) -> None:
    try:
        ended = subprocess.run(  # noqa: S603
            words, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", check=False,
            timeout=_LONGEST_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        said = f"{words[0]} did not end within {_LONGEST_SECONDS / 60:.0f} minutes."
        raise StorageError(said, f"The backup is made, and may not be elsewhere yet: {words[-1]}.") from error
    except OSError as error:
        said = f"{words[0]} cannot be run: {error.strerror}."
        raise StorageError(said, f"The backup is made, and is not elsewhere. {_runnable(error)}") from error
    if ended.returncode:
        said = " ".join((ended.stderr or ended.stdout).split())[-_SAID:]
        raise StorageError(
            f"{words[0]} ended with {ended.returncode}: {said or 'it said nothing'}.",
            f"The backup is made, and is not elsewhere yet: {words[-1]}.",
        )


def _runnable(error: OSError) -> str:
    """What lets the user who runs this run the program."""
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"{_user()} has to be allowed to execute it: see its mode, its disk's noexec, and its service's unit."
    if error.errno == errno.ENOEXEC:
        return "A script begins with a line such as #!/bin/sh."
    return f"Name the whole path of a program that {_user()} sees: a service's PATH is short."


def _note(home: Home, started: int, status: str, detail: str) -> None:
    with closing(Ledger(home.ledger)) as ledger, ledger.transaction() as entry:
        ended = time.time_ns() // 1000
        entry.add(schema.JOB_RUNS, job=JOB, started_at=started, ended_at=ended, status=status, detail=detail)

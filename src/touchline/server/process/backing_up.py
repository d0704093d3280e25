"""Backups on a schedule: a thread of the main process makes them, as ``touchline backup --into`` does.

The main process takes no requests, so collecting does not wait for a backup; and the river goes on, and may be
restarted, while one is copied, tried and taken elsewhere. What ends with the server is made after the next start.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from touchline.errors import BusyError, TouchlineError, UsageError
from touchline.jobs.backup_rotation import JOB, Rotated, back_up_into, command_of
from touchline.ledger import Ledger, schema
from touchline.magnitudes import HOUR_SECONDS
from touchline.server.http.options import ServerOptions, name_of
from touchline.server.process.schedule import Slot, is_due
from touchline.settings import Home

_AFTER_SECONDS = 2 * HOUR_SECONDS
"""From midnight (UTC) to the first slot of a day: before retention erases anything."""
_LOOK_SECONDS = 15.0
_AWAY_SECONDS = 300.0
"""Until another attempt where the ledger did not even answer, so that nothing of it is remembered."""
_SHORTEST_HOURS, _LONGEST_HOURS = 0.25, 24.0 * 31
THREAD = "backups"
_NICE = 10
"""As of the river: workers go first where processors are short, before the command as well."""

log = structlog.get_logger("touchline.backup")


class BackupPlan(NamedTuple):
    """What a server does about backups."""

    folder: Path
    slot: Slot
    keep: int
    command: tuple[str, ...]


def plan_from(options: ServerOptions) -> BackupPlan | None:
    """What the options ask for; ``None``: no backups.

    :raises UsageError: if one makes no sense.

    >>> plan_from(ServerOptions(backup_folder="/backups")).slot
    Slot(seconds=86400.0, after=7200)
    """
    folder, command = Path(options.backup_folder), command_of(options.backup_then, name_of("backup_then"))
    if not options.backup_folder:
        if command:
            raise UsageError(f"{name_of('backup_then')} is set, and no backup is made.",
                             f"Set {name_of('backup_folder')}, too.")  # fmt: skip
        return None
    if not folder.is_absolute():
        raise UsageError(f"{name_of('backup_folder')} is the whole path of a folder, not {options.backup_folder!r}.")
    if not _SHORTEST_HOURS <= options.backup_hours <= _LONGEST_HOURS:
        raise UsageError(
            f"{name_of('backup_hours')} is from {_SHORTEST_HOURS:g} to {_LONGEST_HOURS:g}, not"
            f" {options.backup_hours:g}.", "24 is every night.",
        )  # fmt: skip
    if options.backup_keep < 1:
        raise UsageError(f"{name_of('backup_keep')} is at least 1, not {options.backup_keep}.")
    return BackupPlan(folder, Slot(options.backup_hours * HOUR_SECONDS, _AFTER_SECONDS), options.backup_keep, command)


@contextmanager
def backups_made(home: Home, options: ServerOptions) -> Iterator[None]:
    """Make backups when they are due until the block ends; one that is being made then ends with the process."""
    plan = plan_from(options)
    is_over = threading.Event()
    if plan is not None:
        made_by = (Backups(home, plan), is_over)
        threading.Thread(target=_keep_making, args=made_by, name=THREAD, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


class Backups:
    """The backups of one home by one server; others may share its ledger."""

    def __init__(self, home: Home, plan: BackupPlan) -> None:
        self._home = home
        self._plan = plan
        self._began: float | None = None
        """When the newest one began that is known of; that none is due is known without asking the ledger."""

    def make_if_due(self, now: float) -> Rotated | None:
        """Make one if no server of this ledger has made it.

        :param now: seconds since 1970.
        :raises BusyError: if another server makes it.
        :raises TouchlineError: if it fails.
        """
        if not is_due(self._plan.slot, self._began, now):
            return None
        with closing(Ledger(self._home.ledger)) as ledger, self._alone(ledger):
            last = ledger.newest(schema.JOB_RUNS, job=JOB)
            self._began = None if last is None else last["started_at"] / 1e6
            if not is_due(self._plan.slot, self._began, now):
                return None
            folder, _, keep, command = self._plan
            return back_up_into(self._home, folder, keep=keep, command=command, now=round(now * 1e6))

    def _alone(self, ledger: Ledger) -> AbstractContextManager[object]:
        """A ledger in a file has one server; and what is done alone there would keep the river from running."""
        return ledger.alone(JOB) if self._home.database_url else nullcontext()


def _keep_making(backups: Backups, is_over: threading.Event) -> None:
    with suppress(OSError):  # on Linux, of this thread alone, and of the command that it starts
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    rest = 0.0
    while not is_over.wait(rest):
        rest = _LOOK_SECONDS
        began = time.monotonic()
        try:
            made = backups.make_if_due(time.time())
        except BusyError:
            continue
        except TouchlineError as error:
            rest = _AWAY_SECONDS
            log.error("backup_failed", error=error.message, next_step=error.hint)
            continue
        except Exception:
            rest = _AWAY_SECONDS
            log.exception("backup_failed")
            continue
        if made is not None:
            log.info(
                "backup_made", file=made.file, events=made.copied.events, bytes=made.copied.size_bytes,
                removed=len(made.removed), seconds=round(time.monotonic() - began, 1),
            )  # fmt: skip

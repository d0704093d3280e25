"""What an erasure leaves in files that it cannot rewrite, and a rewrite of those that it can."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import BusyError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.migrate import BACKUP
from touchline.settings import Home

_SWAP_SECONDS = 60.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Remains:
    """A place that may still hold bytes of what was erased."""

    place: str
    what: str
    next_step: str


def compact(workspace: Workspace) -> None:
    """Rewrite the engine and the ledger so that nothing of deleted rows is left in their files, as far as possible.

    A server goes on accepting events meanwhile; it answers reports again when it has opened the new file, in seconds.

    :raises BusyError: if the server does not open it.
    """
    home = workspace.home
    if home.has_engine and home.engine_url is None and workspace.owner is not None:
        before = _identity(home.engine_file)
        workspace.owner.compact()
        workspace.let_go_of_engine()
        _await_swap(home.engine_file, before)
    elif home.has_engine and workspace.engine.compact(home.compact_copy):
        workspace.let_go_of_engine()
        put_in_place(home)
    workspace.ledger.compact()


def put_in_place(home: Home) -> None:
    """Let the compact copy take the place of the engine's file, which nobody may write to any more.

    A file that a server set aside goes, too: it is an older state of the same.
    """
    file = home.engine_file
    home.compact_copy.replace(file)
    for name in (f"{file.name}.wal", f"{file.name}.aside"):
        file.with_name(name).unlink(missing_ok=True)


def remains(workspace: Workspace, *, is_log_empty: bool, is_compacted: bool) -> tuple[Remains, ...]:
    """Where something of what was erased may still be, and what to do there."""
    found = [*_in_engine(workspace, is_compacted=is_compacted), *_in_ledger(workspace, is_log_empty, is_compacted)]
    found += [
        Remains(path, "a backup of the ledger", "Delete it, or let it expire; `touchline restore` repeats the erasure.")
        for path in backups(workspace)
    ]
    more = "Other backups" if len(found) and found[-1].what.startswith("a backup") else "Backups"
    found.append(
        Remains(
            f"{more}, imported files, saved reports", "copies that Touchline does not know",
            "Delete them, or let them expire.",
        )
    )  # fmt: skip
    return tuple(found)


def _in_engine(workspace: Workspace, *, is_compacted: bool) -> list[Remains]:
    home = workspace.home
    if not home.has_engine:
        return []
    if home.engine_url is not None:
        if not is_compacted:
            return [
                Remains("the engine's server", "deleted rows in the files of its tables", "Erase with --compact.")
            ]  # fmt: skip
        what = "its own log (PostgreSQL), or replaced parts of tables for some minutes (ClickHouse)"
        return [Remains("the engine's server", what, "Its administrator decides how long it keeps them.")]
    files = [] if is_compacted else [home.engine_file, home.engine_file.with_name(f"{home.engine_file.name}.aside")]
    return [
        Remains(str(file), "bytes in free space", "Erase with --compact, or delete it and run `touchline run`.")
        for file in files
        if file.exists()
    ]


def _in_ledger(workspace: Workspace, is_log_empty: bool, is_compacted: bool) -> list[Remains]:
    home = workspace.home
    if home.database_url:
        what = "its own log" if is_compacted else "deleted rows until its next vacuum, and its own log"
        advice = "Its administrator decides how long it keeps the log."
        return [Remains("the ledger's server", what, advice if is_compacted else f"Erase with --compact. {advice}")]
    if is_log_empty:
        return []
    log = f"{home.ledger_file}-wal"
    return [Remains(log, "pages of the time before", "Repeat the command when no long run or report reads it.")]


def backups(workspace: Workspace) -> list[str]:
    """The copies of the ledger that are still where they were made."""
    runs = workspace.ledger.rows(schema.JOB_RUNS, job=BACKUP)
    return [path for path in dict.fromkeys(row["detail"] for row in runs) if Path(path).exists()]


def _identity(file: Path) -> int:
    with suppress(FileNotFoundError):
        return file.stat().st_ino
    return 0


def _await_swap(file: Path, before: int) -> None:
    until = time.monotonic() + _SWAP_SECONDS
    while _identity(file) == before:
        if time.monotonic() > until:
            raise BusyError("The server did not open the compacted file.", "See the server's log.")
        time.sleep(_LOOK_SECONDS)

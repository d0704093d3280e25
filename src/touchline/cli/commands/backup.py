"""``backup``: a copy of the ledger."""

from pathlib import Path

from rich.text import Text

from touchline.amounts import counted
from touchline.cli.answer import COMMON, Answer, Options, Whole
from touchline.cli.clock import now_micros
from touchline.cli.copies import size_of
from touchline.cli.terminal import visible
from touchline.errors import UsageError


def backup(
    file: Path | None = None, /, *, into: Path | None = None, keep: Whole = 7, then: str = "",
    options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Copy the ledger to a new file, without stopping event collection. The engine is derived, so it is not copied.

    With --into, the file gets a name of its own in a folder and is restored on trial, and the oldest ones go.

    :param file: the file to create; it must not exist yet.
    :param into: the folder of backups that are made one after another, by a timer for example.
    :param keep: how many backups stay in that folder.
    :param then: a program and its arguments, which gets the path of the new file as its last one; no shell reads it.
    """
    from touchline.jobs import keeping

    if (file is None) == (into is None):
        raise UsageError("A backup is a new file, or one of a folder.", "Give FILE, or --into FOLDER.")
    if into is not None:
        return _rotated(options, into, keep, then)
    assert file is not None  # noqa: S101 - as was checked
    copied = keeping.back_up_home(options.place, file)
    return Answer(
        {"file": str(file), **vars(copied)},
        lambda: Text(visible(f"{file} holds the ledger: {size_of(copied)}.")),
    )  # fmt: skip


def _rotated(options: Options, folder: Path, keep: int, then: str) -> Answer:
    from touchline.jobs import backup_rotation

    command = backup_rotation.command_of(then, "--then")
    made = backup_rotation.back_up_into(options.place, folder, keep=keep, command=command, now=now_micros())
    said = f"{made.file} holds the ledger, and was restored on trial: {size_of(made.copied)}."
    removed = f" {counted(len(made.removed), 'older one')} went." if made.removed else ""
    return Answer(
        {"file": made.file, **vars(made.copied), "removed": list(made.removed)}, lambda: Text(visible(said + removed))
    )


COMMAND = backup

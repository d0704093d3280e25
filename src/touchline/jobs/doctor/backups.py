"""How the last backup of a folder of backups went, where there was one."""

from collections.abc import Iterator

from touchline.jobs.doctor.check import Check
from touchline.jobs.last_backup import last_backup
from touchline.jobs.workspace import Workspace


def backup_checks(
    workspace: Workspace, *, tells_all: bool, hours: float | None = None, now: int = 0
) -> Iterator[Check]:  # fmt: skip
    """One, once a backup was made into a folder, or is scheduled.

    :param tells_all: whether the home itself is looked at; a backup is of all organizations together.
    :param hours: the interval of the server's schedule, where it has one.
    :param now: microseconds since 1970, by which one is overdue.
    """
    if not tells_all:
        return
    last = last_backup(workspace.ledger, hours=hours, now=now)
    if last.state == "done":
        yield Check("backup", "ok", last.said)
    elif last.state == "failed":
        yield Check("backup", "problem", last.said, "touchline backup --into FOLDER", "backup_failed")
    elif last.state == "overdue":
        step = "See backup_failed in the server's log."
        yield Check("backup", "problem", f"A scheduled backup is overdue. {last.said}", step, "backup_overdue")

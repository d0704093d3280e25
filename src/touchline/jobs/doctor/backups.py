"""How the last backup of a folder of backups went, where there was one."""

from collections.abc import Iterator
from datetime import UTC, datetime

from touchline.jobs.backup_rotation import JOB
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema


def backup_checks(workspace: Workspace, *, tells_all: bool) -> Iterator[Check]:
    """One, once ``touchline backup --into`` was used.

    :param tells_all: whether the home itself is looked at; a backup is of all organizations together.
    """
    last = workspace.ledger.newest(schema.JOB_RUNS, job=JOB) if tells_all else None
    if last is None:
        return
    when = f"{datetime.fromtimestamp(last['started_at'] / 1e6, UTC):%F %T} UTC"
    if last["status"] == "done":
        yield Check("backup", "ok", f"{when}: {last['detail']}.")
    else:
        said = f"{when}: failed: {last['detail']}"
        yield Check("backup", "problem", said, "touchline backup --into FOLDER", "backup_failed")

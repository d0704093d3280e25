"""How a home's backups are going: when the last one of a folder was made, and whether one is overdue."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from touchline.jobs.backup_rotation import JOB
from touchline.ledger import Ledger, schema
from touchline.magnitudes import HOUR_SECONDS

LATE_HOURS = 3.0
"""How much longer than its interval a scheduled backup may not have begun: it is recorded once it is elsewhere, too."""

State = Literal["none", "done", "failed", "overdue"]


class LastBackup(NamedTuple):
    """The last backup of a folder, by a schedule or by hand."""

    state: State
    """``none``: none was made, and none is scheduled; ``overdue``: a scheduled one was not made in its time."""
    said: str
    """In words: when it was, and where it is or what went wrong."""


def last_backup(ledger: Ledger, *, hours: float | None, now: int) -> LastBackup:
    """How it went, as the ledger remembers it.

    :param hours: the interval of the schedule; ``None``: nothing says that there is one.
    :param now: microseconds since 1970.
    """
    row = ledger.newest(schema.JOB_RUNS, job=JOB)
    if row is None:
        return LastBackup("none" if hours is None else "overdue", "None was made yet.")
    said = _said(row)
    if row["status"] != "done":
        return LastBackup("failed", said)
    if hours is not None and now - row["started_at"] > (hours + LATE_HOURS) * HOUR_SECONDS * 1_000_000:
        return LastBackup("overdue", f"The last one began at {said}")
    return LastBackup("done", said)


def _said(row: Mapping[str, Any]) -> str:
    when = f"{datetime.fromtimestamp(row['started_at'] / 1e6, UTC):%F %T} UTC"
    return f"{when}: {row['detail']}." if row["status"] == "done" else f"{when}: failed: {row['detail']}"

"""What runs did: kept for the newest of them, without the name of any person or conversion."""

from dataclasses import dataclass
from datetime import UTC, datetime

from touchline.changes import Change
from touchline.errors import UsageError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.pipeline import RunReport

KEPT_RUNS = 500
"""Of how many runs it is kept what they did."""
_COUNTS = ("events", "cost_rows", "claims", "withdrawn", "erased")


@dataclass(frozen=True)
class PastRun:
    """A run that had something to do."""

    started_at: datetime
    """In UTC, as is ``ended_at``."""
    ended_at: datetime
    why: str
    """Why everything was computed again, as :data:`touchline.changes.REASONS` has it; ``""``: only what changed was."""
    events: int
    """How many were new, as were ``cost_rows`` and ``claims``."""
    cost_rows: int
    claims: int
    withdrawn: int
    """Claims that were withdrawn."""
    erased: int
    """Events that were erased or superseded."""
    rows_written: int
    changes: tuple[Change, ...]


def keep_run(workspace: Workspace, report: RunReport, started_at: int, ended_at: int) -> None:
    """Keep what a run did, unless it had nothing to do; the oldest of more than :data:`KEPT_RUNS` go."""
    counts = {name: getattr(report, name) for name in _COUNTS}
    rows_written = sum(report.rows.values()) + report.refitted_links
    if not (rows_written or report.why or any(counts.values())):
        return
    kept = workspace.ledger.rows(schema.RUNS, is_newest_first=True, limit=KEPT_RUNS - 1)
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.RUNS, started_at=started_at, ended_at=ended_at, why=report.why, rows_written=rows_written, **counts
        )  # fmt: skip
        for change in report.changes:
            entry.put(schema.RUN_CHANGES, started_at=started_at, **vars(change))
        if len(kept) == KEPT_RUNS - 1:
            for table in (schema.RUNS, schema.RUN_CHANGES):
                entry.remove_before(table, "started_at", kept[-1]["started_at"])


def past_runs(workspace: Workspace, limit: int) -> list[PastRun]:
    """The newest runs that had something to do, the newest first.

    :raises UsageError: if ``limit`` is less than 1.
    """
    if limit < 1:
        raise UsageError(f"A list has at least one run, not {limit}.")
    found = workspace.ledger.rows(schema.RUNS, is_newest_first=True, limit=limit)
    return [_past(workspace, dict(row)) for row in found]


def _past(workspace: Workspace, row: dict[str, int]) -> PastRun:
    changes = workspace.ledger.rows(schema.RUN_CHANGES, started_at=row["started_at"])
    listed = tuple(Change(**{name: one[name] for name in one if name != "started_at"}) for one in changes)
    times = {name: datetime.fromtimestamp(row[name] / 1e6, UTC) for name in ("started_at", "ended_at")}
    return PastRun(**{**row, **times}, changes=listed)  # type: ignore[arg-type]

"""What runs did: the ledger keeps sums of the newest, without the name of anybody; the engine lists conversions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

import pyarrow as pa

from touchline.applied import is_whole
from touchline.changes import Change, moved_since
from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.errors import UsageError
from touchline.jobs.clocks import is_ahead
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.pipeline import RunReport
from touchline.tables import MOVED_CONVERSIONS

KEPT_RUNS = 500
"""Of how many runs it is kept what they did."""
LISTED_RUNS = 20
"""Of how many runs the engine lists the conversions that have other links."""
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


@dataclass(frozen=True)
class Credited:
    """What a conversion gave a channel before a run, and gives it since (billionths), under the default model."""

    channel: str
    credit_before: int
    credit_after: int


@dataclass(frozen=True)
class MovedConversion:
    """A conversion that a run gave other links."""

    started_at: datetime
    """Of the run, in UTC."""
    organization_id: str
    conversion_id: str
    reason: str
    """As :data:`touchline.changes.REASONS` has it."""
    channels: tuple[Credited, ...]
    """Every channel with credit before or after; if none changed, it went to another touch of the same channel, or
    moved under other models only."""

    @property
    def changed(self) -> tuple[Credited, ...]:
        """The channels whose credit changed."""
        return tuple(one for one in self.channels if one.credit_before != one.credit_after)

    @property
    def credit_moved(self) -> int:
        """How much credit channels lost or gained (billionths)."""
        return sum(abs(one.credit_after - one.credit_before) for one in self.channels)


def keep_run(workspace: Workspace, report: RunReport, started_at: int, ended_at: int) -> None:
    """Keep what a run did, unless it had nothing to do; the oldest of more than :data:`KEPT_RUNS` go.

    So do those that are still to come: they were kept under a clock that was ahead, and would stay the newest.
    """
    counts = {name: getattr(report, name) for name in _COUNTS}
    rows_written = sum(report.rows.values()) + report.refitted_links
    if not (rows_written or report.why or any(counts.values())):
        return
    kept = workspace.ledger.rows(schema.RUNS, is_newest_first=True, limit=KEPT_RUNS - 1)
    ahead = [row["started_at"] for row in kept if is_ahead(row["started_at"], started_at)]
    with workspace.ledger.transaction() as entry:
        for table, at in product((schema.RUNS, schema.RUN_CHANGES), ahead):
            entry.remove(table, started_at=at)
        entry.put(
            schema.RUNS, started_at=started_at, ended_at=ended_at, why=report.why, rows_written=rows_written, **counts
        )  # fmt: skip
        for change in report.changes:
            entry.put(schema.RUN_CHANGES, started_at=started_at, **vars(change))
        if len(kept) == KEPT_RUNS - 1:
            for table in (schema.RUNS, schema.RUN_CHANGES):
                entry.remove_before(table, "started_at", kept[-1]["started_at"])
    _keep_moved(workspace.engine, report, started_at)


def _keep_moved(engine: Engine, report: RunReport, started_at: int) -> None:
    """Note which conversions a run gave other links; forget those of older runs, and conversions that are gone."""
    if not is_whole(engine):
        return
    runs = python_rows(engine.select("select distinct started_at from moved_conversions order by started_at desc"))
    if not (runs or report.moved):
        return
    past = [row["started_at"] for row in runs if not is_ahead(row["started_at"], started_at)]
    kept = past[: LISTED_RUNS - bool(report.moved)]
    rows = [{"started_at": started_at, **vars(one)} for one in report.moved]
    with engine.transaction():
        engine.append(MOVED_CONVERSIONS, pa.Table.from_pylist(rows, MOVED_CONVERSIONS.arrow_schema))
        since = moved_since(engine, min([*kept, started_at]))
        standing = [row for row in since if not is_ahead(row["started_at"], started_at)]
        engine.remove(MOVED_CONVERSIONS)
        engine.append(MOVED_CONVERSIONS, pa.Table.from_pylist(standing, MOVED_CONVERSIONS.arrow_schema))


def moved_conversions(workspace: Workspace, limit: int) -> list[MovedConversion]:
    """The conversions that the newest runs gave other links, the newest run first, and those that moved most in it.

    What is no longer there, such as what was erased, is not listed.

    :param limit: of how many conversions at most.
    :raises UsageError: if ``limit`` is less than 1.
    """
    if limit < 1:
        raise UsageError(f"A list has at least one conversion, not {limit}.")
    found: dict[tuple[int, str], list[Credited]] = {}
    heads = {}
    for row in moved_since(workspace.engine, 0) if is_whole(workspace.engine) else ():
        key = row["started_at"], row["conversion_id"]
        found.setdefault(key, []).append(Credited(row["channel"], row["credit_before"], row["credit_after"]))
        heads[key] = (row["organization_id"], row["reason"])
    listed = [
        MovedConversion(
            datetime.fromtimestamp(at / 1e6, UTC), heads[at, name][0], name, heads[at, name][1], tuple(moved)
        )
        for (at, name), moved in found.items()
    ]
    return sorted(listed, key=lambda one: (one.started_at, one.credit_moved), reverse=True)[:limit]


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

"""The engine's copies of what the ledger was told: they follow it by numbers that rise in the order of commits.

What a run took over is then named by ``changed_events``, ``changed_costs``, ``changed_rates`` and ``changed_claims``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa

from touchline.engines import Engine, IncrementalEngine, can_increment
from touchline.table import Table
from touchline.tables import (
    COST_ROWS,
    ERASED_EVENTS,
    IDENTITY_CLAIMS,
    REPORTING_RATES,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)

RowsAfter = Callable[[int], pa.RecordBatchReader]
"""Rows of the ledger with a greater number than the given one."""


@dataclass(frozen=True)
class Feed:
    """What the ledger tells: its small tables whole; all else, and what went of it, from a number on."""

    reference: Callable[[str], pa.Table]
    events_after: RowsAfter
    cost_rows_after: RowsAfter
    rates_after: RowsAfter
    erased_after: RowsAfter
    claims_after: RowsAfter
    withdrawn_after: RowsAfter


@dataclass
class Followed:
    """How much was new of each kind, and how much went."""

    events: int = 0
    cost_rows: int = 0
    erased: int = 0
    claims: int = 0
    withdrawn: int = 0
    rates: int = 0


@dataclass(frozen=True)
class _Copy:
    """A table of the engine that follows the ledger, and how it does."""

    table: Table
    number: str
    """The column with the numbers that rise."""
    changes: str
    """The relation that holds what this run took over, and what it dropped."""
    tombstones: Table | None = None
    """Which rows the ledger dropped; ``None`` where it drops none."""


_EVENTS = _Copy(TRACKING_EVENTS, "sequence", "changed_events", ERASED_EVENTS)
_COSTS = _Copy(COST_ROWS, "load_number", "changed_costs")
_RATES = _Copy(REPORTING_RATES, "number", "changed_rates")
_CLAIMS = _Copy(IDENTITY_CLAIMS, "claim", "changed_claims", WITHDRAWN_CLAIMS)


def follow(feed: Feed, engine: Engine) -> Followed:
    """Take over what the ledger committed since the last run; what changed is held where the engine has a workbench."""
    (events, erased), (cost_rows, _), (rates, _), (claims, withdrawn) = (
        _follow(engine, *source) for source in _sources(feed)
    )
    return Followed(events, cost_rows, erased, claims, withdrawn, rates)


def has_news(feed: Feed, engine: Engine) -> bool:
    """Whether the ledger has added or removed rows since the last run."""
    for copy, added_after, gone_after in _sources(feed):
        if _has_rows(added_after(newest_number(engine, copy.table.name, copy.number))):
            return True
        if copy.tombstones and gone_after and _has_rows(gone_after(_newest_tombstone(engine, copy.tombstones))):
            return True
    return False


def _sources(feed: Feed) -> tuple[tuple[_Copy, RowsAfter, RowsAfter | None], ...]:
    """Each copy with the rows that the ledger added, and the tombstones of those that it removed."""
    return (
        (_EVENTS, feed.events_after, feed.erased_after),
        (_COSTS, feed.cost_rows_after, None),
        (_RATES, feed.rates_after, None),
        (_CLAIMS, feed.claims_after, feed.withdrawn_after),
    )


def _has_rows(rows: pa.RecordBatchReader) -> bool:
    with rows:
        return any(batch.num_rows for batch in rows)


def _newest_tombstone(engine: Engine, tombstones: Table) -> int:
    return newest_number(engine, tombstones.name, "tombstone")


def newest_number(engine: Engine, table: str, column: str) -> int:
    """The greatest number in ``column`` of ``table``; 0 where it has no rows."""
    return int(engine.select(f"select coalesce(max({column}), 0) as newest from {table}")["newest"][0].as_py())


def _follow(engine: Engine, copy: _Copy, added_after: RowsAfter, gone_after: RowsAfter | None) -> tuple[int, int]:
    """How many rows were added to the copy, and how many were dropped from it."""
    name, gone = copy.table.name, 0
    newest = newest_number(engine, name, copy.number)
    added = engine.append(copy.table, added_after(newest))
    if not can_increment(engine):  # its copies were emptied first: nothing in them is gone
        if copy.tombstones and gone_after:
            engine.append(copy.tombstones, gone_after(0))
        return added, gone
    changes = f"select * from {name} where {copy.number} > {newest:d}"
    if copy.tombstones and gone_after:
        gone = _drop(engine, copy, copy.tombstones, gone_after)
        changes += f" union all select * from {name}_gone"
    engine.bind(copy.changes, changes)
    return added, gone


def _drop(engine: IncrementalEngine, copy: _Copy, tombstones: Table, gone_after: RowsAfter) -> int:
    """Drop the rows that the ledger dropped; this run keeps them in ``<table>_gone``, to see whom they touch."""
    name, number = copy.table.name, copy.number
    newest = _newest_tombstone(engine, tombstones)
    engine.append(tombstones, gone_after(newest))
    gone = engine.keep(
        f"{name}_gone",
        f"select t.* from {name} as t join"
        f" (select {number} from {tombstones.name} where tombstone > {newest:d}) as g on g.{number} = t.{number}",
    )
    engine.remove(replace(copy.table, unit=(number,)), f"{name}_gone")
    return gone

"""The engine's copies of what the ledger was told: they follow it by numbers that rise in the order of commits.

What a run took over is then named by ``changed_events``, ``changed_costs`` and ``changed_claims``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa

from touchline.engines import Engine
from touchline.table import Table
from touchline.tables import COST_ROWS, ERASED_EVENTS, IDENTITY_CLAIMS, TRACKING_EVENTS, WITHDRAWN_CLAIMS

RowsAfter = Callable[[int], pa.RecordBatchReader]
"""Rows of the ledger with a greater number than the given one."""


@dataclass(frozen=True)
class Feed:
    """What the ledger tells: its small tables whole; events, costs, claims and what went of them from a number on."""

    reference: Callable[[str], pa.Table]
    events_after: RowsAfter
    cost_rows_after: RowsAfter
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


def follow(feed: Feed, engine: Engine) -> Followed:
    """Take over what the ledger committed since the last run."""
    events, erased = _follow_events(feed, engine)
    cost_rows = _follow_costs(feed, engine)
    claims, withdrawn = _follow_claims(feed, engine)
    return Followed(events, cost_rows, erased, claims, withdrawn)


def newest_number(engine: Engine, table: str, column: str) -> int:
    """The greatest number in ``column`` of ``table``; 0 where it has no rows."""
    return int(engine.select(f"select coalesce(max({column}), 0) as newest from {table}")["newest"][0].as_py())


def _follow_events(feed: Feed, engine: Engine) -> tuple[int, int]:
    newest = newest_number(engine, "tracking_events", "sequence")
    added = engine.append(TRACKING_EVENTS, feed.events_after(newest))
    gone = _drop(engine, TRACKING_EVENTS, "sequence", ERASED_EVENTS, feed.erased_after)
    engine.bind(
        "changed_events",
        f"select * from tracking_events where sequence > {newest:d} union all select * from tracking_events_gone",
    )
    return added, gone


def _follow_costs(feed: Feed, engine: Engine) -> int:
    newest = newest_number(engine, "cost_rows", "load_number")
    added = engine.append(COST_ROWS, feed.cost_rows_after(newest))
    engine.bind("changed_costs", f"select * from cost_rows where load_number > {newest:d}")
    return added


def _follow_claims(feed: Feed, engine: Engine) -> tuple[int, int]:
    newest = newest_number(engine, "identity_claims", "claim")
    added = engine.append(IDENTITY_CLAIMS, feed.claims_after(newest))
    gone = _drop(engine, IDENTITY_CLAIMS, "claim", WITHDRAWN_CLAIMS, feed.withdrawn_after)
    engine.bind(
        "changed_claims",
        f"select * from identity_claims where claim > {newest:d} union all select * from identity_claims_gone",
    )
    return added, gone


def _drop(engine: Engine, table: Table, number: str, tombstones: Table, gone_after: RowsAfter) -> int:
    """Drop what the ledger has no more; this run keeps it in ``<table>_gone``, to see whom it touches."""
    newest = newest_number(engine, tombstones.name, "tombstone")
    engine.append(tombstones, gone_after(newest))
    gone = engine.keep(
        f"{table.name}_gone",
        f"select t.* from {table.name} as t join"
        f" (select {number} from {tombstones.name} where tombstone > {newest:d}) as g on g.{number} = t.{number}",
    )
    engine.remove(replace(table, unit=(number,)), f"{table.name}_gone")
    return gone

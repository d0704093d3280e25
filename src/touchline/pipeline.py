"""The river, whole: from the ledger's events to findings and health, in the order in which it flows."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import pyarrow as pa

from touchline import attribution, channels, health, identity, rollups, sessions, spend, waste
from touchline.channels.ladder import RULE_VERSION
from touchline.engines import Engine
from touchline.scope import Rebuild, Run
from touchline.sql import definitions
from touchline.table import Table
from touchline.tables import (
    ALL,
    APPLIED_RULES,
    COST_ROWS,
    ERASED_EVENTS,
    IDENTITY_CLAIMS,
    REFERENCE,
    TOLD,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)

STAGES = (
    identity.STAGE,
    sessions.STAGE,
    channels.STAGE,
    attribution.STAGE,
    spend.STAGE,
    rollups.STAGE,
    waste.STAGE,
    health.STAGE,
)

_TABLES = hashlib.sha256(repr(sorted(ALL.items())).encode()).hexdigest()

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many of how many stages are done."""


_ADDED = tuple((f"touchline.{stage.name}", table) for stage in STAGES for table in stage.writes if table.sums)
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
class RunReport:
    """What a run did: how much of each kind was new, and how much went; each stage's seconds and rows."""

    is_rebuild: bool = False
    events: int = 0
    cost_rows: int = 0
    erased: int = 0
    claims: int = 0
    withdrawn: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def run(feed: Feed, engine: Engine, *, is_rebuild: bool = False, progress: Progress | None = None) -> RunReport:
    """Bring the engine's tables to what the ledger says, all of it or nothing.

    :param is_rebuild: forget everything derived and make it anew. A run also does so by itself where the engine is
        empty, or where a rule, a goal or a setting changed that the tables were made with.
    """
    told = progress or (lambda _doing, _done, _total: None)
    report = RunReport()
    with engine.transaction():
        made_by = _prepare(engine, is_rebuild=is_rebuild)
        told("following the ledger", 0, len(STAGES) + 1)
        _timed(report, "follow", lambda: _follow(feed, engine, report))
        reference = {table: feed.reference(table.name) for table in REFERENCE}
        rules = _digests(reference, engine)
        if made_by.get("reference") != rules["reference"]:
            _load(engine, reference)
        report.is_rebuild = made_by.get("rules") != rules["rules"]
        written = report.rows.__setitem__
        river = Rebuild(engine, written) if report.is_rebuild else Run(engine, written, _ADDED)
        for number, stage in enumerate(STAGES, 1):
            told(stage.name, number, len(STAGES) + 1)
            _timed(report, stage.name, partial(stage.run, river))
        engine.append(APPLIED_RULES, pa.table({"name": list(rules), "value": list(rules.values())}))
        told("done", len(STAGES) + 1, len(STAGES) + 1)
    return report


def is_whole(engine: Engine) -> bool:
    """Whether the last run into ``engine`` was one of this release, and came to its end."""
    made = engine.select("select 1 as one from information_schema.tables where table_name = 'applied_rules'")
    if not made.num_rows:
        return False
    applied = engine.select("select name, value from applied_rules where name = 'tables'")
    return bool(applied["value"].to_pylist() == [_shape(engine)])


def _timed(report: RunReport, name: str, work: Callable[[], None]) -> None:
    started = time.perf_counter()
    work()
    report.seconds[name] = time.perf_counter() - started


def _prepare(engine: Engine, *, is_rebuild: bool) -> dict[str, str]:
    """Have every table of this release, empty where it has to be made anew; returns the rules that made the rest.

    From here to its end a run has no rules: where an engine knows no transactions and the run is cut off, the next one
    finds none, and makes all anew.
    """
    engine.create(APPLIED_RULES)
    applied = engine.select("select name, value from applied_rules")
    made_by = dict(zip(applied["name"].to_pylist(), applied["value"].to_pylist(), strict=True))
    if made_by.get("tables") != _shape(engine):
        engine.drop(*ALL.values())
        for table in ALL.values():
            engine.create(table)
        return {}
    engine.remove(APPLIED_RULES)
    if is_rebuild:
        for table in TOLD:
            engine.remove(table)
        return {}
    return made_by


def _follow(feed: Feed, engine: Engine, report: RunReport) -> None:
    """Take over what the ledger committed since the last run; ``changed_…`` then names it."""
    events, costs = (
        newest_number(engine, "tracking_events", "sequence"),
        newest_number(engine, "cost_rows", "load_number"),
    )
    report.events = engine.append(TRACKING_EVENTS, feed.events_after(events))
    report.cost_rows = engine.append(COST_ROWS, feed.cost_rows_after(costs))
    report.erased = _drop(engine, TRACKING_EVENTS, "sequence", ERASED_EVENTS, feed.erased_after)
    engine.bind(
        "changed_events",
        f"select * from tracking_events where sequence > {events:d} union all select * from tracking_events_gone",
    )
    engine.bind("changed_costs", f"select * from cost_rows where load_number > {costs:d}")
    _follow_claims(feed, engine, report)


def _follow_claims(feed: Feed, engine: Engine, report: RunReport) -> None:
    newest = newest_number(engine, "identity_claims", "claim")
    report.claims = engine.append(IDENTITY_CLAIMS, feed.claims_after(newest))
    report.withdrawn = _drop(engine, IDENTITY_CLAIMS, "claim", WITHDRAWN_CLAIMS, feed.withdrawn_after)
    engine.bind(
        "changed_claims",
        f"select * from identity_claims where claim > {newest:d} union all select * from identity_claims_gone",
    )


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


def newest_number(engine: Engine, table: str, column: str) -> int:
    """The greatest number in ``column`` of ``table``; 0 where it has no rows."""
    return int(engine.select(f"select coalesce(max({column}), 0) as newest from {table}")["newest"][0].as_py())


def _digests(reference: Mapping[Table, pa.Table], engine: Engine) -> dict[str, str]:
    """What all is made by: ``rules`` names what makes the derived tables, beside events and costs."""
    rules, said = hashlib.sha256(RULE_VERSION.encode()), hashlib.sha256()
    for table, rows in reference.items():
        text = repr(rows.sort_by([(name, "ascending") for name in table.key]).to_pylist()).encode()
        said.update(text)
        if table.name != "targets":  # waste findings are made anew by every run
            rules.update(text)
    for stage in STAGES:
        rules.update(definitions(f"touchline.{stage.name}").encode())
    return {"rules": rules.hexdigest(), "reference": said.hexdigest(), "tables": _shape(engine)}


def _shape(engine: Engine) -> str:
    """Names the tables and columns of this release: an engine that holds others is made anew."""
    return f"{_TABLES} {engine.layout}".rstrip()


def _load(engine: Engine, reference: Mapping[Table, pa.Table]) -> None:
    for table, rows in reference.items():
        engine.remove(table)
        engine.append(table, rows)

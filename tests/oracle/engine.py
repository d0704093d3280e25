"""The real pipeline on an empty engine, fed from lists instead of a ledger."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import pyarrow as pa

from tests.engines.servers import FRESH
from tests.oracle.world import Row, Tables, World, reference
from touchline import pipeline
from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.table import Kind, Table
from touchline.tables import (
    ALL,
    COST_ROWS,
    ERASED_EVENTS,
    IDENTITY_CLAIMS,
    REPORTING_RATES,
    RIVER,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)

_ARROW = {
    Kind.TEXT: pa.string(), Kind.INTEGER: pa.int64(), Kind.BOOLEAN: pa.bool_(), Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.DATE: pa.date32(), Kind.DOUBLE: pa.float64(), Kind.WIDE: pa.decimal128(38, 0),
}  # fmt: skip


ENGINE = ContextVar("ENGINE", default="duckdb")
"""The name of the engine on which worlds are lived through."""


@contextmanager
def living_on(engine: str) -> Iterator[str]:
    """Meanwhile worlds are lived through on the engine of this name."""
    token = ENGINE.set(engine)
    try:
        yield engine
    finally:
        ENGINE.reset(token)


def fresh() -> Engine:
    """That engine, holding nothing."""
    return FRESH[ENGINE.get()]()


def arrow(table: Table, rows: Iterable[Row]) -> pa.Table:
    """Rows as an Arrow table of the declared types."""
    listed = list(rows)
    return pa.table({c.name: pa.array([row[c.name] for row in listed], _ARROW[c.kind]) for c in table.columns})


@dataclass
class ListFeed:
    """A ledger in lists: numbers events and loads as they come.

    Under one id the first verified event stands, or the first one where none is verified.
    """

    reference: Tables
    events: dict[tuple[str, str], Row] = field(default_factory=dict)
    costs: list[Row] = field(default_factory=list)
    rates: list[Row] = field(default_factory=list)
    loads: int = 0
    sequence: int = 0
    erased: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    withdrawn: list[Row] = field(default_factory=list)
    claimed: int = 0

    def tell(self, events: Iterable[Row]) -> None:
        """Take events."""
        for event in events:
            key = event["site_id"], event["event_id"]
            stands = self.events.get(key)
            if stands and event["is_verified"] and not stands["is_verified"]:
                self._bury(key)
            if key not in self.events:
                self.sequence += 1
                self.events[key] = event | {"sequence": self.sequence}

    def _bury(self, key: tuple[str, str]) -> None:
        gone = self.events.pop(key)
        self.erased.append({"tombstone": len(self.erased) + 1, "sequence": gone["sequence"]})

    def erase(self, *event_ids: str, owner: str | None = None) -> None:
        """Forget events of any site, or of one organization's."""
        ids = [key for key, row in self.events.items() if key[1] in event_ids and _is_of(owner, row)]
        for key in ids:
            self._bury(key)

    def claim(self, claims: Iterable[Row]) -> None:
        """Take identity claims; of one pair from one source the first stands."""
        for claim in claims:
            if not any(claim.items() - {("claimed_at", claim["claimed_at"])} <= known.items() for known in self.claims):
                self.claimed += 1
                self.claims.append(claim | {"claim": self.claimed})

    def withdraw(self, *names: str, owner: str | None = None) -> None:
        """Forget the claims that name one of these, everybody's or one organization's."""
        named = [row for row in self.claims if {row["identifier"], row["linked_identifier"]} & {*names}]
        for gone in [row for row in named if _is_of(owner, row)]:
            self.claims.remove(gone)
            self.withdrawn.append({"tombstone": len(self.withdrawn) + 1, "claim": gone["claim"]})

    def load(self, rows: Iterable[Row]) -> None:
        """Take one load of costs."""
        self.loads += 1
        self.costs += [row | {"load_number": self.loads} for row in rows]

    def rate(self, rates: Iterable[Row]) -> None:
        """Take exchange rates."""
        for row in rates:
            self.rates.append(row | {"number": len(self.rates) + 1})

    @property
    def feed(self) -> pipeline.Feed:
        """What the pipeline reads."""
        return pipeline.Feed(
            reference=lambda name: arrow(ALL[name], self.reference[name]),
            events_after=lambda n: _after(TRACKING_EVENTS, self.events.values(), "sequence", n),
            cost_rows_after=lambda n: _after(COST_ROWS, self.costs, "load_number", n),
            rates_after=lambda n: _after(REPORTING_RATES, self.rates, "number", n),
            erased_after=lambda n: _after(ERASED_EVENTS, self.erased, "tombstone", n),
            claims_after=lambda n: _after(IDENTITY_CLAIMS, self.claims, "claim", n),
            withdrawn_after=lambda n: _after(WITHDRAWN_CLAIMS, self.withdrawn, "tombstone", n),
        )


def _is_of(owner: str | None, row: Row) -> bool:
    return owner in {None, row["organization_id"]}


def _after(table: Table, rows: Iterable[Row], column: str, number: int) -> pa.RecordBatchReader:
    return arrow(table, (row for row in rows if row[column] > number)).to_reader()


def told(worlds: list[World]) -> ListFeed:
    """A ledger that was told everything at once."""
    ledger = ListFeed(reference(worlds))
    for world in worlds:
        ledger.tell(world.events)
        ledger.claim(world.claims)
        ledger.rate(world.rates)
        for rows in world.loads:
            ledger.load(rows)
    return ledger


def rebuilt(ledger: ListFeed) -> Tables:
    """The tables of a fresh engine."""
    with closing(fresh()) as engine:
        pipeline.run(ledger.feed, engine)
        return snapshot(engine)


def tables_of(worlds: list[World]) -> Tables:
    """The engine's tables of the worlds, all at once."""
    return rebuilt(told(worlds))


def snapshot(engine: Engine) -> Tables:
    """Every row of the river's tables, by key."""
    keys = {table.name: ", ".join(table.key) for table in RIVER}
    return {name: python_rows(engine.select(f"select * from {name} order by {key}")) for name, key in keys.items()}


def unnumbered(tables: Tables) -> Tables:
    """The tables without the numbers of cost loads, which tell how the loads of several organizations came in."""
    kept = {name: [c for c in ALL[name].column_names if c != "load_number"] for name in tables}
    return {name: [{column: row[column] for column in kept[name]} for row in rows] for name, rows in tables.items()}


def changes(before: Mapping[str, list[Row]], after: Mapping[str, list[Row]]) -> str:
    """How two snapshots differ, in the first table that does; ``""`` where they are the same."""
    for name, rows in before.items():
        if rows != after[name]:
            gone = [row for row in rows if row not in after[name]][:4]
            come = [row for row in after[name] if row not in rows][:4]
            return "\n".join([f"{name}: gone", *map(repr, gone), "come", *map(repr, come)])
    return ""

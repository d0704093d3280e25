"""What a run holds on its way is a set: no row twice, and none that belongs to nobody; and it is enough."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pyarrow as pa

from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import World, at, cost, event, goal, organization, site
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.engines import DuckDB, Engine
from touchline.scope.units import made
from touchline.table import Table

ALLOWED_NULLS = {"scope_touches_before": {"user_agent"}}
"""A touch need not say by which browser it came."""


class _Looking:
    """An engine that is looked at after each relation that a run holds."""

    def __init__(self, engine: Engine, faults: list[str], seen: dict[str, int]) -> None:
        self._engine = cast("DuckDB", engine)
        self._faults = faults
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        return self._looked_at(name, self._engine.keep(name, select, views))

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        return self._looked_at(name, self._engine.hold(name, table, rows))

    def _looked_at(self, name: str, rows: int) -> int:
        held = self._engine.select(f"select * from {name}")
        self._seen[name] = self._seen.get(name, 0) + held.num_rows
        distinct = held.group_by(held.column_names).aggregate([]).num_rows
        if distinct != held.num_rows:
            self._faults.append(f"{name} holds {held.num_rows} rows, {distinct} of them different")
        if name.startswith("scope_"):
            nobody = [one for one in held.column_names if held[one].null_count]
            if set(nobody) - ALLOWED_NULLS.get(name, set()):
                self._faults.append(f"{name} holds rows without {', '.join(nobody)}")
        return rows


def begun(world: World, events: int) -> World:
    """The world when some of its events, its first costs, rate and claim were told."""
    return replace(
        world, events=world.events[:events], loads=world.loads[:1], claims=world.claims[:1], rates=world.rates[:1]
    )


def told_the_rest(ledger: ListFeed, worlds: list[World], part: int) -> None:
    """A part of what is left, out of order; some of what was told goes again."""
    for number, world in enumerate(worlds):
        ledger.tell(world.events[part::3])
        ledger.claim(world.claims[part:])
        ledger.rate(world.rates[part : part + 1])
        for load in world.loads[part:]:
            ledger.load(load)
        gone = [row["event_id"] for row in world.events[number % 5 :: 7]]
        ledger.erase(*gone[part - 1 :: 2], owner=world.name)
        ledger.withdraw(*(row["identifier"] for row in world.claims[:1]), owner=world.name)


def test_what_a_run_holds_is_a_set_and_enough() -> None:
    worlds = drawn(22, 11)
    ledger = told([begun(world, 3 + number % 4 * 6) for number, world in enumerate(worlds)])
    faults: list[str] = []
    seen: dict[str, int] = {}
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        for part in (1, 2):
            told_the_rest(ledger, worlds, part)
            report = pipeline.run(
                ledger.feed, engine, wrap_engine=lambda made: cast("Engine", _Looking(made, faults, seen))
            )
            assert not report.is_rebuild
            assert changes(rebuilt(ledger), snapshot(engine)) == ""
    assert faults == []
    assert [name for name, rows in seen.items() if not rows] == ["scope_no_costs"]


class _Writing:
    """An engine that records which tables a run computes rows for."""

    def __init__(self, engine: Engine, computed: list[str]) -> None:
        self._engine = cast("DuckDB", engine)
        self._computed = computed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        if views is not None:
            self._computed.append(name)
        return self._engine.keep(name, select, views)

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        if scope is not None:
            self._computed.append(table.name)
        return self._engine.replace(table, select, views, scope)


def test_rows_are_computed_only_for_units_that_changed() -> None:
    came: dict[str, Any] = {"visitor_id": "ann", "utm_source": "google", "url": "https://shop.example/"}
    said: dict[str, Any] = {"visitor_id": "ann", "type": "CONVERSION", "value_micros": 7, "order_id": "a"}
    known = [event("p", at("2026-03-02 10:00"), **came), event("o", at("2026-03-02 11:00"), **said)]
    ledger = told([World(organization(), [site()], [goal()], [], known, [[cost(date(2026, 3, 2), 5)]])])
    computed: list[str] = []
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        ledger.load([cost(date(2026, 3, 4), 1)])
        pipeline.run(ledger.feed, engine, wrap_engine=lambda own: cast("Engine", _Writing(own, computed)))
        of_costs = {*computed}
        computed.clear()
        ledger.tell([event("bob", at("2026-03-05 10:00"), visitor_id="bob")])
        pipeline.run(ledger.feed, engine, wrap_engine=lambda own: cast("Engine", _Writing(own, computed)))
        of_visits = {*computed}
        assert changes(rebuilt(ledger), snapshot(engine)) == ""
    summed = {f"daily_rollups{part}" for part in ("", "_before", "_deltas")}
    assert of_costs == {"ad_costs", "channel_spend", *summed}
    of_orders = ("corrections", "paths", "attribution_links")
    assert {"made_sessions", "sessions", "made_touchpoints", "touchpoints"} <= of_visits
    assert of_visits.isdisjoint({*of_costs - summed, "campaigns", "campaign_names", *of_orders, *map(made, of_orders)})

"""The engines are one another's equals: the same worlds make the same tables, to the last byte, whole or in parts.

Many worlds go through in one run, as organizations beside one another.
"""

from contextlib import ExitStack, closing
from dataclasses import replace
from random import Random

import pytest
from hypothesis import settings

from tests.engines.servers import FRESH
from tests.oracle.arrival import in_parts, rates_in_parts
from tests.oracle.engine import ListFeed, changes, living_on, rebuilt, snapshot, tables_of, told
from tests.oracle.judge import disagreements
from tests.oracle.world import reference
from tests.oracle.worlds import drawn
from touchline import pipeline

OTHERS = [name for name in FRESH if name != "duckdb"]
WORLDS, PARTS, RUNS = (1_000, 3, 10) if settings().max_examples >= 1_000 else (24, 2, 1)
"""How many go through at once, in how many parts, and how often: 10,000 worlds an engine where many are asked for."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 2 * WORLDS)]


@pytest.mark.parametrize("chance", range(RUNS))
def test_every_engine_and_the_definitions_say_the_same(chance: int) -> None:
    lived = drawn(WORLDS, chance)
    assert len(lived) >= WORLDS
    tables = tables_of(lived)
    assert disagreements(tables, lived) == ""
    for engine in OTHERS:
        with living_on(engine):
            assert changes(tables, tables_of(lived)) == "", engine


@pytest.mark.parametrize("chance", range(RUNS))
def test_runs_in_parts_keep_every_engine_in_step(chance: int) -> None:
    """After each part: the same tables on all, which are those of a rebuild; and at the end a run changes nothing."""
    lived = drawn(WORLDS, 1_000 + chance)
    ledger = ListFeed(reference(lived))
    arrivals = [in_parts(world, PARTS, Random(chance)) for world in lived]
    rates = [rates_in_parts(world, PARTS) for world in lived]
    with ExitStack() as stack:
        engines = [stack.enter_context(closing(fresh())) for fresh in FRESH.values()]
        for number in range(PARTS + 1):
            if number < PARTS:
                for events, loads, claims in (arrival[number] for arrival in arrivals):
                    ledger.tell(events)
                    ledger.claim(claims)
                    for load in loads:
                        ledger.load(load)
                for of_world in rates:
                    ledger.rate(of_world[number])
                expected = rebuilt(ledger)
            for engine in engines:
                report = pipeline.run(ledger.feed, engine)
                assert report.is_rebuild == (number == 0)
                assert changes(expected, snapshot(engine)) == "", (type(engine).__name__, number)


@pytest.mark.parametrize("engine", OTHERS)
def test_other_rules_apply_to_the_whole_past_on_every_engine(engine: str) -> None:
    lived, others = drawn(20, 7), drawn(20, 8)
    changed = [
        replace(
            other,
            sites=world.sites,
            events=world.events,
            loads=world.loads,
            claims=world.claims,
            rates=world.rates,
        )
        for world, other in zip(lived, others, strict=False)
    ]
    ledger = told(lived[: len(changed)])
    with closing(FRESH[engine]()) as opened:
        pipeline.run(ledger.feed, opened)
        ledger.reference = reference(changed)
        assert pipeline.run(ledger.feed, opened).is_rebuild
        assert changes(rebuilt(ledger), snapshot(opened)) == ""

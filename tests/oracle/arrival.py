"""How the same things may reach Touchline: in any order, twice, in parts, with a run of the river after each part."""

from contextlib import closing
from itertools import pairwise
from random import Random

from tests.oracle.engine import ListFeed, fresh, snapshot
from tests.oracle.world import Row, Tables, World, reference
from touchline import pipeline

Part = tuple[list[Row], list[list[Row]], list[Row]]
"""Events, cost loads and identity claims that come together."""


def rates_in_parts(world: World, parts: int) -> list[list[Row]]:
    """The world's exchange rates in their own order, in ``parts`` parts of which the first has the fewest."""
    edges = [len(world.rates) * n // parts for n in range(parts + 1)]
    return [world.rates[start:end] for start, end in pairwise(edges)]


def in_parts(world: World, parts: int, chance: Random) -> list[Part]:
    """The world's events and claims in another order, some twice, its loads in their own order, in ``parts`` parts.

    Under the ids of some verified events an unverified sender says something else.
    """
    events = [*world.events, *chance.sample(world.events, len(world.events) // 4), *_forged(world, chance)]
    chance.shuffle(events)
    cuts = sorted(chance.randint(0, len(events)) for _ in range(parts - 1))
    edges = [0, *cuts, len(events)]
    when = sorted(chance.randrange(parts) for _ in world.loads)
    told = [(chance.randrange(parts), claim) for claim in world.claims * 2]
    return [
        (
            events[edges[n] : edges[n + 1]],
            [load for load, part in zip(world.loads, when, strict=True) if part == n],
            [claim for part, claim in told if part == n],
        )
        for n in range(parts)
    ]


def _forged(world: World, chance: Random) -> list[Row]:
    """Unverified reports with the ids of verified events and the words of others."""
    verified = [row for row in world.events if row["is_verified"]]
    own = ("site_id", "event_id", "organization_id")
    return [
        chance.choice(world.events) | {name: row[name] for name in own} | {"is_verified": False}
        for row in chance.sample(verified, len(verified) // 4)
    ]


def flowed(worlds: list[World], parts: int, chance: Random) -> tuple[Tables, ListFeed]:
    """The engine's tables after everything came in parts, each followed by a run; and the ledger as it then stands.

    A last run, with nothing new, must change nothing.
    """
    ledger = ListFeed(reference(worlds))
    arrivals = [in_parts(world, parts, chance) for world in worlds]
    rates = [rates_in_parts(world, parts) for world in worlds]
    with closing(fresh()) as engine:
        for number in range(parts):
            for arrival in arrivals:
                events, loads, claims = arrival[number]
                ledger.tell(events)
                ledger.claim(claims)
                for load in loads:
                    ledger.load(load)
            for of_world in rates:
                ledger.rate(of_world[number])
            pipeline.run(ledger.feed, engine)
        tables = snapshot(engine)
        pipeline.run(ledger.feed, engine)
        assert snapshot(engine) == tables, "a run with nothing new changed something"
        return tables, ledger

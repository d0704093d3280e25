"""The river's tables of two organizations with equal names: those of each are the tables of the organization alone."""

from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from tests.oracle.arrival import in_parts, rates_in_parts
from tests.oracle.engine import ListFeed, fresh, snapshot, tables_of, unnumbered
from tests.oracle.world import Row, Tables, World, reference
from tests.oracle.worlds import drawn
from touchline import pipeline

SHARED = {"evidence_channels", "agents"}
"""Tables of evidence, which name nobody and are everybody's."""
COUNT = 6
PARTS = 2


def twin(world: World) -> World:
    """Another organization that was told the same under the same names; only its id and its sites are its own."""
    sites = {site["site_id"]: f"{site['site_id']}-twin" for site in world.sites}

    def own(row: Row) -> Row:
        renamed = {name: _named(value, sites) for name, value in row.items() if isinstance(value, str)}
        return {**row, **renamed, "organization_id": f"{world.name}-twin"}

    return replace(
        world, organization=own(world.organization), sites=[own(one) for one in world.sites],
        goals=[own(one) for one in world.goals], targets=[own(one) for one in world.targets],
        events=[own(one) for one in world.events], loads=[[own(one) for one in load] for load in world.loads],
        claims=[own(one) for one in world.claims],
        fits=[_own_fit(own(fit), [own(value) for value in fit["values"]]) for fit in world.fits],
        ignored={sites[site_id]: hosts for site_id, hosts in world.ignored.items()},
        rates=[own(one) for one in world.rates], cost_sites=[own(one) for one in world.cost_sites],
    )  # fmt: skip


def _own_fit(fit: Row, values: list[Row]) -> Row:
    """A fit under an id of its own, as the id of a real one says whose it is."""
    fit_id = f"{fit['fit_id']}-twin"
    return fit | {"fit_id": fit_id, "values": [value | {"fit_id": fit_id} for value in values]}


def _named(value: str, sites: dict[str, str]) -> str:
    """An id of a site, or an identifier that holds one, with the twin's site."""
    kind, site, rest = (*value.split(":", 2), "", "")[:3]
    return sites.get(value, f"{kind}:{sites[site]}:{rest}" if site in sites else value)


def of(tables: Tables, name: str) -> Tables:
    """The rows of one organization."""
    return {
        table: [row for row in rows if row["organization_id"] == name]
        for table, rows in unnumbered(tables).items() if table not in SHARED
    }  # fmt: skip


@pytest.fixture(scope="module")
def pairs() -> list[World]:
    """Each world with its twin, which was told less of the same."""
    chance = Random(5)
    found = []
    for world in drawn(COUNT, 5):
        other = twin(world)
        fewer = [event for event in other.events if chance.random() < 0.7]
        found += [world, replace(other, events=fewer, loads=other.loads[1:])]
    return found


@pytest.fixture(scope="module")
def alone(pairs: list[World]) -> list[Tables]:
    """The tables of each world by itself, made on DuckDB: the engines are one another's equals (``test_engines``)."""
    return [tables_of([world]) for world in pairs]


@pytest.mark.slow
def test_tables_of_two_with_equal_names_are_those_of_each_alone(
    pairs: list[World], alone: list[Tables], on_every_engine: str
) -> None:
    """After runs in parts as well: what is new of one touches nothing of the other."""
    ledger = ListFeed(reference(pairs))
    arrivals = [in_parts(world, PARTS, Random(7)) for world in pairs]
    rates = [rates_in_parts(world, PARTS) for world in pairs]
    with closing(fresh()) as engine:
        for number in range(PARTS):
            for arrival in arrivals:
                events, loads, claims = arrival[number]
                ledger.tell(events)
                ledger.claim(claims)
                for load in loads:
                    ledger.load(load)
            for of_world in rates:
                ledger.rate(of_world[number])
            pipeline.run(ledger.feed, engine)
        together = snapshot(engine)
    for world, tables in zip(pairs, alone, strict=True):
        assert of(together, world.name) == of(tables, world.name), world.name

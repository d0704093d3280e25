"""New fits make the links again that follow from them, and the tables are those of a rebuild."""

from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from tests.engines.servers import FRESH
from tests.laws.conftest import WORLDS
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import Row, World, fit, reference
from tests.oracle.worlds import START, drawn
from touchline import pipeline
from touchline.engines import Engine


def earlier(world: World, chance: Random) -> World:
    """The world before some of its fits were made; the first of each kind was there."""
    first = {row["kind"]: row for row in reversed(world.fits)}
    others = [row for row in world.fits if row is not first[row["kind"]]]
    return replace(world, fits=[*first.values(), *(row for row in others if chance.random() < 0.5)])


def later(world: World, chance: Random) -> World:
    """The world with another version of a fit, and with a fit of a window that ends on any day of it."""
    markov = [row for row in world.fits if row["kind"] == "MARKOV"]
    if not markov:
        return world
    again = chance.choice(markov)
    effects = {("", name, "removal_effect"): chance.random() for name in ("Paid Search", "Email", "Direct", "Referral")}
    return replace(
        world,
        fits=[
            *world.fits,
            fit(again["window_end"], effects, world.name, version=int(again["version"]) + 7),
            fit(START.date().replace(day=chance.randint(1, 28)), effects, world.name, version=9),
        ],
    )


@pytest.mark.parametrize("engine", FRESH)
def test_new_fits_make_links_again_and_the_tables_are_those_of_a_rebuild(
    engine: str, number: int, chance: Random
) -> None:
    """At first the fits come alone, and then with events, claims and costs."""
    worlds = drawn(WORLDS // 2, number)
    ledger = ListFeed(reference([earlier(world, chance) for world in worlds]))
    late = [event for world in worlds for event in tell_most(ledger, world, chance)]
    with closing(FRESH[engine]()) as opened:
        pipeline.run(ledger.feed, opened)
        before = links(opened)
        ledger.reference = reference(worlds)
        report = pipeline.run(ledger.feed, opened)
        made = snapshot(opened)
        moved = [row for row in made["attribution_links"] if row not in before]
        assert not report.is_rebuild
        assert 0 < len(moved) <= report.refitted_links < len(before)
        assert changes(rebuilt(ledger), made) == ""
        ledger.tell(late)
        for world in worlds:
            ledger.claim(world.claims)
            ledger.rate(world.rates)
            for rows in world.loads:
                ledger.load(rows)
        ledger.reference = reference([later(world, chance) for world in worlds])
        report = pipeline.run(ledger.feed, opened)
        assert (report.is_rebuild, report.refitted_links > 0) == (False, True)
        assert changes(rebuilt(ledger), snapshot(opened)) == ""
        assert pipeline.run(ledger.feed, opened).refitted_links == 0


def tell_most(ledger: ListFeed, world: World, chance: Random) -> list[Row]:
    """Let most of the world's events come; returns the others."""
    events = chance.sample(world.events, len(world.events))
    some = len(events) * 3 // 4
    ledger.tell(events[:some])
    return events[some:]


def test_the_first_fit_of_a_model_is_a_rebuild() -> None:
    """Every conversion of the organization gets links under a model that it did not have."""
    worlds = drawn(3, 5)
    ledger = told(worlds)
    ledger.reference = reference([replace(world, fits=[]) for world in worlds])
    with closing(FRESH["duckdb"]()) as opened:
        pipeline.run(ledger.feed, opened)
        ledger.reference = reference(
            [later(replace(world, fits=[fit(START.date(), {}, world.name)]), Random(1)) for world in worlds]
        )
        assert pipeline.run(ledger.feed, opened).is_rebuild


def links(engine: Engine) -> list[Row]:
    return snapshot(engine)["attribution_links"]

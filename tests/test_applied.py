"""What an engine keeps of former runs: begun anew where that is asked for, or where it cannot go on."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.oracle.engine import told
from tests.oracle.world import World, at, event, goal, organization, site
from touchline import pipeline
from touchline.applied import prepare, stored_digests
from touchline.engines import DuckDB
from touchline.tables import TOLD


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    """After a run over one event."""
    events = [event("e", at("2026-03-01 10:00"), visitor_id="a")]
    with closing(DuckDB()) as made:
        pipeline.run(told([World(organization(), [site()], [goal()], [], events)]).feed, made)
        yield made


def kept(engine: DuckDB) -> int:
    return sum(engine.select(f"select * from {table.name}").num_rows for table in TOLD)


def test_a_run_goes_on_from_what_was_told(engine: DuckDB) -> None:
    stored = stored_digests(engine)
    assert {"reference", "rules"} <= stored.keys()
    with engine.transaction():
        assert prepare(engine, stored, is_rebuild=False) == stored
    assert kept(engine) == 1


def test_a_rebuild_begins_with_nothing(engine: DuckDB) -> None:
    with engine.transaction():
        assert prepare(engine, stored_digests(engine), is_rebuild=True) == {}
    assert kept(engine) == 0


def test_an_engine_that_holds_nothing_gets_its_tables() -> None:
    with closing(DuckDB()) as engine, engine.transaction():
        assert prepare(engine, {}, is_rebuild=False) == {}
        assert kept(engine) == 0

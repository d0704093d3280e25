"""What a run holds on ClickHouse lies in a database of that run's own, in which no other run can meet it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any, cast

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.engines.servers import empty_clickhouse
from tests.engines.visits import MADE, THREE, VISITS, standing, told, visits
from tests.oracle.engine import ListFeed, changes, living_on, rebuilt, snapshot
from tests.oracle.engine import told as ledger_of
from tests.oracle.world import World, at, event, goal, organization, site
from touchline import pipeline
from touchline.engines import Engine, clickhouse, clickhouse_errors
from touchline.engines.clickhouse import ClickHouse
from touchline.errors import HomeError

OF_RUN = clickhouse._OF_RUN
OLD, NEW = 1_700_000_000, 4_000_000_000
"""Times in the past and the future, in seconds since 1970."""


@pytest.fixture
def engine() -> Iterator[ClickHouse]:
    with closing(empty_clickhouse()) as opened:
        for name in of_runs(opened):
            opened._run(f"drop database {name}")
        opened.create(VISITS)
        opened.append(VISITS, visits(THREE))
        yield opened


@contextmanager
def another(*, is_read_only: bool = False) -> Iterator[ClickHouse]:
    """A second connection to the same server."""
    with closing(ClickHouse("chdb://", is_read_only=is_read_only)) as opened:
        yield opened


def of_runs(engine: ClickHouse) -> list[str]:
    """The databases that look like a run's."""
    found = engine._client.query("select name from system.databases where match(name, '_run_') order by name")
    return [name for (name,) in found.result_rows]


def test_two_runs_hold_different_rows_under_one_name(engine: ClickHouse) -> None:
    with another() as other:
        engine.keep("changed", "select 'ada' as person_id")
        other.keep("changed", "select 'bob' as person_id")
        engine.narrow("seen", VISITS, ("person_id",), "changed")
        other.narrow("seen", VISITS, ("person_id",), "changed")
        engine.bind("bound", "select * from seen where pages is not null")
        other.bind("bound", "select * from seen")
        assert standing(engine, "seen") == THREE[:2]
        assert (standing(engine, "bound"), standing(other, "bound")) == (THREE[:1], THREE[2:])
        assert len(of_runs(engine)) == 2
    assert standing(engine, "bound") == THREE[:1]
    told(engine, [("ada", "a9", 9), ("bob", "b9", 9)])
    assert engine.replace(VISITS, MADE, {}, "changed") == 1
    assert standing(engine) == [("ada", "a9", 90), ("bob", "b1", 3)]


class _Meddled:
    """An engine beside which another run holds something else under each name that this one holds."""

    def __init__(self, engine: ClickHouse, other: ClickHouse) -> None:
        self._engine, self._other = engine, other
        self.kept = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        rows = self._engine.keep(name, select, views)
        self._other.keep(name, "select 'nothing of the kind' as other")
        self.kept += 1
        return rows

    def bind(self, name: str, select: str) -> None:
        self._engine.bind(name, select)
        self._other.bind(name, "select 'nothing of the kind' as other")


def _bought(name: str, day: int) -> list[dict[str, object]]:
    said = {"visitor_id": name, "page_domain": "shop.example"}
    return [
        event(f"p{name}", at(f"2026-03-{day:02} 10:00"), **said, utm_source="google", utm_medium="cpc"),
        event(f"o{name}", at(f"2026-03-{day:02} 10:01"), **said, type="CONVERSION", value_micros=7, order_id=name),
    ]


def test_a_run_comes_out_as_ever_beside_another_that_holds_the_same_names() -> None:
    ledger: ListFeed = ledger_of([World(organization(), [site()], [goal()], events=_bought("ann", 2))])
    with closing(empty_clickhouse()) as engine, another() as other:
        pipeline.run(ledger.feed, engine)
        ledger.tell(_bought("bob", 3))
        meddled = _Meddled(engine, other)
        report = pipeline.run(ledger.feed, engine, wrap_engine=lambda _engine: cast("Engine", meddled))
        assert (report.is_rebuild, meddled.kept > 40) == (False, True)
        tables = snapshot(engine)
    with living_on("duckdb"):
        assert changes(rebuilt(ledger), tables) == ""


def test_what_a_run_held_goes_when_it_ends(engine: ClickHouse) -> None:
    with engine.transaction():
        engine.keep("changed", "select 'ada' as person_id")
        assert len(of_runs(engine)) == 1
    assert of_runs(engine) == []
    with pytest.raises(HomeError, match="changed"):
        engine.select("select * from changed")
    with suppress(KeyboardInterrupt), engine.transaction():
        engine.keep("changed", "select 'ada' as person_id")
        raise KeyboardInterrupt
    assert of_runs(engine) == []


def test_a_run_that_died_leaves_a_database_which_a_later_run_drops(
    engine: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = ClickHouse("chdb://")
    died.keep("changed", "select 'ada' as person_id")
    died._client.close()
    left = of_runs(engine)
    with engine.transaction():
        assert of_runs(engine) == left
    monkeypatch.setattr(clickhouse, "LEFT_AFTER_SECONDS", -2)  # as if it were later
    with another(is_read_only=True) as reader, reader.transaction():
        assert of_runs(engine) == left
    with engine.transaction():
        assert of_runs(engine) == []


@pytest.mark.parametrize(
    ("name", "comment", "has_table", "is_left"),
    [
        (f"river_run_{OLD}_a", OF_RUN, False, True),
        (f"river_run_{OLD}_a", OF_RUN, True, False),  # a run that is still at work after a day
        (f"river_run_{NEW}_a", OF_RUN, False, False),
        (f"river_run_{OLD}_a", "of a person", False, False),
        (f"lake_run_{OLD}_a", OF_RUN, False, False),  # of another Touchline on the same server
    ],
)
def test_only_a_run_of_this_database_that_is_long_silent_counts_as_dead(
    engine: ClickHouse, name: str, comment: str, *, has_table: bool, is_left: bool
) -> None:
    engine._run(f"create database {name} comment '{comment}'")
    if has_table:
        engine._run(f"create table {name}.held engine = Memory as select 1 as one")
    with engine.transaction():
        assert of_runs(engine) == ([] if is_left else [name])
    engine._run(f"drop database if exists {name}")


def test_a_statement_reads_the_same_in_every_run_so_that_it_is_rendered_once(engine: ClickHouse) -> None:
    texts = []
    for _ in range(2):
        with engine.transaction():
            engine.keep("changed", "select 'ada' as person_id")
            texts.append(engine._rendered("select v.pages from visits as v join changed as c on true"))
    assert texts[0] == texts[1]
    assert "river.visits AS v" in texts[0]


def test_a_right_that_is_missing_is_named() -> None:
    with pytest.raises(HomeError, match="CREATE DATABASE ON") as raised, clickhouse_errors.explained():
        raise DatabaseError("Code: 497. DB::Exception: u: Not enough privileges: CREATE DATABASE ON river_run_1.*")
    assert "Grant" in raised.value.hint

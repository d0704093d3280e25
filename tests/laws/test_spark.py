"""Spark is the other engines' equal: the same worlds make the same tables, and a run that dies leaves the last one."""

import multiprocessing
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection

import pytest
from hypothesis import settings

from tests.engines.spark_server import ConnectServer, JavaSpark, SailCluster, sail
from tests.engines.visits import THREE, VISITS, standing, visits
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, tables_of, told
from tests.oracle.world import World
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.engines.protocol import PART_ROWS
from touchline.engines.spark import Spark
from touchline.errors import HomeError

IS_LONG = settings().max_examples >= 1_000
RUNS, WORLDS = (10, 300) if IS_LONG else (1, 300)
STAGES = [stage.name for stage in pipeline.STAGES]
POINTS = STAGES if IS_LONG else ["sessions"]
SERVERS = [SailCluster, JavaSpark] if IS_LONG else [SailCluster]

_SECONDS = 120.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("chance", range(RUNS))
def test_spark_makes_the_tables_that_duckdb_makes(chance: int) -> None:
    lived = drawn(WORLDS, 2_000 + chance)
    assert len(lived) >= WORLDS
    with closing(sail().empty("worlds")) as spark:
        pipeline.run(told(lived).feed, spark)
        assert changes(tables_of(lived), snapshot(spark)) == ""


@pytest.fixture
def cluster() -> Iterator[SailCluster]:
    own = SailCluster().start()
    yield own
    own.close()


def _first_half(worlds: list[World]) -> ListFeed:
    ledger = told(worlds)
    kept = [event for world in worlds for event in world.events[: len(world.events) // 2]]
    ledger.events.clear()
    ledger.sequence = 0
    ledger.tell(kept)
    return ledger


@pytest.mark.parametrize("stage", POINTS)
def test_a_server_that_dies_in_a_run_leaves_the_last_good_one(cluster: SailCluster, stage: str) -> None:
    worlds = drawn(10, 7)
    ledger = _first_half(worlds)
    with closing(cluster.empty()) as engine:
        pipeline.run(ledger.feed, engine)
        before = snapshot(engine)
    ledger.tell([event for world in worlds for event in world.events])

    def die_at(name: str, _done: int, _of: int) -> None:
        if name == stage:
            cluster.kill()

    with closing(Spark(cluster.url("river"))) as engine, pytest.raises(HomeError, match="does not answer"):
        pipeline.run(ledger.feed, engine, progress=die_at)
    cluster.start()
    with closing(Spark(cluster.url("river"), is_read_only=True)) as engine:
        assert changes(before, snapshot(engine)) == ""
    with closing(Spark(cluster.url("river"))) as engine:
        pipeline.run(ledger.feed, engine)
        assert changes(rebuilt(ledger), snapshot(engine)) == ""


def _run_until(url: str, stage: str, reached: Connection) -> None:
    """In a process of its own: a run that says when it gets to a stage, and waits to be killed there."""

    def wait_at(name: str, _done: int, _of: int) -> None:
        if name == stage:
            reached.send(name)
            reached.recv()

    with closing(Spark(url)) as engine:
        pipeline.run(told(drawn(10, 7)).feed, engine, progress=wait_at)


@pytest.mark.parametrize("stage", POINTS)
def test_a_run_that_is_killed_leaves_the_last_good_one(cluster: SailCluster, stage: str) -> None:
    worlds = drawn(10, 7)
    with closing(cluster.empty()) as engine:
        pipeline.run(_first_half(worlds).feed, engine)
        before = snapshot(engine)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run_until, args=(cluster.url("river"), stage, there))
    process.start()
    there.close()
    assert here.poll(_SECONDS)
    assert here.recv() == stage
    process.kill()
    process.join()
    with closing(Spark(cluster.url("river"))) as engine:
        assert changes(before, snapshot(engine)) == ""
        pipeline.run(told(worlds).feed, engine)
        assert changes(tables_of(worlds), snapshot(engine)) == ""


def test_what_only_earlier_versions_have_is_gone_from_the_disk() -> None:
    """As erased persons are: after a compaction, no file has a row that no table has."""
    cluster = sail()
    lived = drawn(5, 9)
    ledger = told(lived)
    with closing(cluster.empty("erased")) as engine:
        pipeline.run(ledger.feed, engine)
        gone = lived[0].events[0]
        ledger.erase(gone["event_id"])
        pipeline.run(ledger.feed, engine)
        engine.compact(cluster.folder / "unused")
        folders = {file.parent for file in (cluster.folder / "erased").glob("*/*/*.parquet")}
        assert {str(folder.relative_to(cluster.folder / "erased")) for folder in folders} <= {
            *engine._published.folders, "versions/0", "versions/1",
        }  # fmt: skip
        assert changes(rebuilt(ledger), snapshot(engine)) == ""


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_comes_back_is_read_as_before(kind: type[ConnectServer]) -> None:
    """A river's process keeps its engine for days; the session that the server lost had its settings and views."""
    with closing(kind().start()) as server, closing(server.empty()) as engine:
        engine.create(VISITS)
        engine.append(VISITS, visits(THREE))
        server.kill()
        with pytest.raises(HomeError, match="does not answer"):
            standing(engine)
        server.start()
        assert standing(engine) == THREE
        server.kill()
        server.start()
        engine.append(VISITS, visits([("cyd", "c1", 4)]))
        assert standing(engine) == [*THREE, ("cyd", "c1", 4)]
        assert engine._session.conf.get("spark.sql.ansi.enabled") == "false"


def _run_through_a_restart(engine: Spark, server: ConnectServer) -> None:
    with engine.transaction():
        engine.append(VISITS, visits(THREE))
        server.kill()
        server.start()


@pytest.mark.parametrize("kind", SERVERS)
def test_a_run_that_went_on_in_a_new_session_is_not_published(kind: type[ConnectServer]) -> None:
    with closing(kind().start()) as server, closing(server.empty()) as engine:
        engine.create(VISITS)
        with pytest.raises(HomeError, match="does not know the session"):
            _run_through_a_restart(engine, server)
        assert standing(engine) == []
        engine.append(VISITS, visits(THREE))
        assert standing(engine) == THREE


def test_a_large_answer_is_read_a_part_at_a_time() -> None:
    """Less of it is held than a quarter of the whole, whatever the reader has already seen."""
    count, letters = 60_000, "x" * 500
    with closing(sail().empty("large")) as engine:
        engine.create(VISITS)
        engine.append(VISITS, visits([(letters, f"v{number:06}", number) for number in range(count)]))
        tracemalloc.start()
        try:
            with engine.reader("select * from visits") as rows:
                sizes = [(batch.num_rows, batch.nbytes) for batch in rows]
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert sum(number for number, _ in sizes) == count
    assert max(number for number, _ in sizes) <= PART_ROWS
    assert most < sum(size for _, size in sizes) / 4

"""``touchline.resolve_identities`` against bare DuckDB numbering and SciPy: ``python -m tests.benchmarks.identities``.

Both get the same Arrow table of edges between text ids, and end with a table of ids and persons. The floor joins
everything that is connected: it knows no tiers, limits, blocked values or times. CPU time of all threads is printed
in addition to wall time, since other programs may be running.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

import touchline as tl

T = TypeVar("T")
_START = np.datetime64("2026-01-01", "us")


def main() -> None:
    """Print floor, ours and their ratio for every round, and then the bad shapes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    edges = _edges(given.edges)
    ratios = []
    for _ in range(given.rounds):
        theirs, floor, floor_cpu = _timed(lambda: _floor(edges))
        ours, seconds, cpu = _timed(lambda: tl.resolve_identities(edges))
        ratios.append((seconds / floor, cpu / floor_cpu))
        print(f"floor {floor:.2f} s ({floor_cpu:.2f} CPU)  ours {seconds:.2f} s ({cpu:.2f} CPU)", end="  ")
        print(f"ratio {ratios[-1][0]:.2f} ({ratios[-1][1]:.2f} CPU)")
        ids = len(ours.identities.group_by(["id_type", "id"]).aggregate([]))
        assert ids == theirs.num_rows, (ids, theirs.num_rows)
    wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"{given.edges:,} edges: median ratio {wall:.2f} ({cpu:.2f} CPU); {ours.refused.num_rows:,} edges refused")
    _bad_shapes()


def _bad_shapes() -> None:
    for name, table in (
        ("one user id on 200,000 visitors", _star("visitor", 200_000, "user")),
        ("one visitor with 10,000 user ids", _star("user", 10_000, "visitor")),
    ):
        for limits in (None, {"visitor": (None, None), "user": (None, None)}):
            answer, seconds, _ = _timed(partial(tl.resolve_identities, table, limits=limits))
            how = "without limits" if limits else "as by default"
            print(f"{name}, {how}: {seconds:.2f} s, {answer.refused.num_rows:,} edges refused")


def _timed(work: Callable[[], T]) -> tuple[T, float, float]:
    before, started = os.times(), time.perf_counter()
    made = work()
    seconds, after = time.perf_counter() - started, os.times()
    return made, seconds, after.user + after.system - before.user - before.system


def _edges(count: int) -> pa.Table:
    """Visitors with users and e-mail hashes: small trees, lost cookies, and one shared browser in 500."""
    chance = np.random.default_rng(1)
    people = max(1, count // 4)
    person = chance.integers(0, people, count)
    is_shared = chance.random(count) < 0.002
    visitor = chance.integers(0, 3 * people, count)
    visitor = np.where(is_shared, visitor, person * 3 + visitor % 3)
    is_email = chance.random(count) < 0.3
    types = pa.array(["user", "email_hash"]).take(pa.array(is_email.astype(np.int8)))
    names = np.where(is_email, person * 7919 + people * 10, person)
    seconds = chance.integers(0, 90 * 86_400, count)
    return pa.table(
        {
            "id_type_a": pa.array(["visitor"]).take(pa.array(np.zeros(count, np.int8))),
            "id_a": _texts(visitor, 0x9E3779B97F4A7C15),
            "id_type_b": types,
            "id_b": _texts(names, 0xC2B2AE3D27D4EB4F),
            "observed_at": pa.array(_START + seconds.astype("timedelta64[s]")),
            "tier": pa.array(["strong_id", "email_unvalidated"]).take(pa.array(is_email.astype(np.int8))),
        }
    )


def _texts(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], factor: int) -> pa.ChunkedArray:
    """Ids of 20 digits, in no order."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(factor)
    return pa.chunked_array([pa.array(mixed).cast(pa.string())])


def _star(leaf: str, count: int, center: str) -> pa.Table:
    same = pa.array(np.zeros(count, np.int8))
    return pa.table(
        {
            "id_type_a": pa.array([leaf]).take(same),
            "id_a": pa.array([f"{leaf}-{number}" for number in range(count)]),
            "id_type_b": pa.array([center]).take(same),
            "id_b": pa.array(["x1"]).take(same),
            "observed_at": pa.array(_START + np.arange(count).astype("timedelta64[m]")),
            "tier": pa.array(["strong_id"]).take(same),
        }
    )


def _floor(edges: pa.Table) -> pa.Table:
    """Number text ids in DuckDB, components in SciPy, and the answer as a table."""
    with duckdb.connect() as engine:
        engine.register("edges", edges)
        engine.execute(
            "create table nodes as select id_type, id, row_number() over () - 1 as n from ("
            " select distinct id_type_a as id_type, id_a as id from edges"
            " union select distinct id_type_b, id_b from edges)"
        )
        numbers = engine.sql(
            "select a.n as one, b.n as other from edges as e"
            " join nodes as a on a.id_type = e.id_type_a and a.id = e.id_a"
            " join nodes as b on b.id_type = e.id_type_b and b.id = e.id_b"
        ).fetchnumpy()
        size = engine.sql("select count(*) from nodes").fetchall()[0][0]
        graph = coo_array((np.ones(edges.num_rows, np.int8), (numbers["one"], numbers["other"])), shape=(size, size))
        labels = connected_components(graph, directed=False)[1]
        engine.register("labels", pa.table({"n": np.arange(size), "person": labels}))
        return engine.sql("select id_type, id, person from nodes join labels using (n)").to_arrow_table()


if __name__ == "__main__":
    main()

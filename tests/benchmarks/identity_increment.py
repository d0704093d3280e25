"""What new edges cost on a large graph of persons: ``python -m tests.benchmarks.identity_increment``.

    [--edges 10000000] [--new 100000]

Edges are claims, so that a run has persons to solve and no visits. The first run solves all of them; the second takes
in the new ones, most of which are of known persons. Both times are those of following the ledger and of the stage.
"""

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.oracle.engine import ListFeed
from tests.oracle.world import World, goal, organization, reference, site
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.tables import IDENTITY_CLAIMS

_START = np.datetime64("2026-01-01", "us")
_AT_ONCE = 200_000


def main() -> None:
    """Solve all, take in what is new, and print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, default=10_000_000)
    parser.add_argument("--new", type=int, default=100_000)
    given = parser.parse_args()
    claims = _claims(given.edges + given.new, given.edges // 4)
    with tempfile.TemporaryDirectory() as folder, closing(DuckDB(Path(folder) / "engine.duckdb")) as engine:
        whole, whole_cpu = _seconds(_feed(claims.slice(0, given.edges)), engine)
        more, more_cpu = _seconds(_feed(claims), engine)
    print(f"{given.edges:,} edges {whole:.2f} s, {given.new:,} more {more:.2f} s: {more / whole:.1%} of the full run")
    print(f"CPU time of the whole run: {more_cpu / whole_cpu:.1%}; other programs do not count there")


def _seconds(feed: pipeline.Feed, engine: DuckDB) -> tuple[float, float]:
    """Wall time of the stage and of following, and CPU time of the whole run."""
    started, cpu = time.perf_counter(), time.process_time()
    report = pipeline.run(feed, engine)
    seconds = report.seconds
    print(f"{report.claims:,} claims: identity {seconds['identity']:.2f} s of {time.perf_counter() - started:.2f} s")
    return seconds["follow"] + seconds["identity"], time.process_time() - cpu


def _feed(claims: pa.Table) -> pipeline.Feed:
    """A ledger that holds these claims, and nothing else."""
    world = World(organization(), [site()], [goal()])
    nothing = ListFeed(reference([world])).feed

    def claims_after(number: int) -> pa.RecordBatchReader:
        return claims.slice(number).to_reader(_AT_ONCE)

    return pipeline.Feed(
        nothing.reference, nothing.events_after, nothing.cost_rows_after, nothing.rates_after,
        nothing.erased_after, claims_after, nothing.withdrawn_after,
    )  # fmt: skip


def _claims(count: int, people: int) -> pa.Table:
    """Visitors with users and e-mail hashes: small trees, lost cookies, and one shared browser in 500."""
    chance = np.random.default_rng(1)
    person = chance.integers(0, people, count)
    visitor = person * 3 + chance.integers(0, 3, count)
    visitor = np.where(chance.random(count) < 0.002, chance.integers(0, 3 * people, count), visitor)
    is_email = chance.random(count) < 0.3
    seconds = chance.integers(0, 90 * 86_400, count)
    columns = {
        "organization_id": pa.array(["o"]).take(pa.array(np.zeros(count, np.int8))),
        "identifier": _named("v:s:", visitor),
        "linked_identifier": _either(is_email, _named("m:", person), _named("u:", person)),
        "source": pa.array(["crm"]).take(pa.array(np.zeros(count, np.int8))),
        "claimed_at": pa.array(_START + seconds.astype("timedelta64[s]")),
        "claim": pa.array(np.arange(1, count + 1)),
    }
    return pa.table({name: columns[name] for name in IDENTITY_CLAIMS.column_names})


def _named(kind: str, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    """Identifiers of 20 digits, in no order."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return pc.binary_join_element_wise(pa.scalar(kind), pa.array(mixed).cast(pa.string()), "")


def _either(chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]", one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(chosen), one, other)


if __name__ == "__main__":
    main()

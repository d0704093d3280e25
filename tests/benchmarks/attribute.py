"""Five models, links out, through `touchline.attribute`, against the bare SQL floor beside the repository, by rounds.

    python -m tests.benchmarks.attribute [--users 1000000] [--rounds 9]

Both read the same Arrow tables in memory. The floor leaves its links in a table of its own; ours returns one.
"""

import argparse
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import touchline as tl

FLOORS = Path(__file__).resolve().parents[3] / "shared" / "bench"
LOOKBACK_DAYS = 3650
"""What the floor's ``links`` case looks back."""


def main() -> None:
    """Print floor, ours and their ratio for every round, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with journeys(asked.users) as folder:
        _rounds(_floor(), folder, asked.rounds)


@contextmanager
def journeys(users: int) -> Iterator[str]:
    """A folder with the generated touches and conversions of this number of users."""
    if not FLOORS.is_dir():
        sys.exit(f"The floors are not at hand: there is no {FLOORS}.")
    with tempfile.TemporaryDirectory() as folder:
        generator = [sys.executable, str(FLOORS / "journeys_gen.py"), str(users), folder]
        print(subprocess.run(generator, check=True, capture_output=True, text=True).stdout.strip())
        yield folder


def _floor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("floor_models", FLOORS / "floor_models.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_GIVEN = {"touch": "touchpoints", "conv": "conversions"}
"""By the name that the floor reads: the file of the generator."""


def _registered(given: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """A connection that reads the tables in memory, on as many threads as the floor prepares."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    for name, table in given.items():
        connection.register(name, table)
    return connection


def _rounds(floor: ModuleType, folder: str, rounds: int) -> None:
    ratios, seconds = [], []
    given = {name: pq.read_table(f"{folder}/{file}.parquet") for name, file in _GIVEN.items()}
    touchpoints, conversions = tables(folder)
    for number in range(rounds + 1):
        with closing(_registered(given)) as connection:
            started = time.perf_counter()
            theirs = floor.run(["duck", "links"], connection, folder)
            floor_seconds = time.perf_counter() - started
        started = time.perf_counter()
        links = tl.attribute(touchpoints, conversions, lookback_days=LOOKBACK_DAYS)
        our_seconds = time.perf_counter() - started
        _agree(theirs, links)
        if number == 0:
            continue  # the first round warms both up
        ratios.append(our_seconds / floor_seconds)
        seconds.append((floor_seconds, our_seconds))
        print(f"floor {floor_seconds:.3f} s  ours {our_seconds:.3f} s  ratio {ratios[-1]:.2f}")
    medians = [statistics.median(column) for column in zip(*seconds, strict=True)]
    print(f"median: floor {medians[0]:.3f} s  ours {medians[1]:.3f} s  ratio {statistics.median(ratios):.2f}")


def tables(folder: str) -> tuple[pa.Table, pa.Table]:
    """The touches and conversions of the generator, as `touchline.attribute` takes them."""
    names = {"user_id": "person_id", "ts": "occurred_at", "conv_id": "conversion_id", "channel": "channel"}
    touchpoints = pq.read_table(f"{folder}/touchpoints.parquet")
    conversions = pq.read_table(f"{folder}/conversions.parquet", columns=["user_id", "conv_id", "ts"])
    return tuple(
        table.rename_columns([names[name] for name in table.column_names]) for table in (touchpoints, conversions)
    )


def _agree(theirs: dict[str, float], links: pa.Table) -> None:
    """Both must have made the same links, or the comparison means nothing."""
    linear = links.filter(pc.equal(links["model"], "LINEAR"))
    assert links.num_rows == theirs["rows"], (links.num_rows, theirs)
    assert abs(pc.sum(linear["weight"]).as_py() - theirs["sum"]) < 1e-3, theirs


if __name__ == "__main__":
    main()

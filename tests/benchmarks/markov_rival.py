"""The exact Markov model against the simulation of ChannelAttribution, from the same raw touches, by rounds.

    python -m tests.benchmarks.markov_rival [--users 1000000] [--rounds 5] [--rival FOLDER]

Both sides begin with the same Arrow tables, and what they make of them first counts: ours a list of channels for each
person, the other, which takes text, a row for each distinct path. Ours then solves the chain; the other simulates it
with its defaults, on one core. Printed are the seconds, the median of the ratios of the pairs,
and by how much its channels differ from the exact ones: the largest and the mean share of a channel's credit.

ChannelAttribution is no dependency: it is taken from where Python finds it, or from FOLDER, which is looked at last, so
that both sides use the same NumPy and pandas.
"""

import argparse
import importlib
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import touchline as tl
from tests.benchmarks.attribute import journeys, tables
from tests.benchmarks.models import PATHS

BARS = {1: 3.0, 2: 2.0}


def main() -> None:
    """Print every order's times and errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rival", default="", help="the folder that has ChannelAttribution")
    asked = parser.parse_args()
    simulated = _rival(asked.rival)
    with journeys(asked.users) as folder:
        touches = tables(folder)
    for order, bar in BARS.items():
        _compare(order, bar, asked.rounds, lambda: _exact(touches, order), lambda: simulated(touches, order))  # noqa: B023


def _rival(folder: str) -> Callable[[tuple[pa.Table, pa.Table], int], dict[str, float]]:
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.path += [folder] if folder else []
    try:
        markov_model = importlib.import_module("ChannelAttribution").markov_model
    except ImportError as error:
        sys.exit(f"ChannelAttribution is not at hand: {error}. Name its folder with --rival.")

    def simulated(touches: tuple[pa.Table, pa.Table], order: int) -> dict[str, float]:
        made: Any = markov_model(
            _strings(*touches).to_pandas(), "path", "conversions", var_null="nulls", order=order, ncore=1,
            flg_pro=False, verbose=False,
        )  # fmt: skip
        made = made["result"] if isinstance(made, dict) else made
        return dict(zip(made["channel_name"], made["total_conversions"], strict=True))

    return simulated


def _exact(touches: tuple[pa.Table, pa.Table], order: int) -> dict[str, float]:
    credit = tl.markov(_lists(*touches), nulls="nulls", order=order).credit
    return dict(zip(credit["channel"].to_pylist(), credit["conversions"].to_pylist(), strict=True))


def _lists(touchpoints: pa.Table, conversions: pa.Table) -> pa.Table:
    """The channels of each person in their order, and whether the person converted."""
    with duckdb.connect() as connection:
        connection.register("touchpoints", touchpoints)
        sorted_ = connection.sql(
            "select person_id, channel from touchpoints order by person_id, occurred_at"
        ).to_arrow_table()
    persons = sorted_["person_id"].to_numpy()
    starts = np.append(np.flatnonzero(np.diff(persons, prepend=persons[0] - 1)), len(persons))
    is_won = np.isin(persons[starts[:-1]], conversions["person_id"].to_numpy()).astype(np.int64)
    paths = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), sorted_["channel"].combine_chunks())
    return pa.table({"path": paths, "conversions": is_won, "nulls": 1 - is_won})


def _strings(touchpoints: pa.Table, conversions: pa.Table) -> pa.Table:
    """Each distinct path as text with its conversions, and how often it led to none."""
    with duckdb.connect() as connection:
        connection.register("touchpoints", touchpoints)
        connection.register("conversions", conversions)
        return connection.sql(PATHS).to_arrow_table()


def _compare(
    order: int, bar: float, rounds: int, ours: Callable[[], dict[str, float]], theirs: Callable[[], dict[str, float]]
) -> None:
    seconds = []
    for number in range(rounds + 1):
        exact, our_seconds = _timed(ours)
        simulated, their_seconds = _timed(theirs)
        if number:  # the first round warms both up
            seconds.append((our_seconds, their_seconds))
    assert exact.keys() == simulated.keys()
    errors = [abs(simulated[channel] / exact[channel] - 1) for channel in exact if exact[channel]]
    our_median, their_median = (statistics.median(side) for side in zip(*seconds, strict=True))
    ratio = statistics.median(their / our for our, their in seconds)
    print(
        f"order {order}: exact {our_median:7.3f} s, simulated {their_median:7.3f} s, {ratio:5.2f} times as long"
        f" (bar {bar:g}); its error by channel: largest {max(errors):.2%}, mean {np.mean(errors):.2%}"
    )


def _timed(call: Callable[[], dict[str, float]]) -> tuple[dict[str, float], float]:
    started = time.perf_counter()
    made = call()
    return made, time.perf_counter() - started


if __name__ == "__main__":
    main()

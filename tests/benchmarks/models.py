"""Ten models against five, the bootstrap against one run, and the exact Markov model, from the same touches, by rounds.

    python -m tests.benchmarks.models [--users 1000000] [--rounds 5] [--resamples 1000]

One run is `touchline.attribute` of the five models. The Markov model is that of `touchline.bootstrap` with the fewest
resamples, from raw touches, and that of `touchline.markov` from the paths of the same touches, which are made before.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import duckdb
import pyarrow as pa

import touchline as tl
from tests.benchmarks.attribute import LOOKBACK_DAYS, journeys, tables
from touchline.models import MODELS

TEN = (*MODELS, "LAST_NON_DIRECT", "J_SHAPED", "INVERSE_J", "SHAPLEY", "AMPLITUDE_J_SHAPED")
PATHS = """
select path, sum(is_won)::bigint as conversions, sum(1 - is_won)::bigint as nulls
from (
  select string_agg(t.channel, ' > ' order by t.occurred_at) as path, (max(c.conversion_id) is not null)::int as is_won
  from touchpoints as t left join conversions as c using (person_id)
  group by t.person_id
) as journeys
group by path
"""


def main() -> None:
    """Print the seconds of every case and round, and the ratios of the medians to one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--resamples", type=int, default=1_000)
    asked = parser.parse_args()
    with journeys(asked.users) as folder:
        cases = _cases(*tables(folder), asked.resamples)
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(asked.rounds + 1):
        for name, case in cases.items():
            started = time.perf_counter()
            case()
            if number:  # the first round warms all up
                seconds[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(of_case) for name, of_case in seconds.items()}
    for name, median in medians.items():
        print(f"{name:<28} {median:8.3f} s  {median / medians['five models']:6.2f} x five models")


def _cases(touchpoints: pa.Table, conversions: pa.Table, resamples: int) -> dict[str, Callable[[], object]]:
    with duckdb.connect() as connection:
        connection.register("touchpoints", touchpoints)
        connection.register("conversions", conversions)
        paths: pa.Table = connection.sql(PATHS).to_arrow_table()

    def attributed(models: tuple[str, ...]) -> pa.Table:
        return tl.attribute(touchpoints, conversions, models=models, lookback_days=LOOKBACK_DAYS)

    def resampled(models: str | tuple[str, ...], number: int) -> object:
        return tl.bootstrap(
            touchpoints, conversions, models=models, lookback_days=LOOKBACK_DAYS, n_resamples=number
        )  # fmt: skip

    return {
        "five models": lambda: attributed(MODELS),
        "ten models": lambda: attributed(TEN),
        f"bootstrap, {resamples} resamples": lambda: resampled(MODELS, resamples),
        "MARKOV from touches": lambda: resampled("MARKOV", 100),
        "MARKOV 1 from paths": lambda: tl.markov(paths, nulls="nulls", order=1),
        "MARKOV 2 from paths": lambda: tl.markov(paths, nulls="nulls", order=2),
    }


if __name__ == "__main__":
    main()

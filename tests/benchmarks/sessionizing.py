"""Sessions of many events through `touchline.sessionize`, against a bare window query in DuckDB, by rounds.

    python -m tests.benchmarks.sessionizing [--events 10000000] [--rounds 5] [--urls] [--policy ga4]

Both take the same Arrow table and give back one row an event, in an engine of their own with the same memory and
threads. The bare query knows the pause alone: the time before, and a running sum. Each round runs both, one after the
other, so that the ratio is of the same minute. The ratio of the processors' time is printed, too: where others work on
the machine, it says more than the clock.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

import touchline as tl
from touchline.engines import DuckDB
from touchline.memory import VARIABLE, available_bytes, memory_from
from touchline.settings import SessionPolicy

Seconds = npt.NDArray[np.float64]
EVENTS_A_VISITOR = 12
MONTH = 30 * 86_400_000_000
BARE = """
select event_id, visitor_id,
  sum(is_new) over (partition by visitor_id order by occurred_at, event_id
    rows between unbounded preceding and current row) as session_number
from (
  select *, case when occurred_at <= lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id)
    + interval '30' minute then 0 else 1 end as is_new
  from given
) as compared
"""


def main() -> None:
    """Print bare, ours and their ratios for every round, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--urls", action="store_true", help="give each event a URL and a referrer, too")
    parser.add_argument("--policy", default="ga4")
    asked = parser.parse_args()
    events = _events(asked.events, has_urls=asked.urls)
    _rounds(events, asked.rounds, asked.policy)


def _events(count: int, *, has_urls: bool) -> pa.Table:
    """Visits of a month: about a dozen events a visitor, in bursts of minutes."""
    chance = np.random.default_rng(7)
    visitors = chance.integers(0, count // EVENTS_A_VISITOR, count)
    bursts = chance.integers(0, MONTH // 86_400_000_000, count) * 86_400_000_000
    times = bursts + chance.integers(0, 3_600_000_000, count)
    columns = {
        "visitor_id": pc.binary_join_element_wise("v", pa.array(visitors).cast(pa.string()), "-"),
        "occurred_at": pa.array(times).cast(pa.timestamp("us")),
        "event_id": pc.binary_join_element_wise("e", pa.array(np.arange(count)).cast(pa.string()), "-"),
    }
    if has_urls:
        pages = pa.array([f"https://shop.example/{n}" + f"?utm_source=s{n}" * (n % 10 == 0) for n in range(5_000)])
        referrers = pa.array([None, "https://shop.example/", "https://www.google.com/", "https://accounts.google.com/"])
        columns |= {
            "url": pages.take(pa.array(chance.integers(0, len(pages), count))),
            "referrer": referrers.take(pa.array(chance.integers(0, len(referrers), count))),
        }
    return pa.table(columns)


def _bare(events: pa.Table) -> pa.Table:
    memory = memory_from(os.environ.get(VARIABLE, ""), available_bytes())
    with closing(DuckDB(None, memory=memory)) as engine:
        engine.register("given", events)
        return engine._connection.sql(BARE).to_arrow_table()


def _rounds(events: pa.Table, rounds: int, policy: SessionPolicy) -> None:
    measured = []
    for number in range(rounds + 1):
        bare, theirs = _timed(lambda: _bare(events))
        ours, mine = _timed(lambda: tl.sessionize(events, policy=policy))
        if policy == "ga4":
            _agree(theirs, mine)
        del theirs, mine
        if number == 0:
            continue  # the first round warms both up
        measured.append((*bare, *ours, *ours / bare))
        print(_line(f"round {number}", measured[-1]), flush=True)
    print(_line(f"median of {rounds}", [statistics.median(column) for column in zip(*measured, strict=True)]))


def _line(name: str, numbers: Sequence[float]) -> str:
    bare, bare_cpu, ours, ours_cpu, ratio, cpu_ratio = numbers
    seconds = f"bare {bare:.2f} s ({bare_cpu:.2f} CPU)  ours {ours:.2f} s ({ours_cpu:.2f} CPU)"
    return f"{name}: {seconds}  ratio {ratio:.2f} ({cpu_ratio:.2f} CPU)"


def _timed(work: Callable[[], pa.Table]) -> tuple[Seconds, pa.Table]:
    """The seconds of the clock and those of the processors, and what the work gives."""
    clock, processors = time.perf_counter(), time.process_time()
    answer = work()
    return np.array([time.perf_counter() - clock, time.process_time() - processors]), answer


def _agree(theirs: pa.Table, mine: pa.Table) -> None:
    """Both must have found the same sessions, or the comparison means nothing."""
    found = [(table.num_rows, pc.sum(table["session_number"]).as_py()) for table in (theirs, mine)]
    assert found[0] == found[1], found


if __name__ == "__main__":
    main()

"""How many events a second the server takes, against a bare collector that checks nothing, on one core.

    python -m tests.benchmarks.collect [--pairs 5] [--seconds 15] [--batch 1 --batch 100] [--store pg]
    python -m tests.benchmarks.collect --grow 10
    python -m tests.benchmarks.collect --half [--rate 4000]

Both are pinned with ``wrk`` to one core, commit to SQLite with ``synchronous = FULL``, and answer after the commit; the
rows are counted in the database afterwards. The two take turns, and the ratio is the median of the pairs. The bare
collector and the script of ``wrk`` lie beside the repository.
``--grow`` says by how much the rate falls up to so many million events, ``--half`` how long ``touchline serve`` takes
to answer at half of the load that one core takes, while the river ticks.
"""

import argparse
import shutil
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks._collecting import COLLECT, Load, Measured, floor, measured, ours
from tests.benchmarks._growing import grow
from tests.benchmarks._steady import steady
from tests.engines.servers import postgresql_url
from tests.ledger.servers import database

STARTED = {"floor": floor, "touchline": ours}


def compare(options: argparse.Namespace) -> None:
    """Both by turns, for each size of a batch."""
    print(f"{options.store}: one core, wrk included, {options.connections} connections, {options.seconds} s each")
    for batch in options.batch or [1, 100]:
        pairs = []
        for _ in range(options.pairs):
            pairs.append([_measured(name, batch, options) for name in STARTED])
            for name, one in zip(STARTED, pairs[-1], strict=True):
                print(
                    f"  batch {batch:>3}  {name:<9}  {one.events_per_second:>8,.0f} events/s  p99 {one.p99_ms:>7.1f} ms"
                    f"  {one.cpu_us:>6.1f} us CPU an event  {one.others} refused",
                    flush=True,
                )
        ratios = sorted(ours_.events_per_second / floor_.events_per_second for floor_, ours_ in pairs)
        all_of_them = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"  batch {batch:>3}  ratio      {median(ratios):.2f}, median of {all_of_them}", flush=True)


def _measured(name: str, batch: int, options: argparse.Namespace) -> Measured:
    """One of them, over a database of its own."""
    with ExitStack() as held:
        folder = held.enter_context(TemporaryDirectory(dir=options.folder))
        url = held.enter_context(database(postgresql_url())) if options.store == "pg" else ""
        running = held.enter_context(STARTED[name](Path(folder), options.core, url))
        return measured(running, Load(batch, options.seconds, options.connections, options.core))


def main() -> None:
    """Measure what the command line asks for."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--seconds", type=int, default=15)
    reader.add_argument("--pairs", type=int, default=5)
    reader.add_argument("--batch", type=int, action="append")
    reader.add_argument("--connections", type=int, default=64)
    reader.add_argument("--core", default="0", help="where the server runs, as taskset counts")
    reader.add_argument("--other-core", default="1", help="where --half sends from")
    reader.add_argument("--folder", help="where the databases are made; the disk counts")
    reader.add_argument("--store", choices=["sqlite", "pg"], default="sqlite")
    reader.add_argument("--grow", type=float, default=0.0, metavar="MILLIONS", help="rates while the ledger grows")
    reader.add_argument("--half", action="store_true", help="times of answers at half of the load")
    reader.add_argument("--rate", type=float, default=0.0, help="events a second of --half, where not half of a run's")
    options = reader.parse_args()
    if not COLLECT.exists() or shutil.which("wrk") is None:
        print("skipped: needs wrk, and the bare collector beside the repository")
    elif options.grow:
        grow(options)
    elif options.half:
        steady(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()

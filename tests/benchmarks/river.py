"""The whole river over a shop's events on each engine: seconds and share by stage, and peak memory.

    python -m tests.benchmarks.river [--events 2000000] [--engines duckdb postgresql clickhouse]

The events are imported into a ledger first; that is not counted. Each engine's river runs in a process of its own, so
that the memory is its own; to PostgreSQL's the processes of its server are added.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.engines.servers import empty_postgresql, postgresql_url
from touchline import demo
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home, home_from

EVENTS_OF_A_VISITOR = 5.58
"""What the demo's visitors leave on average, crawlers and repetitions included."""


def main() -> None:
    """Import, run on each engine, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--engines", nargs="+", choices=sorted(ENGINES), default=["duckdb"])
    parser.add_argument("--river", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.river:
        _run(home_from(folder=asked.river))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = imported(Path(folder), asked.events)
        reports = {name: measured(name, home, ENGINES[name](Path(folder))) for name in asked.engines}
    for name, report in reports.items():
        _print(name, report, reports[asked.engines[0]])


def imported(folder: Path, events: int) -> Home:
    """A home whose ledger has about so many events of an invented shop, and its costs."""
    started = time.perf_counter()
    folder.mkdir(exist_ok=True)
    shop = demo.generate(folder / "files", visitors=round(events / EVENTS_OF_A_VISITOR))
    home, now = Home(folder / "home"), time.time_ns() // 1000
    setup.init(
        home, name=demo.ORGANIZATION, domain=demo.SITE_DOMAIN, currency=demo.CURRENCY, time_zone=demo.TIME_ZONE, now=now
    )
    with Workspace(home) as workspace:
        report = importing.import_events(workspace, shop.event_files, site_id=None, mapping=None, now=now)
        importing.import_costs(workspace, [shop.cost_file], organization_id=None, now=now)
    print(f"{report.read:,} events imported in {time.perf_counter() - started:.1f} s (generation included)")
    return home


def _duckdb(_folder: Path) -> str:
    return ""


def _postgresql(_folder: Path) -> str:
    empty_postgresql().close()
    return postgresql_url()


def _clickhouse(folder: Path) -> str:
    return f"chdb://{folder / 'chdb'}"


ENGINES = {"duckdb": _duckdb, "postgresql": _postgresql, "clickhouse": _clickhouse}
"""By name: what makes an empty one and returns its URL."""


def measured(engine: str, home: Home, url: str) -> dict[str, Any]:
    """What a rebuild of the home on the engine behind a URL took: seconds and rows by stage, and the peak of memory."""
    command = [sys.executable, "-m", "tests.benchmarks.river", "--river", str(home.path)]
    environment = {**os.environ, "TOUCHLINE_ENGINE": url}
    with _watched("postgres" if engine == "postgresql" else None) as peak:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    report: dict[str, Any] = json.loads(done.stdout)
    report["peak_bytes"] += peak[0]
    return report


def _run(home: Home) -> None:
    with Workspace(home) as workspace:
        report = running.run(workspace, is_rebuild=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": report.seconds, "rows": report.rows, "events": report.events, "peak_bytes": peak}))


@contextmanager
def _watched(program: str | None) -> Iterator[list[int]]:
    """The most memory that the processes of a program held together meanwhile; shared pages count once."""
    peak, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.25):
            peak[0] = max(peak[0], _held(program or ""))

    watcher = threading.Thread(target=watch)
    if program:
        watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        if program:
            watcher.join()


def _held(program: str) -> int:
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() == program:
                lines = (process / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except OSError:  # it ended meanwhile
            continue
    return total


def _print(engine: str, report: dict[str, Any], first: dict[str, Any]) -> None:
    total, base = sum(report["seconds"].values()), sum(first["seconds"].values())
    print(f"\n{engine}")
    for stage, seconds in report["seconds"].items():
        print(f"{stage:<14}{seconds:8.2f} s {seconds / total:7.1%}")
    print(
        f"{'total':<14}{total:8.2f} s for {report['events']:,} events, {total / base:.2f} of the first;"
        f" peak memory {report['peak_bytes'] / 1e9:.2f} GB"
    )


if __name__ == "__main__":
    main()

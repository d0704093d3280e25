"""The whole river over a shop of two million events: seconds and share by stage, rows, and peak memory.

    python tests/benchmarks/river.py [--events 2000000]

The events are imported into a ledger first; that is not counted. The river runs in a process of its own, so that the
memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from touchline import demo
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

EVENTS_OF_A_VISITOR = 5.58
"""What the demo's visitors leave on average, crawlers and repetitions included."""


def main() -> None:
    """Import, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--river", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.river:
        _run(Home(asked.river))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = _imported(Path(folder), asked.events)
        command = [sys.executable, __file__, "--river", str(home.path)]
        _print(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _imported(folder: Path, events: int) -> Home:
    started = time.perf_counter()
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


def _run(home: Home) -> None:
    with Workspace(home) as workspace:
        report = running.run(workspace, is_rebuild=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": report.seconds, "rows": report.rows, "events": report.events, "peak_bytes": peak}))


def _print(report: dict[str, Any]) -> None:
    total = sum(report["seconds"].values())
    for stage, seconds in report["seconds"].items():
        print(f"{stage:<14}{seconds:8.2f} s {seconds / total:7.1%}")
    print(
        f"{'total':<14}{total:8.2f} s for {report['events']:,} events; peak memory {report['peak_bytes'] / 1e9:.2f} GB"
    )


if __name__ == "__main__":
    main()

"""What a new fit costs beside a rebuild: ``python -m tests.benchmarks.refit [--events 5000000] [--rounds 3]``.

The fit is the next version of the only one, so that it serves every conversion: no fit makes more links again. Each
round rebuilds the river, makes a fit, and runs.
"""

import argparse
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.benchmarks.river import imported
from touchline.demo.plan import DAYS, START
from touchline.jobs import fitting, running
from touchline.jobs.workspace import Workspace

LAST_DAY = START + timedelta(days=DAYS // 2)


def main() -> None:
    """Import, and print both times and their ratio for every round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = imported(Path(folder), asked.events)
        with Workspace(home) as workspace:
            running.run(workspace)
            _fit(workspace)  # the first one of a model is followed by a rebuild
            ratios = [_round(workspace) for _ in range(asked.rounds)]
    print(f"median: {statistics.median(ratios):.1%} of a rebuild")


def _round(workspace: Workspace) -> float:
    rebuild, _ = _run(workspace, is_rebuild=True)
    _fit(workspace)
    refit, links = _run(workspace, is_rebuild=False)
    print(f"rebuild {rebuild:.2f} s; {links:,} links made again in {refit:.2f} s: {refit / rebuild:.1%}")
    return refit / rebuild


def _fit(workspace: Workspace) -> None:
    organization_id = workspace.organization(None)["organization_id"]
    fitting.make_fit(workspace, organization_id, window_end=LAST_DAY, now=time.time_ns() // 1000)


def _run(workspace: Workspace, *, is_rebuild: bool) -> tuple[float, int]:
    started, cpu = time.perf_counter(), time.process_time()
    report = running.run(workspace, is_rebuild=is_rebuild)
    assert report.is_rebuild == is_rebuild
    seconds = time.perf_counter() - started
    stages = ", ".join(f"{name} {taken:.2f}" for name, taken in report.seconds.items())
    print(f"  {stages}; CPU {time.process_time() - cpu:.1f} s")
    return seconds, report.refitted_links


if __name__ == "__main__":
    main()

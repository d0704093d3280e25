"""The channel stage's share of the river's CPU time, on the demo and on a shop's real days.

    python -m tests.benchmarks.channel_share [--days FOLDER] [--visitors 40000]

Prints one line for each: seconds of CPU of the river, those of the channel stage, its share, and the distinct
evidence. The bar is 5 %. ``FOLDER`` has raw events, one CSV a day, as ``examples/puffy-events.toml`` reads them.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from tests.benchmarks._real_days import home_of_days
from tests.benchmarks.river import EVENTS_OF_A_VISITOR, imported
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

BAR = 0.05
_RUNS = 3
"""Of which the one with the middle share is printed."""


def main() -> None:
    """Measure, and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=Path)
    parser.add_argument("--visitors", type=int, default=40_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = imported(Path(folder) / "demo", round(asked.visitors * EVENTS_OF_A_VISITOR))
        print(_line(f"demo of {asked.visitors:,} visitors", home))
        if asked.days:
            home, _ = home_of_days(asked.days, Path(folder) / "days")
            print(_line("real days", home))


def _line(name: str, home: Home) -> str:
    with Workspace(home) as workspace:
        seconds = sorted((_cpu_by_stage(workspace) for _ in range(_RUNS)), key=_share)[_RUNS // 2]
        found = workspace.engine.select("select count(*) as n from evidence_channels")["n"].to_pylist()[0]
    return (
        f"{name}: river {sum(seconds.values()):.2f} s, channels {seconds['channels']:.3f} s, {_share(seconds):.1%}"
        f" ({'within' if _share(seconds) <= BAR else 'above'} {BAR:.0%}); {found:,} distinct evidence"
    )


def _cpu_by_stage(workspace: Workspace) -> dict[str, float]:
    """Seconds of CPU of each stage of a rebuild, those of the engine's threads included."""
    moments: list[tuple[str, float]] = []
    running.run(
        workspace, is_rebuild=True, progress=lambda doing, _done, _total: moments.append((doing, time.process_time()))
    )
    return {doing: after - before for (doing, before), (_, after) in pairwise(moments)}


def _share(seconds: Mapping[str, float]) -> float:
    return seconds["channels"] / sum(seconds.values())


if __name__ == "__main__":
    main()

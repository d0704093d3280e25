"""What the stage ``waste`` costs where there are many ads: the CPU of its reading, its judging, and its writing.

    python -m tests.benchmarks.waste_day [--ads 10000] [--days 30] [--conversions 2000] [--runs 3]

Each day has a row of costs for every ad, and orders that one visit each led to. The tables are made once, and again
with each further day; what is printed is the median of the seconds of CPU, all threads together, by part.
"""

import argparse
import statistics
import time
from collections.abc import Iterable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyarrow as pa

from tests.benchmarks.rollup_day import Days
from touchline import pipeline, waste
from touchline.engines import DuckDB
from touchline.waste.accounts import Judged


class Watched:
    """The moments, in seconds of CPU, between the parts of the stage."""

    def __init__(self) -> None:
        self.runs: list[list[float]] = []
        self.findings = 0

    def progress(self, stage: str, _number: int, _of: int) -> None:
        """A stage begins."""
        if stage == waste.STAGE.name:
            self.runs.append([time.process_time()])
        elif self.runs and len(self.runs[-1]) == len(PARTS):
            self._note()

    def judged(self, *tables: pa.Table) -> list[Judged]:
        """What :func:`touchline.waste.judged` gives."""
        self._note()
        found = list(_JUDGED(*tables))
        self._note()
        return found

    def written(self, accounts: Iterable[Judged]) -> pa.Table:
        """What :func:`touchline.waste.findings` gives."""
        found = _FINDINGS(accounts)
        self.findings = len(found)
        self._note()
        return found

    def _note(self) -> None:
        self.runs[-1].append(time.process_time())


_JUDGED, _FINDINGS = waste.judged, waste.findings
PARTS = ("reading", "judging", "findings", "storing")


def main() -> None:
    """Make the tables, run the stage, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("ads", 10_000), ("days", 30), ("conversions", 2_000), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    ledger, watched = Days(), Watched()
    for number in range(asked.days):
        ledger.add(number, asked.conversions, asked.ads)
    with (
        TemporaryDirectory() as folder,
        closing(DuckDB(Path(folder) / "month.duckdb")) as engine,
        patch.object(waste, "judged", watched.judged),
        patch.object(waste, "findings", watched.written),
    ):
        for number in range(asked.days, asked.days + asked.runs):
            pipeline.run(ledger.feed, engine, progress=watched.progress)
            ledger.forget()
            ledger.add(number, asked.conversions, asked.ads)
    spent = [[after - before for before, after in pairwise(run)] for run in watched.runs]
    for part, seconds in zip(PARTS, zip(*spent, strict=True), strict=True):
        print(f"{part:<10} {statistics.median(seconds):8.3f} s of CPU")
    print(f"{'the stage':<10} {statistics.median(map(sum, spent)):8.3f} s of CPU, {watched.findings} findings")


if __name__ == "__main__":
    main()

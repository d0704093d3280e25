"""Whether this checkout is slower than another one: five measures of both, by turns, on the same machine.

    git worktree add ../before COMMIT
    python -m tests.benchmarks.against ../before [--pairs 7] [--events 300000] [--only river increment …]

Each side runs its own code over a home of its own with the same events. A ratio is this checkout's time over the
other's, the median of the pairs: above 1 this one is slower. The bar is 1.10.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
BAR = 1.10

_IMPORT = "import sys; from pathlib import Path; from tests.benchmarks.river import imported;"
_Measure = Callable[[], float]


class Side:
    """One checkout, and the home that its code has made.

    :param checkout: the folder of its repository.
    :param folder: where its home is made.
    """

    def __init__(self, checkout: Path, folder: Path) -> None:
        package = checkout / "packages" / "attribution-campaign-context"
        paths = (checkout / "src", package / "src", checkout)
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        self._checkout = checkout
        self._numbers = count(1)
        self._folder = folder
        self._ticking: subprocess.Popen[str] | None = None

    def make_home(self, events: int) -> None:
        """Import invented events; every other measure of the river reads them."""
        self._python("-c", f"{_IMPORT} imported(Path(sys.argv[1]), {events})", str(self._folder))

    def river(self) -> float:
        """Seconds of a rebuild."""
        report = json.loads(self._module("river", "--river", str(self._home)))
        return float(sum(report["seconds"].values()))

    def increment(self) -> float:
        """Seconds of a run after 1,000 new events, in a process that stays."""
        assert self._ticking is not None
        assert self._ticking.stdin is not None
        assert self._ticking.stdout is not None
        self._ticking.stdin.write(f"0 {next(self._numbers)}\n")
        return float(self._ticking.stdout.readline())

    def attribute(self) -> float:
        """Seconds of `touchline.attribute` over the journeys of 200,000 persons."""
        return _found(r"ours ([\d.]+) s  ratio", self._module("attribute", "--users", "200000", "--rounds", "1"))

    def collect(self, batch: int) -> float:
        """Microseconds of one core for an event that comes in batches of such a size."""
        shown = self._module("collect", "--pairs", "1", "--seconds", "6", "--batch", str(batch))
        return 1e6 / _found(r"touchline +([\d,]+) events/s", shown)

    def capture(self) -> float:
        """What the sound policy costs in units of what release 0.1.0 costs, geometric mean."""
        return 1 / _found(r"sound +geometric mean +([\d.]+)", self._module("capture", "--rounds", "1"))

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Keep the process of :meth:`increment`, over a river that is whole."""
        self.river()
        command = [sys.executable, "-m", "tests.benchmarks.hot_persons", "--river", str(self._home)]
        with subprocess.Popen(
            command,
            cwd=self._checkout,
            env=self._environment,
            text=True,
            bufsize=1,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as self._ticking:
            yield

    @property
    def _home(self) -> Path:
        return self._folder / "home"

    def _module(self, name: str, *arguments: str) -> str:
        return self._python("-m", f"tests.benchmarks.{name}", *arguments)

    def _python(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self._checkout, env=self._environment, check=True, text=True, stdout=subprocess.PIPE
        )
        return done.stdout


def _found(pattern: str, shown: str) -> float:
    """The last number that a benchmark printed in such a place."""
    return float(re.findall(pattern, shown)[-1].replace(",", ""))


def main() -> None:
    """Measure both sides by turns, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--only", nargs="+", choices=dict.fromkeys(name.split()[0] for name in _measures([])))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sides = [Side(asked.other.resolve(), Path(folder, "other")), Side(HERE, Path(folder, "this"))]
        for side in sides:
            side.make_home(asked.events)
        print(f"{'':<14}{'other':>10}{'this':>10}{'ratio':>8}   of the pairs", flush=True)
        for name, measures in _measures(sides).items():
            if asked.only and name.split()[0] not in asked.only:
                continue
            if name == "increment":
                for side in sides:
                    stack.enter_context(side.ticking())
                    side.increment()  # the first one warms it up
            _compare(name, measures, asked.pairs)


def _measures(sides: list[Side]) -> dict[str, list[_Measure]]:
    """By name, the measure of each side."""
    return {
        "river": [side.river for side in sides],
        "increment": [side.increment for side in sides],
        "attribute": [side.attribute for side in sides],
        "collect 1": [partial(side.collect, 1) for side in sides],
        "collect 100": [partial(side.collect, 100) for side in sides],
        "capture": [side.capture for side in sides],
    }


def _compare(name: str, measures: list[_Measure], pairs: int) -> None:
    """Measure both sides by turns, each first in every other pair."""
    found = []
    for number in range(pairs):
        turns = [0, 1] if number % 2 else [1, 0]
        values = {turn: measures[turn]() for turn in turns}
        found.append((values[0], values[1]))
    medians = [statistics.median(side) for side in zip(*found, strict=True)]
    ratios = sorted(this / other for other, this in found)
    shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"{name:<14}{medians[0]:>10.4f}{medians[1]:>10.4f}{statistics.median(ratios):>8.2f}   {shown}", flush=True)
    if statistics.median(ratios) > BAR:
        print(f"{'':<14}slower by more than the bar of {BAR:.2f}", flush=True)


if __name__ == "__main__":
    main()

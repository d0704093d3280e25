"""By how much collection falls while people click through the pages of the same server.

    python -m tests.benchmarks.clicking [--people 10] [--pause 3] [--pairs 5] [--seconds 15] [--conversions 20000]
        [--folder F]

`wrk` sends events to `touchline serve` alone, and then while so many people each open a screen, look at it for the
pause, and open the next; the two take turns, and the bar is 95 % of the events of the first, as the median of the
pairs. All of it shares the processors, so the bar means nothing while anything else runs. With ``--folder`` the home of
`tests.benchmarks.pages` is used again.
"""

import argparse
import random
import shutil
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmarks._collecting import COLLECT, NO_LIMITS, Load, Running, measured
from tests.benchmarks.pages import home_of, key_of, milliseconds, signed_in
from tests.server.serving import Server
from tests.server.whole import whole
from touchline.server.http.options import name_of
from touchline.server.pages.screen import screens

BAR = 0.95


def main() -> None:
    """Serve, send, click, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--pause", type=float, default=3.0)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--conversions", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if not COLLECT.exists() or shutil.which("wrk") is None:
        print("skipped: needs wrk, and its script beside the repository")
        return
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home = home_of(folder, asked.conversions).home
        limits = {name_of(name): str(value) for name, value in NO_LIMITS.items()}
        key = key_of(home)
        server = stack.enter_context(whole(home.path, limits))
        running = Running(server.port, server.process.pid, key, str(home.ledger), "tracking_events")
        load, ratios = Load(1, asked.seconds, 64, "0-1"), []
        for _ in range(asked.pairs):
            alone = measured(running, load)
            people = People(server, asked.people, asked.pause)
            together = measured(running, load)
            clicks = people.stop()
            ratios.append(together.events_per_second / alone.events_per_second)
            print(f"  alone {alone.events_per_second:>8,.0f} events/s, p99 {alone.p99_ms:.1f} ms")
            print(
                f"  with {asked.people} people {together.events_per_second:>8,.0f} events/s,"
                f" p99 {together.p99_ms:.1f} ms, {len(clicks):,} clicks of {median(clicks or [0.0]):,.0f} ms;"
                f" ratio {ratios[-1]:.3f}",
                flush=True,
            )
        is_past = median(ratios) < BAR
        print(f"ratio {median(ratios):.3f}, median; bar {BAR}{'  PAST IT' if is_past else ''}")


class People:
    """They open one screen after another, each with a pause of their own, until they are told to stop."""

    def __init__(self, server: Server, number: int, pause: float) -> None:
        self._server, self._pause = server, pause
        self._cookie = signed_in(server)
        self._is_over = threading.Event()
        self._milliseconds: list[float] = []
        self._threads = [threading.Thread(target=self._click, args=(one,), daemon=True) for one in range(number)]
        for thread in self._threads:
            thread.start()

    def _click(self, number: int) -> None:
        chance, paths = random.Random(number), [screen.path for screen in screens().values()]
        while not self._is_over.wait(self._pause * chance.uniform(0.5, 1.5)):
            address = f"{chance.choice(paths)}?period={chance.choice(['7d', '28d', '90d'])}"
            self._milliseconds.append(milliseconds(self._server, self._cookie, address))

    def stop(self) -> list[float]:
        """Send them home; returns how long each of their pages took (milliseconds)."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        return self._milliseconds


if __name__ == "__main__":
    main()

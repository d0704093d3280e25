"""What a server takes that nobody asks anything: the share of a processor, memory, lines of its log.

    python -m tests.benchmarks.idle [--minutes 60] [--settle 60]

The home is new, in SQLite and DuckDB, with one event. After ``--settle`` seconds, all processes of the server are
watched together. The bars (1 % of a core, memory that does not grow, no line in the log) mean nothing while anything
else runs.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.server.conftest import placed
from tests.server.processes import cpu_seconds_of, memory_of
from tests.server.serving import Server
from tests.server.whole import children, whole

MOST_CPU_SHARE = 0.01
MOST_GROWTH_MB = 5.0


class Seen(NamedTuple):
    """What the processes have taken so far."""

    cpu_seconds: float
    memory: int
    lines: int


def main() -> None:
    """Serve, wait, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--settle", type=float, default=60, help="seconds before it is watched")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = placed(Path(folder) / "home")
        with whole(place.home.path) as server:
            event = {"publicKey": place.publishable, "eventId": "e", "type": "PAGE_VIEW", "anonId": "a"}
            assert server.send(event).status == 200
            time.sleep(asked.settle)
            before, began = _seen(server), time.monotonic()
            time.sleep(asked.minutes * 60)
            after, seconds = _seen(server), time.monotonic() - began
            for line in server.log.read_text().splitlines()[before.lines :]:
                print("  ", line)
    share = (after.cpu_seconds - before.cpu_seconds) / seconds
    growth = (after.memory - before.memory) / 1_000_000
    print(f"CPU: {share:.2%} of a core (bar {MOST_CPU_SHARE:.0%})")
    print(f"Memory: {after.memory / 1_000_000:,.0f} MB, {growth:+.1f} MB (bar {MOST_GROWTH_MB:+.0f})")
    print(f"Log: {after.lines - before.lines} lines (bar 0)")


def _seen(server: Server) -> Seen:
    """All processes of the server together."""
    found, new = set[int](), {server.process.pid}
    while new:
        found |= new
        new = {child for process in new for child in children(process)} - found
    lines = len(server.log.read_text().splitlines())
    return Seen(sum(map(cpu_seconds_of, found)), sum(map(memory_of, found)), lines)


if __name__ == "__main__":
    main()

"""What one visitor with 10,000 touches and 10,000 orders costs beside ordinary events: a run, its memory, and a tick.

    python -m tests.benchmarks.hot_persons [--events 1000000] [--hot 10000] [--engines duckdb …] [--pairs 3] [--ticks 7]

Two homes have the same events; one has the visitor's too. Their rebuilds take turns, each in a process of its own, so
that the memory is its own. Then come ticks by turns, in two processes that stay, as a server's river does: ordinary
events in both homes, then with one event of the visitor in the hot home, then with a hundred. Importing is not counted.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.increment import AGENT, NOW, known_visitors, total, visits
from tests.benchmarks.river import ENGINES, imported
from tests.benchmarks.river import measured as rebuilt
from tests.engines.servers import postgresql_url
from tests.ledger.servers import database
from touchline import demo
from touchline.demo.wire import WireEvent
from touchline.jobs import importing, running
from touchline.jobs.workspace import Workspace
from touchline.settings import Home, home_from

SECONDS_BAR, MEMORY_BAR = 1.5, 1.2
TICKS = {"ordinary events": 0, "one hot event more": 1, "100 hot events more": 100}
"""By name, how many events of the visitor come with a tick."""


def main() -> None:
    """Import, rebuild, tick, print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--hot", type=int, default=10_000)
    parser.add_argument("--engines", nargs="+", choices=sorted(ENGINES), default=["duckdb"])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--ticks", type=int, default=7)
    parser.add_argument("--river", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.river:
        _tick_as_asked(home_from(folder=asked.river))
        return
    with tempfile.TemporaryDirectory() as folder:
        homes = [imported(Path(folder) / name, asked.events) for name in ("plain", "hot")]
        take_in(homes[1], list(hot_events(asked.hot)))
        numbers = count(1)
        for engine in asked.engines:
            compare(engine, homes, numbers, asked)


def compare(engine: str, homes: list[Home], numbers: Iterator[int], asked: argparse.Namespace) -> None:
    """Rebuild both homes by turns, tick both by turns, and print the ratios; ``numbers`` are those of the ticks."""
    print(f"\n{engine}: {asked.hot:,} touches and {asked.hot:,} orders of one visitor", flush=True)
    with ExitStack() as stack:
        urls = [stack.enter_context(_engine(engine, home.path.parent)) for home in homes]
        sides = list(zip(urls, homes, strict=True))
        pairs = [[rebuilt(engine, home, url) for url, home in sides] for _ in range(asked.pairs)]
        _print_ratio("run", [[sum(one["seconds"].values()) for one in pair] for pair in pairs], SECONDS_BAR, "s")
        _print_ratio("peak memory", [[one["peak_bytes"] / 1e9 for one in pair] for pair in pairs], MEMORY_BAR, "GB")
        rivers = [stack.enter_context(_river(url, home)) for url, home in sides]
        for name, hot in TICKS.items():
            seconds = [_tick_both(rivers, hot, number) for number in islice(numbers, asked.ticks + 1)]
            _print_ratio(f"tick, {name}", seconds[1:], SECONDS_BAR, "s")


@contextmanager
def _engine(engine: str, folder: Path) -> Iterator[str]:
    """The URL of an empty engine of one home."""
    if engine == "postgresql":
        with database(postgresql_url()) as url:
            yield url
    else:
        yield ENGINES[engine](folder)


@contextmanager
def _river(url: str, home: Home) -> Iterator["subprocess.Popen[str]"]:
    """A process that ticks a home when it is asked to."""
    command = [sys.executable, "-m", "tests.benchmarks.hot_persons", "--river", str(home.path)]
    environment = {**os.environ, "TOUCHLINE_ENGINE": url}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(command, env=environment, **pipes) as river:
        yield river


def _tick_both(rivers: list["subprocess.Popen[str]"], hot: int, number: int) -> list[float]:
    """The seconds of one run of each home after ordinary events, and in the hot one after so many of the visitor."""
    return [_tick(river, hot * is_hot, number) for is_hot, river in enumerate(rivers)]


def _tick(river: "subprocess.Popen[str]", hot: int, number: int) -> float:
    assert river.stdin is not None
    assert river.stdout is not None
    river.stdin.write(f"{hot} {number}\n")
    return float(river.stdout.readline())


def _print_ratio(name: str, pairs: list[list[float]], bar: float, unit: str) -> None:
    plain, hot = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
    print(f"  {name:<26}{plain:9.3f} {unit:<2} {hot:9.3f} {unit:<2}  {ratio:6.2f} (bar {bar:.2f})", flush=True)


def hot_events(number: int) -> Iterator[WireEvent]:
    """A visit by another link and an order of one visitor, so many times over four weeks before the ticks."""
    begin = NOW - timedelta(days=28)
    for n in range(number):
        yield from _visit_and_order(f"hot-{n}", (begin + timedelta(days=28) * n / number).isoformat())


def _visit_and_order(name: str, moment: str) -> tuple[WireEvent, WireEvent]:
    shown: dict[str, Any] = {"anon_id": "hot", "occurred_at": moment + "Z", "user_agent": AGENT}
    landing = f"https://{demo.SITE_DOMAIN}/?utm_source=letter&utm_medium=email&utm_campaign={name}"
    sold: dict[str, Any] = {"name": "purchase", "value": 49.5, "currency": "EUR", "order_id": f"order-{name}"}
    return (
        WireEvent(event_id=f"visit-{name}", type="PAGE_VIEW", url=landing, **shown),
        WireEvent(event_id=f"sale-{name}", type="CONVERSION", **sold, **shown),
    )


def take_in(home: Home, events: list[WireEvent]) -> None:
    """Import events into a home's ledger."""
    told = home.path / "told.jsonl"
    told.write_bytes(b"\n".join(map(msgspec.json.encode, events)))
    with Workspace(home) as workspace:
        now = time.time_ns() // 1000
        report = importing.import_events(workspace, [told], site_id=None, mapping=None, now=now)
    assert report.accepted == len(events), report


def _tick_as_asked(home: Home) -> None:
    """Take events in and run, for each line of how many are the visitor's and the tick's number; print the seconds."""
    with Workspace(home) as workspace:
        for line in sys.stdin:
            hot, number = map(int, line.split())
            ordinary = list(visits(known_visitors(workspace, number), number))
            moment = (NOW + timedelta(minutes=10 * number)).isoformat()
            more = [one for n in range(-(-hot // 2)) for one in _visit_and_order(f"tick-{number}-{n}", moment)][:hot]
            take_in(home, ordinary + more)
            report = running.run(workspace)
            assert not report.is_rebuild
            print(total(report), flush=True)


if __name__ == "__main__":
    main()

"""What a home and its server take: bytes an event, times of rebuilds, memory and processors at rest and by rate.

    python -m tests.benchmarks.sizing [--events 20000 100000] [--rates 10 50] [--seconds 20]

Printed are two tables, the second as ``/metrics`` says it of a server over the largest of the homes, and the state of
the machine: figures of a busy one say nothing of speed. ``docs/explanation/sizing.md`` has what was measured.
"""

import argparse
import os
import platform
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks._amplified import amplified
from tests.server.conftest import NOW
from tests.server.serving import Server
from tests.server.watch.promql import Scrape, scraped
from tests.server.whole import wait_until, whole
from touchline.jobs import access_keys, running
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

ROLES = ("main", "worker", "river")
_LIMITS = {f"TOUCHLINE_EVENTS_PER_MINUTE_OF_{name}": "1000000" for name in ("SITE", "KEY", "CLIENT")}


def main() -> None:
    """Make the homes, rebuild each, serve the last one, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--rates", type=int, nargs="*", default=[10, 50], help="events a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each rate, and at rest")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    print(state())
    print("\n| events | ledger, bytes an event | engine, bytes an event | rebuild, seconds | events a second |")
    print("|---:|---:|---:|---:|---:|")
    with TemporaryDirectory(dir=asked.folder) as folder:
        for events in asked.events:
            home = amplified(Path(folder) / str(events), events)
            print(rebuilt(home), flush=True)
        print("\n| load | role | processor, % of a core | resident memory, MB |\n|---|---|---:|---:|")
        for line in served(home, asked.rates, asked.seconds):
            print(line, flush=True)


def state() -> str:
    """The machine, and how busy it was."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}; load averages before: {load}"


def rebuilt(home: Home) -> str:
    """Rebuild the numbers, and say what both databases take then."""
    with Workspace(home) as workspace:
        started = time.monotonic()
        running.run(workspace, is_rebuild=True)
        seconds = time.monotonic() - started
        newest = workspace.ledger.pulse()[0]
        ledger = workspace.ledger.size_bytes()
    engine = home.engine_file.stat().st_size
    return f"| {newest:,} | {ledger / newest:,.0f} | {engine / newest:,.0f} | {seconds:.1f} | {newest / seconds:,.0f} |"


def served(home: Home, rates: list[int], seconds: float) -> Iterator[str]:
    """What each role takes at rest, and while events come at each rate."""
    with Workspace(home) as workspace:
        (site, *_) = workspace.ledger.rows(schema.SITES)
        key = access_keys.create_key(workspace, site["site_id"], "secret", scopes=["track", "read"], now=NOW).key
        address = f"https://{site['domain']}/"
    with whole(home.path, _LIMITS) as server:
        wait_until(lambda: is_fresh(server, key), 600)
        for rate in (0, *rates):
            before = looked(server, key)
            for _ in paced(rate, seconds):
                send(server, key, address, rate)
            yield from lines(f"{rate:,} events a second" if rate else "at rest", before, looked(server, key))


def is_fresh(server: Server, key: str) -> bool:
    """Whether the river has run."""
    return ("touchline_river_fresh_at_seconds", frozenset[tuple[str, str]]()) in looked(server, key).samples


def looked(server: Server, key: str) -> Scrape:
    """What ``/metrics`` says now."""
    answer = server.send(method="GET", path="/metrics", authorization=f"Bearer {key}")
    return scraped(time.time(), answer.body.decode())


def paced(rate: int, seconds: float) -> Iterator[float]:
    """Once a second, for so many seconds; at rest, once at their end."""
    end = time.monotonic() + seconds
    if not rate:
        time.sleep(seconds)
        return
    while (due := time.monotonic()) < end:
        yield due
        time.sleep(max(0.0, due + 1 - time.monotonic()))


def send(server: Server, key: str, address: str, rate: int) -> None:
    """As many events as come in a second, in batches."""
    for first in range(0, rate, 100):
        now = time.time_ns()
        events = [
            {"type": "PAGE_VIEW", "eventId": f"s-{now}-{number}", "anonId": f"v-{now}-{number // 4}", "url": address}
            for number in range(first, min(rate, first + 100))
        ]
        answer = server.send({"events": events}, authorization=f"Bearer {key}")
        assert answer.status == 200, answer.body


def lines(load: str, before: Scrape, after: Scrape) -> Iterator[str]:
    """A line of the table for each role."""
    for role in ROLES:
        label = frozenset({("process", role)})
        spent = _number(after.samples, "process_cpu_seconds_total", label) - _number(
            before.samples, "process_cpu_seconds_total", label
        )
        memory = _number(after.samples, "process_resident_memory_bytes", label)
        yield f"| {load} | {role} | {100 * spent / (after.at - before.at):.1f} | {memory / 1e6:,.0f} |"


def _number(
    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float], name: str, labels: frozenset[tuple[str, str]]
) -> float:
    return samples.get((name, labels), 0.0)


if __name__ == "__main__":
    main()

"""What a tick costs beside the past that is stored: 1,000 new events of 300 persons, over two homes in turn.

    python -m tests.benchmarks.increment [--small 1000000] [--large 5000000] [--ticks 7]

Each home's events are imported and its river is rebuilt; then come the ticks, one in the small home and one in the
large, so that what else the machine does meets both alike. Importing is not counted. A tick's visitors are mostly known
to the home; some are new, some log in, some buy.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.river import imported
from touchline import demo
from touchline.demo.plan import DAYS, START
from touchline.demo.wire import WireEvent
from touchline.jobs import importing, running
from touchline.jobs.workspace import Workspace
from touchline.pipeline import RunReport

EVENTS, PERSONS, NEW_PERSONS = 1_000, 300, 60
NOW = datetime.fromisoformat(START.isoformat()) + timedelta(days=DAYS)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
LANDINGS = ("", "?utm_source=google&utm_medium=cpc&utm_campaign=tick", "?utm_source=letter&utm_medium=email")


def main() -> None:
    """Import, rebuild, tick, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=5_000_000)
    parser.add_argument("--ticks", type=int, default=7)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        homes = [imported(folder / name, events) for name, events in (("small", asked.small), ("large", asked.large))]
        small, large = (stack.enter_context(Workspace(home)) for home in homes)
        measure(small, large, asked.ticks)


def measure(small: Workspace, large: Workspace, ticks: int) -> None:
    """Rebuild both, tick both by turns, and print what it took."""
    rebuilds = [running.run(workspace, is_rebuild=True) for workspace in (small, large)]
    reports = [[tick(workspace, number) for workspace in (small, large)] for number in range(ticks + 1)][1:]
    print(f"{'seconds':<14}{'small':>9}{'large':>9}   (medians of {ticks} ticks)")
    for stage in rebuilds[0].seconds:
        medians = [statistics.median(pair[side].seconds[stage] for pair in reports) for side in (0, 1)]
        print(f"{stage:<14}{medians[0]:9.4f}{medians[1]:9.4f}")
    totals = [tuple(map(total, pair)) for pair in reports]
    medians = [statistics.median(pair[side] for pair in totals) for side in (0, 1)]
    print(f"{'tick':<14}{medians[0]:9.4f}{medians[1]:9.4f}")
    print(f"{'nothing new':<14}" + "".join(f"{_idle_seconds(workspace):9.4f}" for workspace in (small, large)))
    print(f"{'rebuild':<14}{total(rebuilds[0]):9.2f}{total(rebuilds[1]):9.2f}")
    print("tick/rebuild  " + "".join(f"{m / total(whole):9.2%}" for m, whole in zip(medians, rebuilds, strict=True)))
    print(f"large/small   {statistics.median(large / small for small, large in totals):9.2f}  (median of the pairs)")


def _idle_seconds(workspace: Workspace) -> float:
    """The seconds of a run that finds nothing new."""
    started = time.perf_counter()
    running.run(workspace)
    return time.perf_counter() - started


def tick(workspace: Workspace, number: int) -> RunReport:
    """Take in the events of tick ``number``, and run."""
    told = Path(workspace.home.path, f"tick-{number}.jsonl")
    told.write_bytes(b"\n".join(map(msgspec.json.encode, visits(known_visitors(workspace, number), number))))
    now = time.time_ns() // 1000
    accepted = importing.import_events(workspace, [told], site_id=None, mapping=None, now=now).accepted
    report = running.run(workspace)
    assert (accepted, report.events, report.is_rebuild) == (EVENTS, EVENTS, False), (accepted, report)
    return report


def known_visitors(workspace: Workspace, number: int) -> list[str]:
    """Visitors of the home, others for every tick."""
    count = PERSONS - NEW_PERSONS
    chosen = workspace.engine.select(
        "select distinct visitor_id, md5(visitor_id) as place from tracking_events where visitor_id is not null"
        f" order by place limit {count} offset {count * number}"
    )
    return [str(name) for name in chosen["visitor_id"].to_pylist()]


def visits(known: list[str], tick: int) -> Iterator[WireEvent]:
    """The events of 300 visitors: a landing, more pages, and now and then a login or an order."""
    visitors = known + [f"new-{tick}-{number}" for number in range(NEW_PERSONS)]
    for number in range(EVENTS):
        turn, place = divmod(number, PERSONS)
        at = NOW + timedelta(minutes=10 * tick, seconds=number % 300 + 60 * turn)
        shape: dict[str, Any] = {"type": "PAGE_VIEW"}
        if turn == 1 and place % 10 == 0:
            shape = {"type": "IDENTIFY", "user_id": f"user-{place % 100}-{tick}"}
        if turn == 2 and place % 12 == 0:
            order = f"order-{tick}-{place}"
            shape = {"type": "CONVERSION", "name": "purchase", "value": 49.5, "currency": "EUR", "order_id": order}
        landing = LANDINGS[place % 3] if turn == 0 else ""
        yield WireEvent(
            event_id=f"tick-{tick}-{number}", anon_id=visitors[place], occurred_at=at.isoformat() + "Z",
            url=f"https://{demo.SITE_DOMAIN}/tables{landing}", user_agent=AGENT, **shape,
        )  # fmt: skip


def total(report: RunReport) -> float:
    """Seconds of all the stages."""
    return sum(report.seconds.values())


if __name__ == "__main__":
    main()

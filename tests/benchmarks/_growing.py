"""How the rate of a server falls while its ledger grows, for ids that rise with time and for random ones.

The server itself is measured over the first of the events and over the last tenth of them; what lies between is filled
in by the ledger's writer in this process, as the requests would take a quarter of an hour.
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from tests.benchmarks._collecting import COLLECT, RANDOM_IDS, Load, Measured, measured, over
from tests.server.conftest import placed
from touchline.ingest import Row, TrackingEvent, row_of
from touchline.ingest.context import Context
from touchline.ingest.steps import processed
from touchline.ingest.wire import Posted
from touchline.ingest.wire_event import WireEvent
from touchline.ledger.intake import Offered
from touchline.ledger.opening import intake_at
from touchline.ledger.schema import WITH_ORDER
from touchline.server.collect.collector import COLUMNS

BARS = {"time-ordered": -0.20, "random": -0.35}
BATCH = 100
GROUP = 3_200
"""Events of one commit of what is filled in."""
WARM_UP_SECONDS = 5
"""Until the cache of a server that was started anew is full."""
_CONTEXT = Context("shop-example", 1_800_000_000_000_000, "EUR", False, "Mozilla/5.0 Chrome/138.0.0.0")


def grow(options: argparse.Namespace) -> None:
    """Print both rates for each kind of ids, and by how much the second is lower."""
    total = round(options.grow * 1_000_000)
    for name, script in (("time-ordered", COLLECT), ("random", RANDOM_IDS)):
        load = Load(BATCH, options.seconds, options.connections, options.core, script, WARM_UP_SECONDS)
        with TemporaryDirectory(dir=options.folder) as folder:
            place = placed(Path(folder) / "home")
            with over(place, options.core) as running:
                first = _told(name, "first", running.newest(), measured(running, load))
                held = running.newest()
            _filled(place.home.ledger_file, name, total * 9 // 10 - held)
            with over(place, options.core) as running:
                last = _told(name, "last", running.newest(), measured(running, load))
        fall = last.events_per_second / first.events_per_second - 1
        print(f"  {name:<12}  from the first events to the last: {fall:+.0%}, in CPU an event"
              f" {first.cpu_us / last.cpu_us - 1:+.0%} (bar: {BARS[name]:+.0%})")  # fmt: skip


def _told(name: str, when: str, held: int, one: Measured) -> Measured:
    print(
        f"  {name:<12}  {when:<5}  from {held:>10,} events on  {one.events_per_second:>8,.0f} events/s"
        f"  {one.cpu_us:>6.1f} us CPU an event  {one.others} refused", flush=True,
    )  # fmt: skip
    return one


def _filled(file: Path, name: str, events: int) -> None:
    """Bring the ledger to so many more events, whose ids come before those that will be sent."""
    began = time.monotonic()
    asyncio.run(_fill(file, name, events))
    _let_go(file)
    print(f"  {name:<12}  filled in {time.monotonic() - began:,.0f} s", flush=True)
    if name == "time-ordered":
        time.sleep(max(0.0, _newest_ms(file) / 1000 + 1 - time.time()))


def _let_go(file: Path) -> None:
    """Take the file's pages out of memory, of which they have taken most in a minute: a ledger grows over months."""
    descriptor = os.open(file, os.O_RDWR)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


async def _fill(file: Path, name: str, events: int) -> None:
    intake = intake_at(file, COLUMNS)
    ids = _rising(file) if name == "time-ordered" else _random()
    rows, at = [_page_view(number) for number in range(GROUP)], COLUMNS.events.index("event_id")
    for _ in range(max(0, events) // GROUP):
        group = [(*row[:at], next(ids), *row[at + 1 :]) for row in rows]
        assert await intake.take(lambda _erased, group=group: Offered(group, [], {})) is None  # type: ignore[misc]
    await intake.close()


def _rising(file: Path) -> Iterator[str]:
    """UUIDv7 of the millisecond after the newest id of the ledger."""
    stamp = _newest_ms(file) + 1
    for number in count():
        yield str(UUID(int=stamp << 80 | 7 << 76 | 2 << 62 | number))


def _newest_ms(file: Path) -> int:
    """The time in the newest id, which may be some seconds ahead: the script of ``wrk`` counts by itself."""
    with closing(sqlite3.connect(file)) as connection:
        query = f"select max(event_id) from tracking_events where site_id = ? and {WITH_ORDER}"
        newest = connection.execute(query, (_CONTEXT.site_id,)).fetchone()[0]
    return int(newest[:8] + newest[9:13], 16)


def _random() -> Iterator[str]:
    """UUIDv4."""
    while True:
        yield str(UUID(int=random.getrandbits(128) & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62))


def _page_view(number: int) -> Row:
    said = {
        "eventId": "?", "type": "PAGE_VIEW", "anonId": f"visitor-{number}", "sessionId": f"s_{number}",
        "url": f"https://shop.example/product/{number % 500}?utm_source=google&utm_medium=cpc",
        "referrer": "https://www.google.com/",
    }  # fmt: skip
    posted = Posted.read(json.dumps(said).encode())
    assert isinstance(posted, Posted)
    wire = posted.events[0]
    assert isinstance(wire, WireEvent)
    event = processed(wire, _CONTEXT)
    assert isinstance(event, TrackingEvent)
    return row_of(event)

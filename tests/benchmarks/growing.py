"""How the rate of taking events in falls while the ledger grows, for ids that rise with time and for random ones."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec

from touchline.ingest import TrackingEvent
from touchline.ingest.steps import Context, processed
from touchline.ingest.wire import Posted, WireEvent
from touchline.ledger import Ledger
from touchline.ledger.intake import Offered
from touchline.ledger.opening import intake_at
from touchline.ledger.store import Row
from touchline.server.collector import COLUMNS

GROUP = 1_600
"""Events of one commit: as many as sixteen batches of a hundred."""
_CONTEXT = Context("shop-example", 1_800_000_000_000_000, "EUR", False, "Mozilla/5.0 Chrome/138.0.0.0")


def rising(number: int) -> str:
    """A UUIDv7 of a time that goes on by a millisecond every ten events."""
    stamp = 1_800_000_000_000 + number // 10
    return str(UUID(int=stamp << 80 | 7 << 76 | 2 << 62 | number))


def anyhow(number: int) -> str:
    """A UUIDv4."""
    return str(UUID(int=random.getrandbits(128) & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62))


def page_views() -> list[Row]:
    """Events of one commit, whose ids are to be filled in."""
    return [msgspec.structs.astuple(page_view(number)) for number in range(GROUP)]


def page_view(number: int) -> TrackingEvent:
    """A page view."""
    said = {
        "eventId": "?", "type": "PAGE_VIEW", "anonId": f"visitor-{number}",
        "url": f"https://shop.example/product/{number % 500}?utm_source=google&utm_medium=cpc",
    }  # fmt: skip
    posted = Posted.read(json.dumps(said).encode())
    assert isinstance(posted, Posted)
    wire = posted.events[0]
    assert isinstance(wire, WireEvent)
    row = processed(wire, _CONTEXT)
    assert isinstance(row, TrackingEvent)
    return row


async def _grown(file: Path, id_of: Callable[[int], str], total: int, step: int) -> list[tuple[int, float, float]]:
    """Events so far, events a second and microseconds of CPU an event, for each step."""
    intake = intake_at(file, COLUMNS)
    measured, cpu, wall, count = [], 0.0, 0.0, 0
    rows, at = page_views(), COLUMNS.events.index("event_id")
    for start in range(0, total, GROUP):
        group = [(*row[:at], id_of(start + number), *row[at + 1 :]) for number, row in enumerate(rows)]
        began, used = time.perf_counter(), time.process_time()
        assert await intake.take(lambda _erased, group=group: Offered(group, [], {})) is None  # type: ignore[misc]
        wall += time.perf_counter() - began
        cpu += time.process_time() - used
        count += GROUP
        if count >= step:
            measured.append((start + GROUP, count / wall, cpu / count * 1e6))
            wall, cpu, count = 0.0, 0.0, 0
    await intake.close()
    return measured


def grow(millions: float, folder: str | None) -> None:
    """Fill one ledger with each kind of ids, and print the rate of each step."""
    total = round(millions * 1_000_000)
    step = max(GROUP, total // 10)
    for name, id_of in (("time-ordered", rising), ("random", anyhow)):
        with TemporaryDirectory(dir=folder) as made:
            file = Path(made) / "ledger.db"
            Ledger.create(file).close()
            found = asyncio.run(_grown(file, id_of, total, step))
            for count, rate, cpu in found:
                print(f"  {name:<12}  {count:>11,} events  {rate:>8,.0f} events/s  {cpu:>6.1f} us CPU an event")
            print(f"  {name:<12}  from the first step to the last: {found[-1][1] / found[0][1] - 1:+.0%}")

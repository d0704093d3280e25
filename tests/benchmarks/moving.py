"""A ledger moves from a file to PostgreSQL and back while events arrive, and the move is killed at ten points each way.

    python -m tests.benchmarks.moving [--events 5000000] [--rate 100] [--kills 10] [--folder F]

A server in a process of its own gets single events at the rate until both moves are done. Meanwhile users, keys and
settings change in the ledger, and rows of events are removed. Each way, `touchline move` is killed (SIGKILL) at that
many points, spread over the time that an uninterrupted one would take by ``--check``, and given again until it ends.

It fails unless every acknowledged event is in the last ledger, both ends of each move hold the same in all tables (what
came after the switch aside), and nobody was refused for longer than two seconds at a time. It prints how long each way
took in all, the longest answer, and the longest time in which every answer was a refusal.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from tests.engines.servers import postgresql_url
from tests.ledger.filled import held
from tests.ledger.servers import database
from tests.server.conftest import WIDE, Place, placed
from tests.server.serving import Server, serving
from touchline.errors import HomeError
from touchline.ingest import TrackingEvent
from touchline.jobs import access_keys, moving, users
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.settings import Home

MOST_REFUSED_SECONDS = 2.0
_AT_ONCE = 10_000
_SITE = "shop-example"
_PASSWORD = "correct horse battery"


@dataclass
class Found:
    """What came of the events that were sent, one by one, under the moves."""

    acknowledged: list[str] = field(default_factory=list)
    longest_answer: float = 0.0
    longest_refused: float = 0.0

    def moved_under(self, place: Place, to: str, rate: float, kills: int) -> float:
        """Seconds that a move took while a server collected."""
        is_over = threading.Event()
        with serving(place.home.path, WIDE, place.environment) as server:
            thread = threading.Thread(target=self._send, args=(server, place, rate, is_over))
            thread.start()
            try:
                return move(place.home, to, kills)
            finally:
                time.sleep(1)  # some more events go to the new place
                is_over.set()
                thread.join()

    def _send(self, server: Server, place: Place, rate: float, is_over: threading.Event) -> None:
        """An event that is refused is sent again."""
        due, refused_since = time.monotonic(), 0.0
        while not is_over.is_set():
            name, began = f"sent-{len(self.acknowledged)}", time.monotonic()
            is_taken = _status_of(server, place, name) == 200
            now = time.monotonic()
            self.longest_answer = max(self.longest_answer, now - began)
            if is_taken:
                self.acknowledged.append(name)
                due, refused_since = due + 1 / rate, 0.0
            else:
                refused_since = refused_since or began
                self.longest_refused = max(self.longest_refused, now - refused_since)
            time.sleep(max(0.0, due - time.monotonic()))


def _status_of(server: Server, place: Place, name: str) -> int:
    event = {"type": "PAGE_VIEW", "eventId": name, "anonId": "ada", "url": "https://shop.example/"}
    with suppress(OSError):
        return server.send({"publicKey": place.publishable, "events": [event]}).status
    return 0


def fill(place: Place, events: int) -> None:
    """Give the ledger this many events."""
    columns, chance = TrackingEvent.__struct_fields__, random.Random(7)
    with closing(Ledger(place.home.ledger)) as ledger:
        for start in range(0, events, _AT_ONCE):
            numbers = range(start, min(events, start + _AT_ONCE))
            with ledger.transaction() as entry:
                entry.add_events(columns, [_event(number, chance) for number in numbers])


def _event(number: int, chance: random.Random) -> tuple[object, ...]:
    visitor = str(chance.randrange(100_000))
    return msgspec.structs.astuple(
        TrackingEvent(
            site_id=_SITE, event_id=f"{chance.getrandbits(32):08x}-0000-4000-8000-{number:012x}",
            identifier=f"v:{_SITE}:{visitor}", visitor_id=visitor, type="PAGE_VIEW", payload_hash="1",
            occurred_at=1_770_000_000_000_000 + number * 1_000_000,
            received_at=1_770_000_000_000_000 + number * 1_000_000, url="https://shop.example/a/page", path="/a/page",
        )
    )  # fmt: skip


def change(home: Home, number: int) -> None:
    """Change what is no event: a key, a user and an erasure."""
    now = time.time_ns() // 1000
    with suppress(HomeError), Workspace(home) as workspace:  # it may have been killed within the switch
        access_keys.create_key(workspace, _SITE, "secret", now=now)
        users.add_user(workspace, f"user-{number}", _PASSWORD, now=now)
        with workspace.ledger.transaction() as entry:
            entry.deleting("shop").take_events(0, [number * 10 + 1, number * 10 + 2])


def move(home: Home, to: str, kills: int) -> float:
    """Move, killed at so many points; returns seconds in all."""
    began = time.monotonic()
    each = moving.plan_of(home, to).held.seconds / (kills + 1)
    for number in range(kills):
        process = _started(home, to)
        with suppress(subprocess.TimeoutExpired):
            process.wait(each * (number + 1) / 2 + random.Random(number).random())
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            change(home, number + (0 if to != "file" else kills))
        elif process.returncode == 0:
            return time.monotonic() - began
    process = _started(home, to)
    if process.wait() != 0:
        raise SystemExit(f"The move to {to} ended with {process.returncode}.")
    return time.monotonic() - began


def _started(home: Home, to: str) -> "subprocess.Popen[bytes]":
    told = {"TOUCHLINE_HOME": str(home.path), "DATABASE_URL": home.database_url}
    words = [sys.executable, "-m", "touchline", "move", "--to", to, "--json"]
    return subprocess.Popen(words, env={**os.environ, **told}, stdout=subprocess.DEVNULL)


def compare(old: Path | str, new: Path | str) -> None:
    """All that the old ledger holds is in the new one; the server's own later events and counts are more."""
    before, after = held(old), held(new)
    for name, rows in before.items():
        if not set(rows) <= set(after[name]):
            raise SystemExit(f"{name}: {len(set(rows) - set(after[name]))} rows are missing.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder, database(postgresql_url()) as url:
        place = placed(Path(folder) / "home")
        fill(place, asked.events)
        found = Found()
        there = found.moved_under(place, url, asked.rate, asked.kills)
        old = place.home.ledger_file.rename(place.home.path / "old.db")
        compare(old, url)
        after = replace(place, home=Home(place.home.path, database_url=url))
        back = found.moved_under(after, "file", asked.rate, asked.kills)
        compare(url, place.home.ledger_file)
        report(place, found, there, back)


def report(place: Place, found: Found, there: float, back: float) -> None:
    """Print what came of it, and fail where it is not what was promised."""
    with closing(Ledger(place.home.ledger)) as ledger:
        known = {row["event_id"] for row in ledger.rows_with(schema.TRACKING_EVENTS, "site_id", [_SITE])}
    lost = set(found.acknowledged) - known
    print(f"there {there:.0f} s, back {back:.0f} s; {len(found.acknowledged)} events arrived, {len(lost)} were lost")
    print(f"longest answer {found.longest_answer:.2f} s, refused for {found.longest_refused:.2f} s at most")
    if lost or found.longest_refused > MOST_REFUSED_SECONDS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

"""How long a server takes to answer while commands work on the same home, one after another.

    python -m tests.benchmarks.beside_serving [--rate 500] [--events 2000000] [--ids 5000] [--folder F]

Requests of one event fall due at the rate whether or not earlier ones are answered. Printed for each command are its
seconds, the requests, those that were not answered with 200, and the times from due to answered; the bar is none but
200, and 250 ms for 99 of 100.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks._collecting import NO_LIMITS
from tests.benchmarks._steady import Sender
from tests.benchmarks.river import EVENTS_OF_A_VISITOR
from tests.server.conftest import Place, placed
from tests.server.whole import whole
from touchline import demo
from touchline.jobs.ownership import socket_of
from touchline.server.http.options import name_of

BAR_MS = 250.0
CONNECTIONS = 64
RETENTION = "retention"
"""It is no command but a job of the server's own, which is asked for it."""
_RETAIN = (
    "import pathlib, sys; from touchline.jobs.owner import Owner; Owner(pathlib.Path(sys.argv[1])).job('retention')"
)
OLD_DAYS = 500
"""How long ago the events happened that the retention takes."""


def main() -> None:
    """Serve, and run the commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--ids", type=int, default=5_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = demo.generate(folder / "files", visitors=round(asked.events / EVENTS_OF_A_VISITOR)).event_files
        person, old = _person(folder / "person.jsonl", asked.ids), _old(folder / "old.jsonl", asked.events // 20)
        place = placed(folder / "home")
        limits = {name_of(name): str(value) for name, value in NO_LIMITS.items()}
        _run(place, ("import", "events", str(person), str(old)))
        with whole(place.home.path, limits) as server:
            print(f"{asked.rate:,.0f} events/s; bar: 200 for all, p99 {BAR_MS:.0f} ms")
            print(
                f"{'command':<28}{'seconds':>9}{'requests':>10}{'not 200':>9}{'p50':>9}{'p99':>9}{'longest':>9}  (ms)"
            )
            for name, words in _commands(folder, files):
                sender = Sender(server.port, place, CONNECTIONS)
                print(_line(name, _seconds(sender, place, words, asked.rate), sender), flush=True)


def _commands(folder: Path, files: Sequence[Path]) -> Iterator[tuple[str, Sequence[str]]]:
    yield "nothing", ()
    yield "import events", ("import", "events", *map(str, files))
    yield "erase", ("erase", "--user", "hot")
    yield "settings set", ("settings", "set", "retention_days", str(OLD_DAYS - 50))
    yield RETENTION, (RETENTION,)
    yield "backup", ("backup", str(folder / "backup.db"))
    yield "doctor --deployment", ("doctor", "--deployment")


def _seconds(sender: Sender, place: Place, words: Sequence[str], rate: float) -> float:
    """Send while the command runs, or for five seconds where there is none; returns how long that took."""
    began = time.perf_counter()
    if not words:
        asyncio.run(sender.send(rate, 5))
        return time.perf_counter() - began
    command = _started(place, words)
    asyncio.run(sender.send_while(lambda: command.poll() is None, rate))
    seconds = time.perf_counter() - began
    if command.returncode not in {0, 1}:  # a doctor that found something ends with 1
        raise SystemExit(f"touchline {' '.join(words)} ended with {command.returncode}")
    return seconds


def _line(name: str, seconds: float, sender: Sender) -> str:
    times = sorted(sender.milliseconds)
    p50, p99, longest = times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]
    verdict = "" if sender.refused == 0 and p99 <= BAR_MS else "  PAST IT"
    figures = f"{p50:9.1f}{p99:9.1f}{longest:9.1f}"
    return f"{name:<28}{seconds:9.1f}{len(times):10,}{sender.refused:9,}{figures}{verdict}"


def _run(place: Place, words: Sequence[str]) -> None:
    if _started(place, words).wait():
        raise SystemExit(f"touchline {' '.join(words)} failed")


def _started(place: Place, words: Sequence[str]) -> "subprocess.Popen[bytes]":
    program = ["-c", _RETAIN, str(socket_of(place.home))] if words == (RETENTION,) else ["-m", "touchline", *words]
    return subprocess.Popen(
        [sys.executable, *program], stdout=subprocess.DEVNULL,
        env={**os.environ, "TOUCHLINE_HOME": str(place.home.path)},
    )  # fmt: skip


def _person(file: Path, ids: int) -> Path:
    """One user on as many devices."""
    lines = (
        {"eventId": f"hot-{number}", "type": "IDENTIFY", "anonId": f"device-{number}", "userId": "hot"}
        for number in range(ids)
    )
    return _written(file, lines, datetime.now(UTC) - timedelta(days=1))


def _old(file: Path, events: int) -> Path:
    """Page views that the retention takes."""
    lines = ({"eventId": f"old-{number}", "type": "PAGE_VIEW", "anonId": f"o{number}"} for number in range(events))
    return _written(file, lines, datetime.now(UTC) - timedelta(days=OLD_DAYS))


def _written(file: Path, lines: Iterator[dict[str, str]], when: datetime) -> Path:
    with file.open("w", encoding="utf-8") as written:
        for line in lines:
            written.write(json.dumps({**line, "occurredAt": when.isoformat()}) + "\n")
    return file


if __name__ == "__main__":
    main()

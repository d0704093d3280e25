"""How long each screen takes to its first byte and until a browser has painted it, over a home of many conversions.

    python -m tests.benchmarks.pages [--conversions 1000000] [--asked 20] [--rate 50] [--folder F]

The home is the demo's shop, whose customers are copied until there are about so many conversions, over two years; with
``--folder`` it is kept, and used again. Warm: in a server that has answered before, windows of days that nobody has
asked for since the last run. Cold: the first page of a server that has just started, one server for each screen.
Ticking: as warm, while events arrive at the rate and the river runs again and again. Rebuild: while all tables are
computed again. Then each screen is opened in Chromium: when it is painted first and most, what moves, the slowest
answer to a click on its fold-outs, and the bytes that it loads. The bars mean nothing while anything else runs.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from tests.benchmarks._amplified import with_conversions
from tests.benchmarks._browsing import browsed
from tests.benchmarks._collecting import NO_LIMITS
from tests.benchmarks._steady import Sender
from tests.server.serving import Server
from tests.server.whole import whole
from touchline.jobs import access_keys, running, users
from touchline.jobs.workspace import Workspace
from touchline.server.http.options import name_of
from touchline.server.pages.screen import screens
from touchline.settings import Home

NAME, PASSWORD = "bench", "a password of a benchmark"
WARM_MS, COLD_MS, DIMENSION_MS, REBUILD_MS = 150.0, 500.0, 1000.0, 1000.0
TICKING = 2.0
"""How many times as long as warm a page may take while events arrive."""
MOST_REBUILDING = 100_000
DIMENSIONS = ("source", "device", "landing_page")
"""Rows of the models' screen that are no usual ones."""


class Asked(NamedTuple):
    """A screen with what it is asked beyond the days."""

    path: str
    choices: dict[str, str]
    warm_bar: float

    @property
    def name(self) -> str:
        return f"{self.path}?{urlencode(self.choices)}" if self.choices else self.path


def main() -> None:
    """Build the home, serve it, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversions", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=20)
    parser.add_argument("--rate", type=float, default=50.0, help="events a second while the river ticks")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        built = home_of(folder, asked.conversions)
        print(
            f"{built.conversions:,} conversions, {built.first} to {built.last}; bars: warm {WARM_MS:.0f} and"
            f" {DIMENSION_MS:.0f}, cold {COLD_MS:.0f}, ticking {TICKING:g} times warm, rebuild {REBUILD_MS:.0f} ms"
        )
        print(f"{'screen':<28}{'warm p50':>10}{'p95':>10}{'cold':>10}{'ticking':>10}{'rebuild':>10}  (ms; p95)")
        cold = {one.name: _cold(built.home, one) for one in _asked()}
        limits = {name_of(name): str(value) for name, value in NO_LIMITS.items()}
        server = stack.enter_context(whole(built.home.path, limits))
        cookie = signed_in(server)
        warm = {one.name: _times(server, cookie, one, built, asked.asked, "warm") for one in _asked()}
        with arriving(server, key_of(built.home), asked.rate):
            ticking = {one.name: _times(server, cookie, one, built, asked.asked, "ticking") for one in _asked()}
        rebuilt = _while_rebuilding(server, cookie, built)
        for one in _asked():
            print(_line(one, warm[one.name], cold[one.name], ticking[one.name], rebuilt[one.name]), flush=True)
        _print_browsed(server, cookie)


def _print_browsed(server: Server, cookie: str) -> None:
    print(f"{'screen':<28}{'painted':>10}{'largest':>10}{'shift':>10}{'click':>10}{'bytes':>10}{'script':>10}")
    for address, seen in browsed(server, cookie, [one.name for one in _asked()]):
        print(
            f"{address:<28}{seen.first_ms:10.0f}{seen.largest_ms:10.0f}{seen.shift:10.3f}{seen.interaction_ms:10.0f}"
            f"{seen.page_bytes:10,}{seen.script_bytes:10,}{'  PAST IT' if seen.is_past else ''}",
            flush=True,
        )


def _asked() -> Iterator[Asked]:
    for screen in screens().values():
        yield Asked(screen.path, {}, WARM_MS)
    for by in DIMENSIONS:
        yield Asked("/models", {"by": by}, DIMENSION_MS)


class Built(NamedTuple):
    """A home, its first and last day, and its conversions."""

    home: Home
    first: date
    last: date
    conversions: int


def home_of(folder: Path, conversions: int) -> Built:
    """The home of a folder; made where the folder has none."""
    home = Home(folder / "home")
    if not home.path.exists():
        started = time.perf_counter()
        with_conversions(folder, conversions)
        with Workspace(home) as workspace:
            running.run(workspace)
            users.add_user(workspace, NAME, PASSWORD, organization_id=None, now=time.time_ns() // 1000)
        print(f"made in {time.perf_counter() - started:.0f} s")
    with Workspace(home, is_read_only=True) as workspace:
        (found,) = workspace.engine.select(
            "select min(conversion_date) as first, max(conversion_date) as last, count(*) as n from conversions"
        ).to_pylist()
    return Built(home, found["first"], found["last"], found["n"])


def key_of(home: Home) -> str:
    """A new publishable key of the home's site."""
    with Workspace(home) as workspace:
        site_id = workspace.site()["site_id"]
        return access_keys.create_key(workspace, site_id, "publishable", origins=[], now=time.time_ns() // 1000).key


@contextmanager
def arriving(server: Server, key: str, rate: float) -> Iterator[None]:
    """Events that arrive at a rate."""
    is_over = threading.Event()
    sender = Sender(server.port, cast(Any, SimpleNamespace(publishable=key)), 16)

    def send() -> None:
        asyncio.run(sender.send_while(lambda: not is_over.is_set(), rate))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    if sender.refused:
        raise SystemExit(f"{sender.refused:,} of {len(sender.milliseconds):,} events were not accepted")


def _times(server: Server, cookie: str, one: Asked, built: Built, number: int, when: str) -> list[float]:
    milliseconds(server, cookie, one.name)
    return [milliseconds(server, cookie, address) for address in _addresses(one, built, number, when)]


def _while_rebuilding(server: Server, cookie: str, built: Built) -> dict[str, list[float]]:
    """The times of pages, the screens by turns, for as long as all tables are computed again."""
    command = [sys.executable, "-m", "touchline", "run", "--rebuild"]
    environment = {**os.environ, "TOUCHLINE_HOME": str(built.home.path)}
    addresses = {one.name: _addresses(one, built, MOST_REBUILDING, "rebuild") for one in _asked()}
    times: dict[str, list[float]] = {name: [] for name in addresses}
    process, turns = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL), cycle(addresses)
    while process.poll() is None:
        name = next(turns)
        times[name].append(milliseconds(server, cookie, next(addresses[name])))
    if process.returncode:
        raise SystemExit(f"the rebuild ended with {process.returncode}")
    return times


def _addresses(one: Asked, built: Built, number: int, when: str) -> Iterator[str]:
    """Windows of four weeks that differ, the same in every run of the command."""
    chance = random.Random(f"{one.name} {when}")
    for place in range(number):
        end = built.last - timedelta(days=chance.randrange(max((built.last - built.first).days - 56, 1)))
        days = {"from": end - timedelta(days=27 - place % 3), "to": end}
        yield f"{one.path}?{urlencode({**days, **one.choices})}"


def signed_in(server: Server) -> str:
    """The cookie of a new session."""
    sent = urlencode({"name": NAME, "password": PASSWORD}).encode()
    answer = server.send(
        sent, path="/sign-in", content_type="application/x-www-form-urlencoded",
        origin=f"http://127.0.0.1:{server.port}",
    )  # fmt: skip
    return answer.headers["set-cookie"].partition(";")[0]


def milliseconds(server: Server, cookie: str, address: str) -> float:
    """From the request to the first byte of its answer, which leads to one spelling of itself first."""
    while True:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=600)
        started = time.perf_counter()
        connection.request("GET", address, headers={"cookie": cookie})
        response = connection.getresponse()
        took = (time.perf_counter() - started) * 1000
        response.read()
        connection.close()
        if response.status == 303:
            address = response.headers["location"]
            continue
        if response.status != 200:
            raise SystemExit(f"{address} answered {response.status}")
        return took


def _cold(home: Home, one: Asked) -> float:
    with whole(home.path, {}) as server:
        return milliseconds(server, signed_in(server), one.name)


def _line(one: Asked, warm: Sequence[float], cold: float, ticking: Sequence[float], rebuilt: Sequence[float]) -> str:
    bars = (one.warm_bar, max(COLD_MS, one.warm_bar), TICKING * one.warm_bar, max(REBUILD_MS, one.warm_bar))
    found = (_p95(warm), cold, _p95(ticking), _p95(rebuilt))
    is_past = any(time > bar for time, bar in zip(found, bars, strict=True))
    shown = "".join(f"{time:10.0f}" for time in (statistics.median(warm), *found))
    return f"{one.name:<28}{shown}{'  PAST IT' if is_past else ''}"


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else max(times, default=0.0)


if __name__ == "__main__":
    main()

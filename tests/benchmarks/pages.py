"""How long each screen takes to its first byte, over a home of many conversions.

    python -m tests.benchmarks.pages [--conversions 1000000] [--asked 20] [--folder F]

The home is the demo's shop, whose customers are copied until there are about so many conversions, over two years; with
``--folder`` it is kept, and used again. Warm: in a server that has answered before, windows of days that nobody has
asked for since the last run. Cold: the first page of a server that has just started, one server for each screen. The
bars mean nothing while anything else runs.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tests.benchmarks._amplified import with_conversions
from tests.server.serving import Server
from tests.server.whole import whole
from touchline.jobs import running, users
from touchline.jobs.workspace import Workspace
from touchline.server.pages.screen import screens
from touchline.settings import Home

NAME, PASSWORD = "bench", "a password of a benchmark"
WARM_MS, COLD_MS, DIMENSION_MS = 150.0, 500.0, 1000.0
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
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home, first, last, conversions = _home(folder, asked.conversions)
        print(
            f"{conversions:,} conversions, {first} to {last}; bars {WARM_MS:.0f}, {DIMENSION_MS:.0f}, {COLD_MS:.0f} ms"
        )
        print(f"{'screen':<28}{'warm p50':>10}{'p95':>10}{'cold':>10}  (ms)")
        cold = {one.name: _cold(home, one) for one in _asked()}
        with whole(home.path, {}) as server:
            cookie = _signed_in(server)
            for one in _asked():
                _milliseconds(server, cookie, one.name)
            for one in _asked():
                times = [
                    _milliseconds(server, cookie, address) for address in _addresses(one, first, last, asked.asked)
                ]
                print(_line(one, times, cold[one.name]), flush=True)


def _asked() -> Iterator[Asked]:
    for screen in screens().values():
        yield Asked(screen.path, {}, WARM_MS)
    for by in DIMENSIONS:
        yield Asked("/models", {"by": by}, DIMENSION_MS)


def _home(folder: Path, conversions: int) -> tuple[Home, date, date, int]:
    """The home, its first and last day, and its conversions; made where the folder has none."""
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
    return home, found["first"], found["last"], found["n"]


def _addresses(one: Asked, first: date, last: date, number: int) -> Iterator[str]:
    """Windows of four weeks that differ, the same in every run of the command."""
    chance = random.Random(one.name)
    for place in range(number):
        end = last - timedelta(days=chance.randrange(max((last - first).days - 56, 1)))
        days = {"from": end - timedelta(days=27 - place % 3), "to": end}
        yield f"{one.path}?{urlencode({**days, **one.choices})}"


def _signed_in(server: Server) -> str:
    sent = urlencode({"name": NAME, "password": PASSWORD}).encode()
    answer = server.send(
        sent, path="/sign-in", content_type="application/x-www-form-urlencoded",
        origin=f"http://127.0.0.1:{server.port}",
    )  # fmt: skip
    return answer.headers["set-cookie"].partition(";")[0]


def _milliseconds(server: Server, cookie: str, address: str) -> float:
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
        return _milliseconds(server, _signed_in(server), one.name)


def _line(one: Asked, times: Sequence[float], cold: float) -> str:
    p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
    is_past = p95 > one.warm_bar or cold > max(COLD_MS, one.warm_bar)
    return f"{one.name:<28}{statistics.median(times):10.0f}{p95:10.0f}{cold:10.0f}{'  PAST IT' if is_past else ''}"


if __name__ == "__main__":
    main()

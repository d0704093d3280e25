"""Servers that take events in, ours and the bare collector, and ``wrk`` that sends them; see ``collect.py``."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.server.conftest import Place, placed

REPOSITORY = Path(__file__).resolve().parents[2]
BENCH = REPOSITORY.parent / "shared" / "bench"
COLLECT = BENCH / "collect.lua"
"""Page views under ids that rise with time."""
RANDOM_IDS = Path(__file__).with_name("random_ids.lua")
"""The same under ids in no order."""
NO_LIMITS = {f"events_per_minute_of_{name}": 10**9 for name in ("site", "key", "client")}


@dataclass(frozen=True)
class Measured:
    """One run of ``wrk``."""

    events_per_second: float
    p99_ms: float
    cpu_us: float
    """Of the server alone, for one event."""
    others: int
    """Answers that were not 2xx."""


@dataclass(frozen=True)
class Load:
    """What ``wrk`` sends."""

    batch: int
    seconds: int
    connections: int
    core: str
    script: Path = COLLECT
    warm_up_seconds: int = 2


def send(run: "Running", load: Load, seconds: int) -> str:
    """Runs ``wrk``; returns what it says."""
    ran = subprocess.run(
        [
            "taskset", "-c", load.core, "wrk", "-t1", f"-c{load.connections}", f"-d{seconds}s", "--latency", "-s",
            str(load.script), f"http://127.0.0.1:{run.port}{run.path(load.batch)}",
        ],
        env={
            **os.environ, "BENCH": str(BENCH), "BATCH": str(load.batch), "PK": run.key, "PATHS": run.path(load.batch)
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ran.stdout


def p99_of(said: str) -> float:
    """Milliseconds."""
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]] if found else float("nan")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children that live."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())]
    fields = [Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for one in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


@contextmanager
def granian(application: str, folder: Path, environment: dict[str, str], core: str) -> Iterator[tuple[int, int]]:
    """A server; yields its port and its process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        ["taskset", "-c", core, sys.executable, "-m", "granian", "--interface", "rsgi", "--port", str(port),
         "--no-ws", "--log-level", "warning", application],
        cwd=folder, env={**os.environ, **environment}, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, "the server does not start"
                time.sleep(0.05)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def measured(run: "Running", load: Load) -> Measured:
    """One load on one server, and the rows that came of it."""
    send(run, load, load.warm_up_seconds)
    before, cpu, start = run.newest(), cpu_seconds(run.pid), time.monotonic()
    said = send(run, load, load.seconds)
    passed = time.monotonic() - start
    time.sleep(0.3)
    rows = run.rows_after(before)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Measured(
        rows / passed, p99_of(said), (cpu_seconds(run.pid) - cpu) / max(rows, 1) * 1e6, int(failed[1]) if failed else 0
    )


@dataclass(frozen=True)
class Running:
    """A server and its database."""

    port: int
    pid: int
    key: str
    place: str
    table: str

    def path(self, batch: int) -> str:
        """Where it takes batches of this size."""
        if self.table == "tracking_events":
            return "/api/track"
        return "/one" if batch == 1 else "/batch"

    def newest(self) -> int:
        """The number of the newest row; of the bare collector's, which have none, how many there are."""
        return self._asked("coalesce(max(sequence), 0)" if self._is_numbered else "count(*)")

    def rows_after(self, newest: int) -> int:
        """How many rows have come since, counted one by one.

        Only the new ones are read: the pages of all of them would take the memory that the server writes to next.
        """
        if self._is_numbered:
            return self._asked("count(*)", f" where sequence > {newest}")
        return self._asked("count(*)") - newest

    @property
    def _is_numbered(self) -> bool:
        return self.table == "tracking_events"

    def _asked(self, what: str, which: str = "") -> int:
        query = f"select {what} from {self.table}{which}"
        if self.place.startswith("postgresql:"):
            with psycopg.connect(self.place) as connection:
                found = connection.execute(query.encode()).fetchone()
        else:
            with closing(sqlite3.connect(self.place)) as connection:
                found = connection.execute(query).fetchone()
        return int(found[0]) if found else 0


@contextmanager
def ours(folder: Path, core: str, database_url: str = "") -> Iterator[Running]:
    """Touchline over a new home."""
    with over(placed(folder / "home", database_url), core) as running:
        yield running


@contextmanager
def over(place: Place, core: str) -> Iterator[Running]:
    """Touchline over a home that is set up."""
    environment = {"TOUCHLINE_HOME": str(place.home.path), "OPTIONS": json.dumps(NO_LIMITS), **place.environment}
    with granian("served:application", REPOSITORY / "tests" / "server", environment, core) as (port, pid):
        yield Running(port, pid, place.publishable, str(place.home.ledger), "tracking_events")


@contextmanager
def floor(folder: Path, core: str, database_url: str = "") -> Iterator[Running]:
    """The bare collector, unchanged."""
    file = folder / "floor.sqlite"
    environment = {"STORE": "sqlite", "SYNC": "FULL", "DB": str(file)}
    if database_url:
        environment = {"STORE": "pg", "PGURL": database_url}
        _make_table_of_floor(database_url)
    with granian("floor_collect:rsgi", BENCH, environment, core) as (port, pid):
        yield Running(port, pid, "pk_bench", database_url or str(file), "ev")


def _make_table_of_floor(database_url: str) -> None:
    texts = (
        "anon_id session_id user_id url path referrer utm_source utm_medium utm_campaign utm_term utm_content click_ids"
    )
    columns = ", ".join(f"{name} text" for name in texts.split())
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "create table ev (site_id int, event_id uuid, type text, occurred_at bigint, received_at bigint,"
            f" {columns}, value_micros bigint, ip_hash text, props text, primary key (site_id, event_id))".encode()
        )

"""How many events a second the server takes, against a bare collector that checks nothing, on one core.

``python tests/benchmarks/collect.py [--seconds 15] [--batch 1 --batch 100] [--connections 64] [--grow MILLIONS]``

Both are pinned with ``wrk`` to one core, commit to SQLite with ``synchronous = FULL``, and answer after the commit; the
rows are counted in the database afterwards. The bare collector and the script of ``wrk`` lie beside the repository.
"""

import argparse
import json
import os
import re
import shutil
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
from tempfile import TemporaryDirectory

import psycopg

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.benchmarks.growing import grow  # noqa: E402 - it stands in the repository's folder, as what follows
from tests.engines.servers import postgresql_url  # noqa: E402
from tests.ledger.servers import database  # noqa: E402
from tests.server.conftest import placed  # noqa: E402

BENCH = REPOSITORY.parent / "shared" / "bench"
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


def load(port: int, path: str, *, batch: int, key: str, seconds: int, connections: int, core: str) -> str:
    """Runs ``wrk``; returns what it says."""
    ran = subprocess.run(
        [
            "taskset", "-c", core, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s",
            str(BENCH / "collect.lua"), f"http://127.0.0.1:{port}{path}",
        ],
        env={**os.environ, "BENCH": str(BENCH), "BATCH": str(batch), "PK": key, "PATHS": path},
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


def measured(run: "Running", batch: int, options: argparse.Namespace, path: str) -> Measured:
    """One load on one server, and the rows that came of it."""
    port, pid = run.port, run.pid
    load(port, path, batch=batch, key=run.key, seconds=2, connections=options.connections, core=options.core)
    before, cpu, start = run.rows(), cpu_seconds(pid), time.monotonic()
    said = load(
        port, path, batch=batch, key=run.key, seconds=options.seconds, connections=options.connections,
        core=options.core,
    )  # fmt: skip
    passed = time.monotonic() - start
    time.sleep(0.3)
    rows = run.rows() - before
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Measured(
        rows / passed, p99_of(said), (cpu_seconds(pid) - cpu) / max(rows, 1) * 1e6, int(failed[1]) if failed else 0
    )


@dataclass(frozen=True)
class Running:
    """A server and its database."""

    port: int
    pid: int
    key: str
    place: str
    table: str

    def rows(self) -> int:
        """How many events stand in the database."""
        if self.place.startswith("postgresql:"):
            with psycopg.connect(self.place) as connection:
                found = connection.execute(f"select count(*) from {self.table}".encode()).fetchone()
                return int(found[0]) if found else 0
        with closing(sqlite3.connect(self.place)) as connection:
            return int(connection.execute(f"select count(*) from {self.table}").fetchone()[0])


@contextmanager
def ours(folder: Path, core: str, database_url: str = "") -> Iterator[Running]:
    """Touchline over a new home."""
    place = placed(folder / "home", database_url)
    environment = {"TOUCHLINE_HOME": str(place.home.path), "OPTIONS": json.dumps(NO_LIMITS), **place.environment}
    with granian("served:application", REPOSITORY / "tests" / "server", environment, core) as (port, pid):
        yield Running(port, pid, place.publishable, database_url or str(place.home.ledger_file), "tracking_events")


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


def compare(options: argparse.Namespace, store: str) -> None:
    """Both, for each size of a batch, one after the other in the same minutes."""
    if store == "pg":
        server = postgresql_url()
    print(f"{store}: one core, wrk included, {options.connections} connections, {options.seconds} s each")
    for batch in options.batch or [1, 100]:
        found = {}
        for name, started in (("floor", floor), ("touchline", ours)):
            with TemporaryDirectory(dir=options.folder) as folder:
                if store == "pg":
                    with database(server) as url, started(Path(folder), options.core, url) as running:
                        found[name] = measured(running, batch, options, _path(name, batch))
                else:
                    with started(Path(folder), options.core) as running:
                        found[name] = measured(running, batch, options, _path(name, batch))
            one = found[name]
            print(
                f"  batch {batch:>3}  {name:<9}  {one.events_per_second:>8,.0f} events/s  p99 {one.p99_ms:>7.1f} ms"
                f"  {one.cpu_us:>6.1f} us CPU an event  {one.others} refused"
            )
        ratio = found["touchline"].events_per_second / found["floor"].events_per_second
        print(f"  batch {batch:>3}  ratio      {ratio:.2f}")


def _path(name: str, batch: int) -> str:
    if name == "touchline":
        return "/api/track"
    return "/one" if batch == 1 else "/batch"


def main() -> None:
    """Measure what the command line asks for."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seconds", type=int, default=15)
    reader.add_argument("--batch", type=int, action="append")
    reader.add_argument("--connections", type=int, default=64)
    reader.add_argument("--core", default="0")
    reader.add_argument("--folder", help="where the databases are made; the disk counts")
    reader.add_argument("--store", choices=["sqlite", "pg"], default="sqlite")
    reader.add_argument("--grow", type=float, default=0.0, metavar="MILLIONS", help="rates while the ledger grows")
    options = reader.parse_args()
    if not (BENCH / "collect.lua").exists() or shutil.which("wrk") is None:
        print("skipped: needs wrk, and the bare collector beside the repository")
        return
    if options.grow:
        grow(options.grow, options.folder)
    else:
        compare(options, options.store)


if __name__ == "__main__":
    main()

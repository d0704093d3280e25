"""What an import of events costs against a bare insert of what it stores, in one run.

    python -m tests.benchmarks.importing [--events 600000] [--folder F]

The import is ``touchline import events`` over JSON lines of the invented shop; its CPU time is that of all its
processes, from their start to their end, on the event. Two floors are bare ``executemany`` calls of one process over
the rows as they stand in the ledger then, in one transaction, written ahead and synchronous as the ledger is:

``bare``
    the columns of ``tracking_events`` and its index, which leaves out ids in no order, as the shop's are: of those,
    this floor looks none up, and would store one twice.
``unique``
    the same with the index over all ids, which does what the ledger promises.

Both use the driver as the ledger does, which binds NULL and truth values faster than it does of its own accord. The
bar is twice the first floor. The last line is a file of a third of the size: the most memory of a process is the same.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.river import EVENTS_OF_A_VISITOR
from tests.server.conftest import placed
from touchline import demo
from touchline.ledger.schema import WITH_ORDER
from touchline.ledger.sqlite import PAGE_BYTES

BAR = 2.0
FRACTION = 3
"""How much smaller the file is whose import has to take as much memory."""


class Imported(NamedTuple):
    """An import that is over."""

    ledger: Path | str
    events: int
    """That it read."""
    cpu_seconds: float
    seconds: float
    resident_bytes: int
    """The most that one of its processes had."""


def main() -> None:
    """Import, insert, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=600_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--generate", nargs=2, metavar=("FOLDER", "EVENTS"), help=argparse.SUPPRESS)
    parser.add_argument("--floor", nargs=2, metavar=("LEDGER", "NAME"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.generate:
        place, events = asked.generate
        demo.generate(Path(place) / "files", visitors=round(int(events) / EVENTS_OF_A_VISITOR))
        return
    if asked.floor:
        print(bare(Path(asked.floor[0]), asked.floor[1]))
        return
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        small = imported(folder / "small", asked.events // FRACTION)
        whole = imported(folder / "whole", asked.events)
        cost = whole.cpu_seconds / whole.events * 1e6
        print(f"import: {cost:.1f} µs of CPU an event, {whole.events / whole.seconds:,.0f} events/s", flush=True)
        for name in ("bare", "unique"):
            floor = float(_ran("--floor", str(whole.ledger), name))
            verdict = "" if name != "bare" else ", within the bar" if cost <= BAR * floor else f", bar {BAR:g}"
            print(
                f"{name + ':':<8}{floor:.1f} µs; the import takes {cost / floor:.2f} times as much{verdict}", flush=True
            )
        for one in (whole, small):
            print(f"{one.events:,} events: {one.resident_bytes / 1e6:,.0f} MB in the largest process")


def imported(folder: Path, events: int) -> Imported:
    """Generate the files of so many events, and import them by a command.

    A program begins with the most memory of the process that starts it, so that another one generates the files.
    """
    _ran("--generate", str(folder), str(events))
    files = sorted((folder / "files").glob("events-*.jsonl"))
    home = placed(folder / "home").home
    began = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, "-m", "touchline", "import", "events", *map(str, files)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TOUCHLINE_HOME": str(home.path)},
    )  # fmt: skip
    assert command.stdout is not None
    said = command.stdout.read()
    _, status, used = os.wait4(command.pid, 0)
    if status:
        raise SystemExit(f"The import ended with {status}: {said}")
    read = sum(1 for _ in _lines(files))
    return Imported(
        home.ledger, read, used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss * 1024
    )  # fmt: skip


def bare(ledger: Path, name: str) -> float:
    """Microseconds of CPU for each of the ledger's events, inserted into a file of its own."""
    with closing(sqlite3.connect(ledger)) as connection:
        made = connection.execute("select sql from sqlite_master where tbl_name = 'tracking_events'").fetchall()
        rows = connection.execute("select * from tracking_events order by sequence").fetchall()
    statements = [sql if name == "bare" else sql.replace(f"WHERE {WITH_ORDER}", "") for (sql,) in made if sql]
    marks = ", ".join("?" * len(rows[0]))
    with (
        tempfile.TemporaryDirectory(dir=ledger.parent) as folder,
        closing(sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)) as connection,
    ):
        for pragma in (f"page_size = {PAGE_BYTES}", "journal_mode = wal", "synchronous = full"):
            connection.execute(f"pragma {pragma}")
        for statement in statements:
            connection.execute(statement)
        began = time.process_time()
        connection.execute("begin")
        connection.executemany(f"insert into tracking_events values ({marks})", rows)
        connection.execute("commit")
        return (time.process_time() - began) / len(rows) * 1e6


def _ran(*words: str) -> str:
    """What this program says in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.importing", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _lines(files: Sequence[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as lines:
            yield from lines


if __name__ == "__main__":
    main()

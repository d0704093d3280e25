"""What a rebuild holds at several settings of ``TOUCHLINE_MEMORY``, each in a process of its own.

    python -m tests.benchmarks.memory [--events 20000000] [--settings 2GB 4GB 8GB default] [--folder /var/tmp/memory]

Printed are the most resident memory, the most that was spilled at a time, the seconds, and whether the memory kept to
the setting times 1.25 and 0.5 GB, or the run was refused. A ledger that stands in ``--folder`` is used again, and the
engine's file is removed before and after each rebuild. 20 million events need 14 GB for the ledger and 20 GB beside it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.benchmarks._amplified import amplified
from touchline.engines.spilling import spill_of
from touchline.errors import MemoryLimitError
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.memory import VARIABLE, available_bytes, memory_from
from touchline.settings import Home, home_from

FACTOR, MORE_BYTES = 1.25, 500_000_000
"""What may be held: the setting times the one, and the other."""


def main() -> None:
    """Make the ledger where there is none, rebuild at each setting, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--settings", nargs="+", default=["2GB", "4GB", "8GB", "default"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--river", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.river:
        _rebuild(home_from())
        return
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home = Home(folder / "home")
        if not home.exists:
            amplified(folder, asked.events)
        print(f"{'setting':<10}{'seconds':>9}{'resident':>10}{'allowed':>9}{'spilled':>9}  (GB)", flush=True)
        for setting in asked.settings:
            print(line(setting, measured(home, "" if setting == "default" else setting)), flush=True)


def measured(home: Home, setting: str) -> dict[str, Any]:
    """What a rebuild says of itself, and how much of it was on the disk at a time."""
    environment = {**os.environ, VARIABLE: setting, "TOUCHLINE_HOME": str(home.path)}
    home.engine_file.unlink(missing_ok=True)
    with _watched(spill_of(home.engine_file)) as spilled:
        command = [sys.executable, "-m", "tests.benchmarks.memory", "--river"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    home.engine_file.unlink(missing_ok=True)
    return {**json.loads(done.stdout), "spilled": spilled[0]}


def line(setting: str, report: dict[str, Any]) -> str:
    """One line of the table, with the verdict and each stage's seconds."""
    memory = memory_from("" if setting == "default" else setting, available_bytes()).total_bytes
    allowed = memory * FACTOR + MORE_BYTES if setting != "default" else available_bytes() / 2
    figures = (report["resident"], allowed, report["spilled"])
    verdict = report["refused"] or ("within it" if report["resident"] <= allowed else "PAST IT")
    stages = ", ".join(f"{name} {seconds:.0f}" for name, seconds in report["seconds"].items() if seconds >= 1)
    numbers = "".join(f"{bytes_ / 1e9:{width}.2f}" for bytes_, width in zip(figures, (10, 9, 9), strict=True))
    return f"{setting:<10}{sum(report['seconds'].values()):9.0f}{numbers}  {verdict}  ({stages})"


def _rebuild(home: Home) -> None:
    seconds, refused = {}, ""
    with Workspace(home) as workspace:
        try:
            seconds = running.run(workspace, is_rebuild=True).seconds
        except MemoryLimitError as error:
            refused = str(error)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "resident": resident, "refused": refused}))


@contextmanager
def _watched(folder: Path) -> Iterator[list[int]]:
    """The most that the files of a folder took on the disk meanwhile."""
    most, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.25):
            with suppress(OSError):  # files go while they are counted
                most[0] = max(most[0], sum(file.stat().st_blocks * 512 for file in folder.rglob("*")))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        is_over.set()
        watcher.join()


if __name__ == "__main__":
    main()

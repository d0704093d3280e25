"""How long ``touchline serve`` takes from its start until it accepts requests, with SQLite and DuckDB.

What is measured ends where systemd is notified (``READY=1``). Run it by ``python -m tests.benchmarks.cold_start``.
Other work on the machine counts as well.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.server.conftest import placed
from tests.server.processes import cpu_seconds_of
from tests.server.serving import free_port
from tests.server.whole import children

BAR = 3.0
"""Seconds."""


def main() -> None:
    """Start a server a few times, and print how long each start took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--starts", type=int, default=5)
    starts = asked.parse_args().starts
    with tempfile.TemporaryDirectory() as folder:
        home = placed(Path(folder) / "home").home.path
        seen = [started(home, Path(folder)) for _ in range(starts)]
    load = os.getloadavg()[0]
    print(f"{starts} starts: {', '.join(f'{one:.2f}' for one, _ in seen)} s; the bar is {BAR:g} s")
    print(f"of all its processes until then: {', '.join(f'{one:.2f}' for _, one in seen)} s of CPU time")
    print(f"{os.cpu_count()} processors, of which others wanted {load:.1f} in the last minute")


def started(home: Path, folder: Path) -> tuple[float, float]:
    """Start a server and end it; returns the seconds until it accepted requests, and the CPU time until then."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = folder / "notify"
        name.unlink(missing_ok=True)
        manager.bind(str(name))
        manager.settimeout(120)
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "touchline", "serve", "--port", str(free_port())],
            env={**os.environ, "TOUCHLINE_HOME": str(home), "NOTIFY_SOCKET": str(name)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not manager.recv(1_000).startswith(b"READY=1"):
                pass
            took = time.monotonic() - began
            return took, sum(cpu_seconds_of(one) for one in (process.pid, *children(process.pid)))
        finally:
            process.terminate()
            process.wait(60)


if __name__ == "__main__":
    main()

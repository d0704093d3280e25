"""A server of Spark Connect for tests: Sail from PyPI, as a cluster of a driver and workers on this machine."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from touchline.engines.spark import Spark

_SECONDS = 60.0


@dataclass
class SailCluster:
    """A driver with its workers, which a test may kill and start again."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="touchline-spark-")))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "SailCluster":
        """Start it, and wait until it answers."""
        self.port = self.port or _free_port()
        command = [str(Path(sys.executable).with_name("sail")), "spark", "server", "--port", str(self.port)]
        environment = {**os.environ, "SAIL_MODE": "local-cluster", "RUST_LOG": "error"}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _SECONDS
        while not _answers(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Sail did not start.")
            time.sleep(0.1)
        return self

    def kill(self) -> None:
        """End it as a machine does that loses its power."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        """End it, and remove its tables."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Of an engine with its tables in a folder of this name."""
        return f"sc://127.0.0.1:{self.port}/;tables=file://{self.folder / name}"

    def empty(self, name: str = "river") -> Spark:
        """An engine that holds nothing."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return Spark(self.url(name))


@cache
def sail() -> SailCluster:
    """The one that lives as long as this process."""
    cluster = SailCluster().start()
    atexit.register(cluster.close)
    return cluster


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0

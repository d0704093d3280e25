"""Servers of Spark Connect for tests.

Sail from PyPI, as a cluster of a driver and workers on this machine; and Spark itself, with Java, which `make test-all`
installs.
"""

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
from typing import Self

from touchline.engines.spark import Spark

_SECONDS = 60.0


PYSPARK = Path(__file__).parent / "pyspark"
"""The project whose lock has the version of Spark."""
_APART = Path(__file__).parents[2] / ".tools" / "pyspark"
"""Where `scripts/install_apart.py pyspark` puts it."""
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass
class ConnectServer:
    """A server of Spark Connect, which a test may kill and start again."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="touchline-spark-")))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What starts it."""
        raise NotImplementedError

    def variables(self) -> dict[str, str]:
        """What its environment has in addition."""
        raise NotImplementedError

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        self.port = self.port or _free_port()
        environment = {**os.environ, **self.variables()}
        self.process = subprocess.Popen(
            self.command(), env=environment, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _SECONDS
        while not _answers(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{type(self).__name__} did not start.")
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


class SailCluster(ConnectServer):
    """A driver with its workers."""

    def command(self) -> list[str]:
        """Of the package."""
        return [str(Path(sys.executable).with_name("sail")), "spark", "server", "--port", str(self.port)]

    def variables(self) -> dict[str, str]:
        """That it is a cluster."""
        return {"SAIL_MODE": "local-cluster", "RUST_LOG": "error"}


class JavaSpark(ConnectServer):
    """Spark itself, in local mode: driver and executor are one process."""

    def command(self) -> list[str]:
        """What Spark's own script for the server runs."""
        settings = {
            "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(self.port),
            "spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false",
        }  # fmt: skip
        given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        memory = ["--driver-memory", "2g"]
        return [
            str(_APART / "bin" / "spark-submit"),
            "--class",
            _CONNECT,
            "--master",
            "local[2]",
            *memory,
            *given,
            "spark-internal",
        ]

    def variables(self) -> dict[str, str]:
        """Its own Python, and no look at this machine's name."""
        (home,) = _APART.glob("lib/python*/site-packages/pyspark")
        return {
            "SPARK_HOME": str(home),
            "PYSPARK_PYTHON": str(_APART / "bin" / "python"),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }


@cache
def sail() -> SailCluster:
    """The one that lives as long as this process."""
    cluster = SailCluster().start()
    atexit.register(cluster.close)
    return cluster


@cache
def java_spark() -> JavaSpark:
    """As above."""
    server = JavaSpark().start()
    atexit.register(server.close)
    return server


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0

"""Requests that are refused while a server restarts over a socket that stays open, as systemd holds it.

Requests come at a fixed rate, each on a connection of its own, while ``touchline serve`` is ended and started again.
Run it by ``python -m tests.benchmarks.restarting --restarts 20 --rate 200``.
"""

import argparse
import itertools
import socket
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.server.conftest import placed
from tests.server.process.test_listener import started
from tests.server.serving import Server
from tests.server.whole import wait_until

LIMITS = {f"TOUCHLINE_EVENTS_PER_MINUTE_OF_{one}": "100000000" for one in ("SITE", "KEY", "CLIENT")}
PATIENCE = 120.0
"""Seconds that a client waits for its answer."""


def main() -> None:
    """Restart a server under load, and print what the clients saw."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--restarts", type=int, default=20)
    asked.add_argument("--rate", type=int, default=200)
    words = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=4_096) as held:
        home, log = Path(folder) / "home", Path(folder) / "log"
        load = Load(held.getsockname()[1], placed(home).publishable, words.rate, log)
        server, ends = started(held, home, log, LIMITS), []
        load.server.send(method="GET", path="/healthz", timeout=PATIENCE)
        load.start()
        for _ in range(words.restarts):
            load.wait_for(words.rate)
            ends.append(stop(server))
            server = started(held, home, log, LIMITS)
        load.wait_for(words.rate)
        load.is_over.set()
        load.join()
        stop(server)
    print(f"{words.restarts} restarts under {words.rate} requests/s: {dict(load.seen)}")
    print(f"an end took {min(ends):.1f} to {max(ends):.1f} s; the longest wait was {load.longest:.1f} s")
    assert set(load.seen) == {"200"}


def stop(server: Server) -> float:
    """End a server; returns the seconds that it took."""
    began = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - began


class Load(threading.Thread):
    """Clients that send one event each, at a rate."""

    def __init__(self, port: int, key: str, rate: int, log: Path) -> None:
        super().__init__()
        self.server = Server(None, port, log)  # type: ignore[arg-type] # the process is another one's
        self.is_over = threading.Event()
        self.seen: Counter[str] = Counter()
        """Requests by status, or by the error that the client got."""
        self.longest = 0.0
        self._key, self._rate = key, rate

    def run(self) -> None:
        """Send, on time whatever the answers do, until it is over and all are answered."""
        began = time.monotonic()
        with ThreadPoolExecutor(20 * self._rate) as pool:
            for number in itertools.count():
                if self.is_over.wait(max(0.0, began + number / self._rate - time.monotonic())):
                    return
                pool.submit(self._send, number)

    def wait_for(self, answers: int) -> None:
        """Wait until this many more requests are answered."""
        seen = self.seen.total()
        wait_until(lambda: self.seen.total() >= seen + answers, PATIENCE)

    def _send(self, number: int) -> None:
        began = time.monotonic()
        event = {"publicKey": self._key, "type": "PAGE_VIEW", "eventId": str(number), "url": "https://shop.example/"}
        try:
            outcome = str(self.server.send({**event, "anonId": f"a{number % 1_000}"}, timeout=PATIENCE).status)
        except OSError as error:
            outcome = type(error).__name__
        self.seen[outcome] += 1
        self.longest = max(self.longest, time.monotonic() - began)


if __name__ == "__main__":
    main()

"""Disks that are full, or take no writes any more: nobody is told that an event is stored which is not."""

import json
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from tests.disks import fill, in_memory, mounted, only_root_mounts
from tests.server.collect.test_track import view
from tests.server.conftest import WIDE, Place, placed
from tests.server.serving import Answer, Server, serving
from tests.server.test_killed import stored
from tests.server.whole import is_ready, wait_until, whole

pytestmark = [pytest.mark.slow, only_root_mounts]

LIMITS = {f"TOUCHLINE_{name.upper()}": str(limit) for name, limit in WIDE.items()}
STORAGE = 5
ROOM = 300_000
"""Bytes that are left: some batches fit, and none does in the end."""


class Sender:
    """Sends batches, and knows which were acknowledged."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._numbers = count()
        self.acknowledged: list[str] = []
        self.refused: list[list[str]] = []

    def send(self, server: Server, names: list[str] | None = None) -> Answer:
        if names is None:
            number = next(self._numbers)
            names = [f"{number}-{n}" for n in range(50)]
        events = [view(name, title="x" * 300) for name in names]
        answer = server.send({"publicKey": self._place.publishable, "events": events})
        if answer.status == 200:
            self.acknowledged += names
        else:
            self.refused.append(names)
        return answer

    def send_again(self, server: Server) -> None:
        """What was refused, as a client does that was told to come again."""
        refused, self.refused = self.refused, []
        assert {self.send(server, names).status for names in refused} == {200}

    def nothing_is_lost_or_double(self) -> None:
        assert sorted(stored(self._place)) == sorted(self.acknowledged)


def is_told(answer: Answer) -> None:
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.document["code"] == "busy"


def statuses(server: Server) -> tuple[int, int]:
    return tuple(server.send(method="GET", path=path).status for path in ("/healthz", "/readyz"))  # type: ignore[return-value]


def is_refused(home: Path) -> None:
    """A server does not start there, and says why, and what to do, in one line."""
    started = subprocess.run(
        [sys.executable, "-m", "touchline", "serve"], env={**os.environ, "TOUCHLINE_HOME": str(home)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (started.returncode, started.stdout) == (STORAGE, "")
    (line,) = started.stderr.splitlines()
    assert line.startswith("error: ")
    assert "Read-only file system" in line
    assert "mount the disk writable" in line


def told(log: Path) -> list[str]:
    """What the log says; every line of it is a document, but for the last words to whoever stopped the server."""
    lines = [line for line in log.read_text().splitlines() if not line.startswith("Stopped")]
    return [json.loads(line)["event"] for line in lines]


def test_a_full_disk_is_told_and_the_same_server_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with mounted(home, *in_memory("32m")):
        place = placed(home)
        sender, filler = Sender(place), home / "filler"
        with whole(home, LIMITS) as server:
            assert sender.send(server).status == 200
            fill(filler)
            os.truncate(filler, filler.stat().st_size - ROOM)
            for _ in range(30):
                answer = sender.send(server)
                if answer.status != 200:
                    is_told(answer)
            assert len(sender.refused) >= 3
            fill(home / "last")
            is_told(sender.send(server))
            assert statuses(server) == (200, 503)
            sender.nothing_is_lost_or_double()
            filler.unlink()
            assert sender.send(server).status == 200
            wait_until(lambda: is_ready(server), 120)
            sender.send_again(server)
            assert server.stop() == 0
        sender.nothing_is_lost_or_double()
        assert {"ledger_fails", "ledger_takes_again"} <= set(told(server.log))


@pytest.mark.skipif(shutil.which("mkfs.ext4") is None, reason="needs mkfs.ext4")
def test_a_disk_that_fails_turns_read_only_and_what_was_acknowledged_is_there_once_it_is_mended(tmp_path: Path) -> None:
    """As ext4 does after an error of the device; what is open for writing cannot be made read-only in another way."""
    image, home = tmp_path / "image", tmp_path / "home"
    home.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(home, "-o", "loop,errors=remount-ro", image):
        place = placed(home)
        sender = Sender(place)
        with whole(home, LIMITS) as server:
            assert sender.send(server).status == 200
            subprocess.run(["mount", "-o", "remount,abort", home], check=True)
            for _ in range(5):
                is_told(sender.send(server))
            assert statuses(server) == (200, 503)
            assert server.stop() == 0
        assert "ledger_fails" in told(server.log)
        is_refused(home)
    with mounted(home, "-o", "loop", image):
        with serving(home, WIDE) as server:
            sender.send_again(server)
            assert sender.send(server).status == 200
        sender.nothing_is_lost_or_double()

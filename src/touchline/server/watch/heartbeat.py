"""The river's heartbeat: what its process reports about itself, and how signs of life are judged.

A thread that beats proves only that threads run. So a beat carries a count of steps, which the work advances, and the
keeper measures from outside what the process takes of the machine. See docs/decisions/noticing-what-is-stuck.md.
"""

import os
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec

BEAT_SECONDS = 1.0
_ACTIVE_SHARE = 0.02
"""Of one core: the beats alone take less, a statement that computes takes more."""
_ACTIVE_BYTES = 65_536


class Beat(msgspec.Struct):
    """What the river's process says once a second."""

    step: str
    steps: int
    """Rises with every step of a run, and with every round of an idle river."""
    status: str
    """``starting``, ``ticking``, ``failing`` or ``blocked``."""
    runs: int
    reason: str = ""
    """Who blocks it."""


class Heart:
    """Counts the river's steps; any thread may call it."""

    def __init__(self) -> None:
        self._step, self._steps = "starting", 0

    def advance(self, step: str) -> None:
        """Record that the work moved on to ``step``."""
        self._step, self._steps = step, self._steps + 1

    def beat(self, status: str, runs: int, reason: str = "") -> Beat:
        """The state of the work now."""
        return Beat(self._step, self._steps, status, runs, reason)


def keep_beating(connection: Connection, beat: "BeatSource") -> None:
    """Send a beat every :data:`BEAT_SECONDS` from a thread of its own, for as long as the keeper listens."""

    def send_beats() -> None:
        with suppress(OSError):
            while True:
                connection.send_bytes(msgspec.json.encode(beat()))
                time.sleep(BEAT_SECONDS)

    threading.Thread(target=send_beats, daemon=True).start()


class BeatSource:
    """Makes the beats; a river that is not open yet is starting."""

    def __init__(self, heart: Heart) -> None:
        self._heart = heart
        self.status, self.runs, self.reason = "starting", 0, ""

    def __call__(self) -> Beat:
        """The next beat."""
        return self._heart.beat(self.status, self.runs, self.reason)


class Usage(NamedTuple):
    """What a process has taken of the machine since its start: seconds of processors, bytes from and to disks."""

    cpu_seconds: float
    disk_bytes: int


def usage_of(process_id: int) -> Usage:
    """As the kernel counts it for all threads; zeros where it does not say."""
    ticks = bytes_moved = 0
    with suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
    with suppress(OSError, ValueError):
        lines = Path(f"/proc/{process_id}/io").read_text().splitlines()
        counts = dict(line.split(": ") for line in lines)
        bytes_moved = int(counts["read_bytes"]) + int(counts["write_bytes"])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), bytes_moved)


class Patience(NamedTuple):
    """How long the keeper waits, in seconds."""

    silent: float
    """Without a beat, while the process takes nothing of the machine."""
    idle: float
    """With beats but without a step, while the process takes nothing of the machine; 0: as long as a step may take."""
    step: float
    """For one step, however busy the process is."""


class LifeSigns:
    """Judges one process by what is seen of it at each look."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._usage = Usage(0.0, 0)
        self._steps = -1
        self.silent_for = self.idle_for = self.step_for = 0.0

    def look(self, elapsed: float, beat: Beat | None, usage: Usage) -> str:
        """Why the process counts as stuck; ``""`` if it does not.

        :param elapsed: seconds since the look before, as the keeper itself was running.
        :param beat: the newest beat since then.

        >>> signs = LifeSigns(Patience(silent=2, idle=5, step=60))
        >>> [signs.look(1, None, Usage(0, 0)) for _ in range(3)]
        ['', '', 'It has sent no heartbeat for 3 seconds.']
        """
        is_active = (
            usage.cpu_seconds - self._usage.cpu_seconds > _ACTIVE_SHARE * elapsed
            or usage.disk_bytes - self._usage.disk_bytes > _ACTIVE_BYTES * elapsed
        )
        has_advanced = beat is not None and beat.steps != self._steps
        self._usage, self._steps = usage, beat.steps if beat else self._steps
        self.silent_for = 0.0 if beat else self.silent_for + elapsed
        self.idle_for = 0.0 if has_advanced or is_active else self.idle_for + elapsed
        self.step_for = 0.0 if has_advanced else self.step_for + elapsed
        return self._verdict()

    def _verdict(self) -> str:
        silent, idle, step = self._patience
        if min(self.silent_for, self.idle_for) > silent:
            return f"It has sent no heartbeat for {self.silent_for:.0f} seconds."
        if idle and self.idle_for > idle:
            return f"It has done nothing for {self.idle_for:.0f} seconds."
        if self.step_for > step:
            return f"One step has taken {self.step_for:.0f} seconds."
        return ""

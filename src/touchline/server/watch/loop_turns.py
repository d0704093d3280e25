"""When each worker's event loop last turned, in memory that all processes of a server share.

Nothing is written to a disk or a pipe, so that neither a full disk nor a reader that stands still holds a worker up.
"""

import multiprocessing
import os
import time
from contextlib import suppress

TURN_SECONDS = 1.0
"""How often a loop says that it turns."""
_CLAIM_SECONDS = 5.0
"""How long a worker waits to be given its place; one that has none counts as standing still."""


class LoopTurns:
    """One place for each worker: its process, and when its loop last turned.

    :param workers: how many there are at a time; one that was replaced leaves its place to its successor.
    """

    def __init__(self, workers: int) -> None:
        self._places = multiprocessing.Array("d", 2 * workers)
        self._own = -1

    def note(self) -> None:
        """Record that this process's loop turns; called on the loop."""
        if self._own < 0:
            self._own = self._claimed()
        if self._own >= 0:
            self._places.get_obj()[self._own + 1] = time.monotonic()

    def _claimed(self) -> int:
        lock = self._places.get_lock()
        if not lock.acquire(timeout=_CLAIM_SECONDS):
            return -1
        try:
            held = self._places.get_obj()
            for place in range(0, len(held), 2):
                if not _is_alive(int(held[place])):
                    held[place + 1], held[place] = time.monotonic(), os.getpid()
                    return place
            return -1
        finally:
            lock.release()

    def standing_still(self, seconds: float) -> str:
        """Which loop has not turned for so long; ``""`` if there are some, and all do."""
        held, now = list(self._places.get_obj()), time.monotonic()
        if now - max(held[1::2]) > seconds:
            return f"No event loop has turned for more than {seconds:.0f} seconds."
        for process, at in zip(held[::2], held[1::2], strict=True):
            if now - at > seconds and _is_alive(int(process)):
                return f"The event loop of worker {process:.0f} has stood still for {now - at:.0f} seconds."
        return ""


def _is_alive(process: int) -> bool:
    if process:
        with suppress(OSError):
            os.kill(process, 0)
            return True
    return False

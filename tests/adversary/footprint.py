"""What each process of a server holds over its life, and whether that stays flat.

A worker's ceiling is fixed: two passwords are checked at a time, which takes 128 MiB, bodies that wait are bounded, and
so are the pages of the ledger that it keeps. The river's is the engine's share of ``TOUCHLINE_MEMORY``, on top of what
the process held when the engine was empty. How soon the engine takes all of it depends on what it is asked and on how
much the shop has stored, so its growth is judged against a process that began late, over the same home.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.server.processes import memory_of
from tests.server.serving import Server
from tests.server.whole import children
from touchline.memory import Memory

MB = 1024 * 1024
ABOVE_START = {"main": 16 * MB, "worker": 224 * MB, "river": 96 * MB}
"""What a process may hold beyond what it held at first; the river's engine has its share besides, and the worker the
pages of the ledger that the setting lets it keep."""
GROWN_LATE = {"main": 4 * MB, "worker": 32 * MB}
"""By how much the peak of the last third of a long life may exceed that of all before it."""
ABOVE_LATE_START = {"river": 48 * MB}
"""By how much the late peak of a long life may exceed the peak of a process that began then."""
_SAMPLE_SECONDS = 0.1


class Footprint:
    """Resident bytes of a server's processes, by their role."""

    def __init__(self, server: Server) -> None:
        self._pids = _pids_of(server)
        self.first = {role: memory_of(pid) for role, pid in self._pids.items()}
        self.peaks: dict[str, list[int]] = defaultdict(list)
        """For each role, the peak of each part of the life."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note the peak of each process until the block ends."""
        is_over = threading.Event()
        for role in self._pids:
            self.peaks[role].append(0)
        sampling = threading.Thread(target=self._sample, args=(is_over,))
        sampling.start()
        try:
            yield
        finally:
            is_over.set()
            sampling.join()

    def _sample(self, is_over: threading.Event) -> None:
        while True:
            for role, pid in self._pids.items():
                with suppress(OSError):  # it is another one's turn to notice that a process has ended
                    self.peaks[role][-1] = max(self.peaks[role][-1], memory_of(pid))
            if is_over.wait(_SAMPLE_SECONDS):
                return

    def check(self, memory: Memory) -> None:
        """Each process lives on, and stays below its ceiling."""
        for role, peaks in self.peaks.items():
            assert min(peaks) > 0, f"the process {role} ended: {self.said()}"
            share = {"river": memory.engine_bytes, "worker": memory.cache_bytes}.get(role, 0)
            assert max(peaks) < self.first[role] + share + ABOVE_START[role], (role, self.said())

    def check_growth(self, later: "Footprint") -> None:
        """Once it is warm, a process grows no more.

        :param later: of processes that began when this life was over, and did the same for a while.
        """
        for role, most in GROWN_LATE.items():
            peaks = self.peaks[role]
            third = len(peaks) // 3
            assert max(peaks[-third:]) - max(peaks[:-third]) < most, (role, self.said())
        for role, most in ABOVE_LATE_START.items():
            peaks, begun_late = self.peaks[role], later.peaks[role]
            assert max(peaks[-len(begun_late) :]) - max(begun_late) < most, (role, self.said(), later.said())

    def said(self) -> str:
        """First and later peaks in megabytes."""
        return "; ".join(
            f"{role} {self.first[role] // MB}, then {' '.join(str(peak // MB) for peak in peaks)} MB"
            for role, peaks in self.peaks.items()
        )


def _pids_of(server: Server) -> dict[str, int]:
    """The main process, its one worker, and the river's process, which holds the engine's file."""
    started = [pid for pid, words in children(server.process.pid).items() if "spawn_main" in words]
    (river,) = [pid for pid in started if _holds_engine(pid)]
    (worker,) = [pid for pid in started if pid != river]
    return {"main": server.process.pid, "worker": worker, "river": river}


def _holds_engine(pid: int) -> bool:
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if str(file.readlink()).endswith("engine.duckdb"):
                return True
    return False

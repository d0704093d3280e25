"""What a process has taken of the machine."""

import os
from contextlib import suppress
from pathlib import Path


def cpu_seconds_of(pid: int) -> float:
    """To the nanosecond, as the scheduler counts it for all its threads."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that ended meanwhile
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


def memory_of(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

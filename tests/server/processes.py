"""What a process has taken of the machine."""

import os
from pathlib import Path


def cpu_seconds_of(pid: int) -> float:
    """To the nanosecond, as the scheduler counts it for all its threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory_of(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

"""How much memory a run may hold: a setting of the machine, by default half of what this process may use."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import UsageError

VARIABLE = "TOUCHLINE_MEMORY"
LEAST_BYTES = 400_000_000
"""Python with its libraries takes 190 MB of it, and a sort of events needs 200 MB, however few or many there are."""

MOST_CACHE_BYTES = 256 * 1024 * 1024
"""What an intake keeps at most of the ledger's pages, however much memory there is."""

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?(%|[KMGT]I?B)")
_LIMIT_FILES = ("memory.max", "memory.high", "memory.limit_in_bytes")
_MOUNTS = ("sys/fs/cgroup", "sys/fs/cgroup/unified", "sys/fs/cgroup/memory")


@dataclass(frozen=True)
class Memory:
    """The most that a run may hold, and how an engine divides it.

    >>> Memory(2_000_000_000).engine_bytes, Memory(2_000_000_000).threads(64)
    (1250000000, 4)
    """

    total_bytes: int

    @property
    def engine_bytes(self) -> int:
        """The engine's share: five eighths.

        The rest is for Python with its libraries, the rows on their way from the ledger, the components of identity,
        and what allocators keep.
        """
        return self.total_bytes * 5 // 8

    @property
    def cache_bytes(self) -> int:
        """What the intake of a SQLite ledger keeps of its file's pages: a sixteenth, at most 256 MiB.

        Ids that come in no order have 90 MB of the index a million; more of it in memory is fewer reads.

        >>> Memory(400_000_000).cache_bytes, Memory(8_000_000_000).cache_bytes
        (25000000, 268435456)
        """
        return min(self.total_bytes // 16, MOST_CACHE_BYTES)

    def threads(self, processors: int) -> int:
        """How many threads work at a time: each sorts and joins in memory of its own, of which it needs 256 MB."""
        return max(1, min(processors, self.engine_bytes // 256_000_000))

    def __str__(self) -> str:
        """In gigabytes, as the setting is written.

        >>> str(Memory(12_300_000_000)), str(Memory(512_000_000))
        ('12.3GB', '512MB')
        """
        return f"{self.total_bytes / 1e9:.4g}GB" if self.total_bytes >= 10**9 else f"{self.total_bytes // 10**6}MB"


def memory_from(text: str, available_bytes: int) -> Memory:
    """The memory that ``text`` asks for: a size, a share of what is available, or half of it where it is empty.

    :raises UsageError: if it is neither, is less than :data:`LEAST_BYTES`, or more than there is.

    >>> memory_from("25%", 16 * 10**9), memory_from("1.5 gb", 16 * 10**9), memory_from("", 16 * 10**9)
    (Memory(total_bytes=4000000000), Memory(total_bytes=1500000000), Memory(total_bytes=8000000000))
    """
    if not text.strip():
        return Memory(max(available_bytes // 2, LEAST_BYTES))
    match = _SIZE.fullmatch(text.strip().upper())
    if match is None:
        raise UsageError(f"{VARIABLE} is {text!r}.", "It is a size such as 4GB, 512MB or 2GiB, or a share such as 25%.")
    number, unit = float(match[1]), match[2]
    asked = int(number / 100 * available_bytes) if unit == "%" else int(number * _UNITS[unit])
    if not LEAST_BYTES <= asked <= available_bytes:
        raise UsageError(
            f"{VARIABLE} is {text!r}, which is {Memory(asked)}.",
            f"It is at least {Memory(LEAST_BYTES)} and at most {Memory(available_bytes)}, the memory of this process.",
        )
    return Memory(asked)


def available_bytes(root: Path = Path("/")) -> int:
    """The memory that this process may use: the machine's, or less where its control group or a parent says so.

    :param root: where ``proc`` and ``sys`` are found.
    """
    return min([_machine_bytes(root), *_limits(root)])


def _machine_bytes(root: Path) -> int:
    found = re.search(r"^MemTotal:\s+(\d+) kB", _text(root / "proc/meminfo"), re.MULTILINE)
    return int(found[1]) * 1024 if found else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _limits(root: Path) -> Iterator[int]:
    """The limits of the process's own groups and of all above them; version 1 writes "none" as a number past any."""
    groups = {"/"} | {line.split(":", 2)[2] for line in _text(root / "proc/self/cgroup").splitlines() if ":" in line}
    for mount in _MOUNTS:
        for group in groups:
            own = root / mount / group.strip("/")
            for folder in (own, *own.parents):
                if not folder.is_relative_to(root / mount):
                    break
                yield from _said(folder)


def _said(folder: Path) -> Iterator[int]:
    for name in _LIMIT_FILES:
        text = _text(folder / name).strip()
        if text.isascii() and text.isdecimal() and int(text) > 0:
            yield int(text)


def _text(file: Path) -> str:
    """What stands in a file of the kernel; nothing where there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""

"""Small disks of a test's own, that fill up or take no more writes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

only_root_mounts = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mount"), reason="only root can mount a small disk"
)


@contextmanager
def mounted(folder: Path, *words: str | Path) -> Iterator[None]:
    """A disk at ``folder`` until the block ends; ``words`` tell ``mount`` which."""
    if subprocess.run(["mount", *words, folder], check=False).returncode:
        pytest.skip("this root may not mount")
    try:
        yield
    finally:
        # Lazily: what a failed command left to the garbage collector may still hold a file there.
        subprocess.run(["umount", "--lazy", folder], check=True)


def in_memory(size: str) -> tuple[str, ...]:
    """A disk of this size that is gone with its last file."""
    return "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs"


def fill(file: Path) -> None:
    """Takes all the room there is on the file's disk."""
    with file.open("wb", buffering=0) as out:
        try:
            while out.write(b"x" * 4_096):
                continue
        except OSError:
            return

"""Running programs of environments that tests build."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from scripts import sync_from_mirror

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*command: str | Path, folder: Path) -> str:
    """Run a program with nothing of this test's Python in its environment; returns what it printed."""
    answer = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, f"{command}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@cache
def environment() -> dict[str, str]:
    """The variables of this process without those of its Python; with the mirror, if this one was filled from it.

    Packages that are not locked, such as those of a test's new environment, then come from where the locked ones did.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    mirror = sync_from_mirror.configured_index() if sync_from_mirror.LOCKED.exists() else ""
    return {"UV_DEFAULT_INDEX": mirror, **own} if mirror else own


def uv_program() -> str:
    """The uv that the Makefile uses, or the one on the path."""
    own = REPOSITORY / ".tools" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    assert found, "Run `make uv` first."
    return found

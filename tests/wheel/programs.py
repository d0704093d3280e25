"""Running programs of environments that tests build."""

import os
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*command: str | Path, folder: Path) -> str:
    """Run a program with nothing of this test's Python in its environment; returns what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    answer = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, f"{command}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


def uv_program() -> str:
    """The uv that the Makefile uses, or the one on the path."""
    own = REPOSITORY / ".tools" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    assert found, "Run `make uv` first."
    return found

"""Fills ``.venv`` with the locked versions from the package index that pip is configured with.

``uv.lock`` names the files of the public index, and uv fetches them from there. Where only a mirror can be reached,
that fails, and the Makefile runs this: the same versions, checked against the same hashes, from the mirror.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
UV = REPOSITORY / ".tools" / "uv"
LOCKED = REPOSITORY / ".tools" / "locked.txt"


def main() -> int:
    """Install from the mirror, or say that there is none."""
    mirror = configured_index()
    if not mirror:
        print(
            "The packages could not be fetched (see above), and pip is configured with no other index.", file=sys.stderr
        )
        return 1
    print("Fetching from the package index that pip is configured with.", file=sys.stderr)
    environment = {**os.environ, "UV_DEFAULT_INDEX": mirror}
    for arguments in steps():
        if subprocess.run([str(UV), *arguments], check=False, cwd=REPOSITORY, env=environment).returncode:
            return 1
    return 0


def steps() -> Iterator[list[str]]:
    """What uv is asked to do, in order: the locked packages with their hashes, then the packages of this repository."""
    yield ["export", "--frozen", "--quiet", "--all-groups", "--no-emit-workspace", "--output-file", str(LOCKED)]
    yield ["venv", "--allow-existing", "--quiet"]
    yield ["pip", "install", "--quiet", "--require-hashes", "--requirements", str(LOCKED)]
    folders = [REPOSITORY, *sorted(file.parent for file in REPOSITORY.glob("packages/*/pyproject.toml"))]
    yield [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        *(part for folder in folders for part in ("--editable", str(folder))),
    ]


def configured_index() -> str:
    """The index that pip would ask, from the environment or pip's configuration; empty where it is not set."""
    if named := os.environ.get("PIP_INDEX_URL"):
        return named
    for python in (Path(sys.executable), REPOSITORY / ".tools" / "venv" / "bin" / "python"):
        if python.exists():
            command = [str(python), "-m", "pip", "config", "get", "global.index-url"]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            if answer.returncode == 0:
                return answer.stdout.strip()
    return ""


if __name__ == "__main__":
    sys.exit(main())

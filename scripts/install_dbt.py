"""Fills ``.tools/dbt`` with dbt, in an environment of its own: it pins libraries that this one has in newer versions.

Run by the Makefile: ``python3 scripts/install_dbt.py``. ``tests/jobs/dbt/environment/uv.lock`` has the versions, and
running it again costs nothing. Where the public index cannot be reached, pip's own index is asked.
"""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from scripts.sync_from_mirror import UV, configured_index  # noqa: E402 - found by the line above, wherever it is run

PROJECT = REPOSITORY / "tests" / "jobs" / "dbt" / "environment"
ENVIRONMENT = REPOSITORY / ".tools" / "dbt"


def main() -> int:
    """Install dbt; returns what uv does."""
    synced = _run("sync", "--frozen", "--quiet", "--project", str(PROJECT))
    return synced and _from_mirror(configured_index())


def _from_mirror(mirror: str) -> int:
    """Install the same versions, checked against the same hashes, from another index."""
    if not mirror:
        print("dbt could not be fetched (see above), and pip is configured with no other index.", file=sys.stderr)
        return 1
    locked = ENVIRONMENT.with_suffix(".txt")
    steps = (
        ["export", "--frozen", "--quiet", "--no-emit-project", "--project", str(PROJECT), "--output-file", str(locked)],
        ["venv", "--allow-existing", "--quiet", str(ENVIRONMENT)],
        ["pip", "install", "--quiet", "--python", str(ENVIRONMENT), "--require-hashes", "--requirements", str(locked)],
    )
    return next((code for step in steps if (code := _run(*step, UV_DEFAULT_INDEX=mirror))), 0)


def _run(*arguments: str, **variables: str) -> int:
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT), **variables}
    return subprocess.run([str(UV), *arguments], check=False, cwd=REPOSITORY, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())

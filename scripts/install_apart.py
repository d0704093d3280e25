"""Fills ``.tools/NAME`` with what tests run in an environment of its own, because it would not fit into this one.

Run by the Makefile: ``python3 scripts/install_apart.py NAME``. The ``uv.lock`` of its project has the versions, and
running it again costs nothing. Where the public index cannot be reached, pip's own index is asked.
"""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from scripts.sync_from_mirror import UV, configured_index  # noqa: E402 - found by the line above, wherever it is run

APART = {"dbt": "tests/jobs/dbt/environment", "pyspark": "tests/engines/pyspark"}
"""The project of each: dbt pins libraries that Touchline has in newer versions, and Spark's package has the name of the
client that Touchline uses."""


def main(name: str) -> int:
    """Install it; returns what uv does."""
    project, environment = REPOSITORY / APART[name], REPOSITORY / ".tools" / name
    synced = _run(environment, "sync", "--frozen", "--quiet", "--project", str(project))
    return synced and _from_mirror(project, environment, configured_index())


def _from_mirror(project: Path, environment: Path, mirror: str) -> int:
    """Install the same versions, checked against the same hashes, from another index."""
    if not mirror:
        message = f"{environment.name} could not be fetched (see above), and pip is configured with no other index."
        print(message, file=sys.stderr)
        return 1
    locked = environment.with_suffix(".txt")
    steps = (
        ["export", "--frozen", "--quiet", "--no-emit-project", "--project", str(project), "--output-file", str(locked)],
        ["venv", "--allow-existing", "--quiet", str(environment)],
        ["pip", "install", "--quiet", "--python", str(environment), "--require-hashes", "--requirements", str(locked)],
    )
    return next((code for step in steps if (code := _run(environment, *step, UV_DEFAULT_INDEX=mirror))), 0)


def _run(environment: Path, *arguments: str, **variables: str) -> int:
    known = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment), **variables}
    return subprocess.run([str(UV), *arguments], check=False, cwd=REPOSITORY, env=known).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Fills ``.tools/lighthouse`` with Lighthouse, in the versions that ``tests/acceptance/lighthouse`` locks.

Run by the Makefile for ``make test-all``: ``python3 scripts/install_lighthouse.py``. Node and npm come from the
machine's packages (``scripts/install_system_packages.py --thorough``); npm checks each package against its hash.
Running it again costs nothing.
"""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKED = REPOSITORY / "tests" / "acceptance" / "lighthouse"
PLACE = REPOSITORY / ".tools" / "lighthouse"
LOCK = "package-lock.json"


def main() -> int:
    """Install Lighthouse where it is not yet; returns what npm does."""
    done = PLACE / f"installed-{LOCK}"
    if done.exists() and done.read_bytes() == (LOCKED / LOCK).read_bytes():
        return 0
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", LOCK):
        shutil.copy(LOCKED / name, PLACE / name)
    npm = shutil.which("npm")
    if npm is None:
        sys.stderr.write("Lighthouse needs npm: scripts/install_system_packages.py --thorough installs it.\n")
        return 1
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    code = subprocess.run(command, cwd=PLACE, check=False).returncode
    if not code:
        shutil.copy(LOCKED / LOCK, done)
    return code


if __name__ == "__main__":
    sys.exit(main())

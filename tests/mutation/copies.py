"""A copy of the repository in which a fault may stand while the tests run, so that the worktree is never touched."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutation.mutant import Mutant

SCRIPT = "src/touchline/server/tracker/t.js"
BUILT = tuple(f"src/touchline/server/tracker/t.min.js{ending}" for ending in ("", ".br", ".gz"))
TOOLS = (".venv", ".tools")

_moments = itertools.count(1_000_000_000)
"""Python recognizes a compiled module by its size and second, and two faults may be as long and made in one second."""


class Copy:
    """A copy of all files that git tracks or would track."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.repository = repository
        self.folder = folder
        for name in _files(repository):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, target)
        for name in TOOLS:
            if (repository / name).exists():
                (folder / name).symlink_to((repository / name).resolve())

    def environment(self) -> dict[str, str]:
        """Variables under which Python imports the packages from the copy."""
        sources = (self.folder / "src", *self.folder.glob("packages/*/src"))
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources))}

    @contextmanager
    def having(self, mutant: Mutant) -> Iterator[None]:
        """The copy with a fault."""
        self._write(mutant.file, mutant.mutated)
        try:
            if mutant.file == SCRIPT:
                self._build_tracker()
            yield
        finally:
            self._write(mutant.file, mutant.text)
            for name in BUILT if mutant.file == SCRIPT else ():
                shutil.copy2(self.repository / name, self.folder / name)

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.write_bytes(text.encode())
        moment = next(_moments)
        os.utime(file, (moment, moment))

    def _build_tracker(self) -> None:
        command = [sys.executable, "scripts/build_tracker.py"]
        subprocess.run(command, cwd=self.folder, env=self.environment(), check=True, capture_output=True)


def _files(repository: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\0") if name and (repository / name).is_file()]

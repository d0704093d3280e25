"""What takes long to make, made once for all processes of a test session."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from touchline.engines import Engine
from touchline.jobs.workspace import Workspace
from touchline.settings import Home


def copy_of(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A copy, for this process alone, of the folder of this name that the first process to ask for it has filled."""
    own = factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = common / f"made-{name}"
    with _locked(common / f"made-{name}.lock"):
        if not made.exists():
            draft = common / f"made-{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)  # of a process that failed
            draft.mkdir()
            make(draft)
            draft.rename(made)
    return Path(shutil.copytree(made, factory.mktemp(name) / "copy"))


@contextmanager
def held_open(*homes: Path) -> Iterator[list[Engine]]:
    """Meanwhile the engines of these homes stay open, so that a command that reads one needs half as long.

    DuckDB opens a file once in a process. Nobody can write to it meanwhile.
    """
    with ExitStack() as stack:
        yield [stack.enter_context(Workspace(Home(home), is_read_only=True)).engine for home in homes]


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Nobody else holds the file meanwhile."""
    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield

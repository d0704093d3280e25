"""The river's process, from its beginning to its end, without a server around it."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from tests.forking import FORKING
from tests.server.conftest import Place
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.process.local_api import ENGINE_LOST, FAILED_EXIT, STUCK, keep_river
from touchline.settings import Home


def ended(home: Home, socket_file: Path, *, is_told: bool) -> int | None:
    """The exit code of a river's process whose keeper says that it is over, or is gone."""
    keeper, theirs = FORKING.Pipe()
    process = FORKING.Process(target=keep_river, args=(home, socket_file, theirs, 0))
    process.start()
    theirs.close()
    if is_told:
        with suppress(BrokenPipeError):  # one that fails may be gone before the word reaches it
            keeper.send_bytes(b"end")
    else:
        keeper.close()
    process.join(60)
    keeper.close()
    return process.exitcode


@pytest.mark.parametrize("is_told", [True, False])
def test_a_river_that_is_told_to_end_or_left_alone_runs_a_last_time_and_ends_well(place: Place, is_told: bool) -> None:
    socket_file = place.home.path / "serve.sock"
    assert ended(place.home, socket_file, is_told=is_told) == 0
    assert not socket_file.exists()
    with Workspace(place.home) as workspace:
        assert {run["status"] for run in workspace.ledger.rows(schema.JOB_RUNS, job="run")} == {"done"}


def test_a_river_that_fails_says_so_with_an_exit_code_of_its_own(place: Place) -> None:
    shutil.rmtree(place.home.path)
    place.home.path.mkdir()
    assert ended(place.home, place.home.path / "serve.sock", is_told=True) == FAILED_EXIT
    assert len({0, FAILED_EXIT, STUCK, ENGINE_LOST}) == 4

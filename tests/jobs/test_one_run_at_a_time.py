"""One run into an engine at a time, whatever keeps the ledger; the dead hold nobody up."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.engines.servers import compile_nothing, empty_clickhouse
from tests.jobs.conftest import Tell
from tests.ledger.servers import run as run_statement
from touchline import pipeline
from touchline.cli import main
from touchline.errors import BusyError, HomeError
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.settings import Home

_HOLD = """
import sys, time
from pathlib import Path
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.settings import Home
from touchline import pipeline

def forever(*_given, **_more):
    print("running", flush=True)
    time.sleep(600)

pipeline.run = forever
with Workspace(Home(Path(sys.argv[1]), sys.argv[2] or None, sys.argv[3])) as workspace:
    running.run(workspace)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home whose engine has no locks of its own, with its ledger in each of the databases."""
    compile_nothing(monkeypatch)
    empty_clickhouse().close()
    database_url = "" if request.param == "sqlite" else request.getfixturevalue("database_url")
    yield Home(tmp_path / "home", "chdb://", database_url)
    empty_clickhouse().close()


def eventually(act: Callable[[], object]) -> None:
    """A server needs a moment to notice that a client died."""
    for _ in range(300):
        try:
            act()
        except BusyError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("it is still busy")


@pytest.mark.slow
def test_of_two_runs_at_once_one_runs_and_the_other_is_told(
    home: Home, workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell({"eventId": "1", "anonId": "ada"}, {"eventId": "2", "anonId": "ada", "type": "CONVERSION"})
    is_inside, may_end = threading.Event(), threading.Event()
    ran = pipeline.run

    def slowly(*given: object, **more: object) -> pipeline.RunReport:
        is_inside.set()
        assert may_end.wait(60)
        return ran(*given, **more)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(pipeline, "run", slowly)
    with ThreadPoolExecutor(1) as pool, Workspace(home) as other:
        first = pool.submit(running.run, workspace)
        try:
            assert is_inside.wait(60)
            with pytest.raises(
                BusyError, match=r"Another process is busy with a run into a server\. Wait for it to finish"
            ):
                running.run(other)
        finally:
            may_end.set()
        assert first.result(60).events == 2
        assert running.run(other).events == 0
    assert [row["status"] for row in workspace.ledger.rows(schema.JOB_RUNS)] == ["done", "done"]
    assert workspace.engine.select("select * from conversions").num_rows == 1


def test_a_run_that_fails_lets_the_next_one_in(
    workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell({"eventId": "1", "anonId": "ada"})
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "run", lambda *_given, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            running.run(workspace)
    assert running.run(workspace).events == 1


@pytest.mark.slow
def test_a_run_that_was_killed_holds_nobody_up(
    home: Home, workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", _HOLD, str(home.path), "chdb://", home.database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "running\n"
            with pytest.raises(BusyError):
                running.run(workspace)
            monkeypatch.setenv("DATABASE_URL", home.database_url)
            monkeypatch.setenv("TOUCHLINE_ENGINE", "chdb://")
            assert main(["run", "--home", str(home.path)]) == BusyError("").exit_code
            assert "Another process is busy with a run into a server" in capsys.readouterr().err
        finally:
            owner.send_signal(signal.SIGKILL)
            owner.wait(30)
    eventually(lambda: running.run(workspace))


def test_another_engine_of_the_same_ledger_may_run(database_url: str, tmp_path: Path) -> None:
    with closing(Ledger.create(database_url)) as ledger:
        with ledger.alone("a run into here"), ledger.alone("a run into there"):
            pass
        with (
            ledger.alone("a run into here"),
            pytest.raises(BusyError, match="a run into here"),
            ledger.alone("a run into here"),
        ):
            pass


def test_a_run_whose_claim_was_lost_with_its_server_ends_before_its_next_stage(
    database_url: str, tmp_path: Path
) -> None:
    with closing(Ledger.create(database_url)) as ledger, ledger.alone("a run") as still_alone:
        still_alone()
        with ledger._store.engine.connect() as connection:
            holder = connection.scalar(text("select pid from pg_locks where locktype = 'advisory' limit 1"))
        run_statement(database_url, f"select pg_terminate_backend({holder}, 5000)")
        with pytest.raises(HomeError, match="cannot be reached"):
            still_alone()


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
@pytest.mark.parametrize("stages_before", [0, 1, 5])
def test_a_run_does_not_go_on_after_its_claim_was_lost(
    workspace: Workspace, tell: Tell, monkeypatch: pytest.MonkeyPatch, stages_before: int
) -> None:
    tell({"eventId": "1", "anonId": "ada"}, {"eventId": "2", "anonId": "ada", "type": "CONVERSION"})
    looked: list[str] = []

    @contextmanager
    def lost_meanwhile(_ledger: Ledger, what: str) -> Iterator[Callable[[], None]]:
        def still_alone() -> None:
            looked.append(what)
            if len(looked) > stages_before:
                raise HomeError("The claim was lost.", "Try again.")

        yield still_alone

    begun: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "alone", lost_meanwhile)
        with pytest.raises(HomeError, match="The claim was lost"):
            running.run(workspace, progress=lambda doing, _done, _total: begun.append(doing))
    assert (len(looked), len(begun)) == (stages_before + 1, stages_before)
    assert [row["status"] for row in workspace.ledger.rows(schema.JOB_RUNS)] == ["failed"]
    running.run(workspace)
    assert workspace.engine.select("select * from conversions").num_rows == 1

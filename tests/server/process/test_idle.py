"""What an idle server asks its database in a while: statements are counted, on a clock that only a rest moves."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from tests.ledger.servers import run as carry_out
from tests.server.conftest import Place, placed
from touchline.errors import HomeError
from touchline.jobs import setup
from touchline.jobs.alarming import notifying
from touchline.jobs.workspace import Workspace
from touchline.server.collect import application
from touchline.server.http.options import ServerOptions
from touchline.server.process import ticking
from touchline.server.process.ticking import River

MINUTES = 3
MOST_A_SECOND = 2.0


class Clock:
    """Seconds that pass while the river rests; a worker looks at its keys meanwhile, and at the end it is over."""

    def __init__(self, worker: application.Application) -> None:
        self.seconds, self.until = 10_000.0, 0.0
        self.is_over = threading.Event()
        self._later: list[float] = []
        self._happens: Callable[[], object] = list
        self._worker = worker
        self.namespace = SimpleNamespace(monotonic=lambda: self.seconds, time=time.time, time_ns=time.time_ns)

    def rest(self, _river: object, _is_over: object, seconds: float) -> None:
        for _ in range(round(seconds / 0.5)):
            self.seconds += 0.5
            with suppress(HomeError):  # the worker goes on with the keys that it knows
                self._worker._follow_keys()
        if self._later and self.seconds >= self._later[0]:
            self._later.pop(0)
            self._happens()
        if self.seconds >= self.until:
            self.is_over.set()

    def tick(self, river: River, seconds: float, after: float, happens: Callable[[], object]) -> None:
        """Let the river tick; ``after`` so many seconds something happens."""
        self._later, self._happens = [self.seconds + after], happens
        self.until = self.seconds + seconds
        ticking.tick(river, self.is_over)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return placed(tmp_path / "home", database_url)


@pytest.fixture
def clock(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    worker = application.create(place.home, ServerOptions())
    worker.keys.refresh()
    found = Clock(worker)
    for module in (ticking, notifying):
        monkeypatch.setattr(module, "time", found.namespace)
    monkeypatch.setattr(application, "perf_counter", lambda: found.seconds)
    monkeypatch.setattr(ticking, "_rest", found.rest)
    yield found
    worker.ledger.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How many statements and rollbacks there were."""
    found = Counter[str]()

    def count(*_given: Any) -> None:
        found["statements"] += 1

    def count_rollback(connection: Connection) -> None:
        if not connection.invalidated:
            driver: Any = connection.connection.driver_connection
            found["rollbacks"] += not driver.autocommit

    def ping(dialect: PGDialect_psycopg, connection: Any) -> bool:
        found["statements"] += 1
        return bool(real(dialect, connection))  # type: ignore[no-untyped-call]

    real = PGDialect_psycopg.do_ping
    monkeypatch.setattr(PGDialect_psycopg, "do_ping", ping)
    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "rollback", count_rollback)
    yield found
    event.remove(Engine, "before_cursor_execute", count)
    event.remove(Engine, "rollback", count_rollback)


def test_an_idle_server_asks_little_and_takes_nothing_back(place: Place, clock: Clock, asked: Counter[str]) -> None:
    with Workspace(place.home, is_owner=True) as workspace:
        clock.tick(River(workspace), 30 + MINUTES * 60, 30, asked.clear)
        assert 0 < asked["statements"] <= MOST_A_SECOND * MINUTES * 60
        assert asked["rollbacks"] == 0


def test_it_sees_changed_settings_and_keys_all_the_same(place: Place, clock: Clock) -> None:
    with Workspace(place.home, is_owner=True) as workspace:
        river = River(workspace)
        runs: list[int] = []

        def change() -> None:
            runs.append(river.tallies["runs"])
            setup.change_setting(workspace, "shop", "lookback_days", "7", now=1)

        clock.tick(river, 330, 190, change)
        assert river.tallies["runs"] == runs[0] + 1  # of five rests, one found that something had changed
        found = workspace.engine.select("select lookback_days from organizations")["lookback_days"].to_pylist()
        assert found == [7]


@pytest.mark.parametrize("is_engine_there_too", [False, True])
def test_a_restart_of_the_database_is_one_line_and_another_connection(
    place: Place, clock: Clock, capsys: pytest.CaptureFixture[str], *, is_engine_there_too: bool
) -> None:
    """What a restart does to connections: the server ends each of them."""
    engine_url = place.home.database_url if is_engine_there_too else None
    with Workspace(replace(place.home, engine_url=engine_url), is_owner=True) as workspace:
        ended = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )

        def restart() -> None:
            carry_out(place.home.database_url, ended)
            capsys.readouterr()

        workspace.ledger.pulse()
        restart()
        with pytest.raises(HomeError, match="cannot be reached"):
            workspace.ledger.pulse()
        assert len(workspace.ledger.pulse()) == 6
        river = River(workspace)
        clock.tick(river, 120, 30, restart)
        said = capsys.readouterr()
        runs = river.tallies["runs"]
        river.run()
        assert river.tallies["runs"] == runs + 1
    lines = [line for line in (said.out + said.err).splitlines() if line]
    assert len(lines) == 1
    assert "run_failed" in lines[0]

"""What belongs to DuckDB alone: its file, who owns it, and what it says when it cannot be used."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.oracle.engine import told
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.errors import BusyError, HomeError
from touchline.tables import MODEL_NAMES, SESSIONS
from touchline.view import View

_HOLDER = """
import sys
from pathlib import Path
from touchline.engines import DuckDB
engine = DuckDB(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another_process(file: Path) -> Iterator[None]:
    command = [sys.executable, "-c", _HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate()


@pytest.mark.parametrize("is_read_only", [False, True])
def test_a_file_that_another_process_holds_is_busy(tmp_path: Path, is_read_only: bool) -> None:
    file = tmp_path / "engine.duckdb"
    with held_by_another_process(file), pytest.raises(BusyError, match=r"engine\.duckdb"):
        DuckDB(file, is_read_only=is_read_only)
    DuckDB(file).close()


@pytest.fixture
def usual_umask() -> Iterator[int]:
    """A process whose files everybody may read."""
    before = os.umask(0o022)
    yield 0o022
    os.umask(before)


def test_nobody_else_may_read_what_it_makes(tmp_path: Path, usual_umask: int) -> None:
    file = tmp_path / "engine.duckdb"
    modes: dict[str, int] = {}

    def look() -> None:
        modes.update((str(each.relative_to(tmp_path)), each.stat().st_mode & 0o777) for each in tmp_path.rglob("*"))

    with closing(DuckDB(file)) as engine:
        look()
        for _ in range(2):  # DuckDB ends its log at a checkpoint, and makes another
            with engine.transaction():
                engine.define(View("one", "select 1 as one"))
            look()
            engine._run("checkpoint")
        engine._run("set memory_limit = '60MB'")
        engine._run("set threads = 1")
        engine.keep("spilled", "select hash(i) as h, uuid() as u from range(3000000) as t(i)")
        look()
    assert {"engine.duckdb", "engine.duckdb.wal", "engine.duckdb.tmp"} < modes.keys()
    folders = {name for name in modes if name.startswith("engine.duckdb.tmp") and "duckdb_temp" not in name}
    assert len(folders) == 2  # one for every process, and this one's
    assert len(folders) < sum(name.startswith("engine.duckdb.tmp") for name in modes)
    assert {modes.pop(name) for name in folders} == {0o700}
    assert set(modes.values()) == {0o600}
    assert os.umask(usual_umask) == usual_umask


@pytest.mark.parametrize("content", [b"", b"x", b"no engine" * 10_000], ids=["empty", "one byte", "long"])
def test_a_file_that_is_no_engine_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "engine.duckdb"
    file.write_bytes(content)
    with pytest.raises(HomeError, match=r"engine\.duckdb is not an engine file.*--rebuild"):
        DuckDB(file)
    assert file.read_bytes() == content


def test_tables_and_defined_views_outlive_the_connection_and_bound_ones_do_not(tmp_path: Path) -> None:
    file = tmp_path / "engine.duckdb"
    with closing(DuckDB(file)) as engine:
        engine.create(MODEL_NAMES)
        engine.define(View("names", "select model from models"))
        engine.bind("bound", "select model from models")
    with closing(DuckDB(file, is_read_only=True)) as engine:
        assert engine.select("select count(*) as n from names")["n"].to_pylist() == [0]
        with pytest.raises(Exception, match="bound"):
            engine.select("select * from bound")


def test_a_table_that_was_kept_in_another_way_is_dropped() -> None:
    plain = replace(SESSIONS, sought=())
    with closing(DuckDB()) as engine:
        for earlier, later in ((plain, SESSIONS), (SESSIONS, plain)):
            engine.reshape([earlier], ())
            engine.reshape([later], ())
            assert engine.select("select * from sessions").column_names == list(SESSIONS.column_names)


def _bind_and_fail(engine: DuckDB) -> None:
    with engine.transaction():
        engine.bind("one", "select 1 as one")
        raise ZeroDivisionError


def test_a_file_that_keeps_tables_in_another_way_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = told(drawn(3, 0))

    def is_rebuilt() -> bool:
        with closing(DuckDB(tmp_path / "engine.duckdb")) as engine:
            return pipeline.run(ledger.feed, engine).is_rebuild

    assert [is_rebuilt(), is_rebuilt()] == [True, False]
    monkeypatch.setattr(DuckDB, "layout", "what another release adds")
    assert [is_rebuilt(), is_rebuilt()] == [True, False]


def test_a_view_that_went_with_a_failure_is_made_again() -> None:
    with closing(DuckDB()) as engine:
        with pytest.raises(ZeroDivisionError):
            _bind_and_fail(engine)
        engine.bind("one", "select 1 as one")
        assert engine.select("select * from one")["one"].to_pylist() == [1]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    file = tmp_path / "engine.duckdb"
    DuckDB(file).close()
    with closing(DuckDB(file, is_read_only=True)) as engine, pytest.raises(Exception, match="read-only"):
        engine.create(MODEL_NAMES)


def test_clocks_show_utc_whatever_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    with closing(DuckDB()) as engine:
        shown = engine.select("select cast(timestamptz '2026-01-01 00:00:00+00' as varchar) as t")["t"].to_pylist()
    assert shown == ["2026-01-01 00:00:00+00"]


def test_no_bar_is_drawn_into_the_log_of_a_process_without_a_terminal() -> None:
    """To DuckDB, a process that was begun with a command and no file has a person before it."""
    shown = "from touchline.engines import DuckDB; e = DuckDB(); print(e.select(sys.argv[1])['bar'][0].as_py())"
    ask = "select current_setting('enable_progress_bar') as bar"
    command = [sys.executable, "-c", f"import sys; {shown}", ask]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "False\n"

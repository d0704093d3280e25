"""An engine keeps to the memory it may have: it spills, or says in a line what to do."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from tests.engines.servers import postgresql_url
from tests.oracle.engine import told
from tests.oracle.worlds import drawn
from tests.quantifiers import each
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.engines.clickhouse import ClickHouse
from touchline.engines.postgresql import PostgreSQL
from touchline.engines.spilling import spill_of
from touchline.errors import MemoryLimitError
from touchline.memory import LEAST_BYTES, Memory
from touchline.tables import MODEL_NAMES, RIVER

TINY = Memory(64_000_000)
WIDE = "select i, hash(i) as h, md5(cast(i as varchar)) || md5(cast(i + 1 as varchar)) as t from range(600000) as r(i)"

_SPILLER = f"""
import sys
from pathlib import Path
from touchline.engines import DuckDB
from touchline.memory import Memory
engine = DuckDB(Path(sys.argv[1]), memory=Memory({TINY.total_bytes}))
engine.keep("spilled", {WIDE!r})
print("spilled", flush=True)
sys.stdin.read()
"""


def spilled_files(file: Path) -> list[Path]:
    return [each for each in spill_of(file).rglob("*") if each.is_file()]


def test_what_does_not_fit_is_spilled_to_private_files_that_go_with_the_engine(tmp_path: Path) -> None:
    file = tmp_path / "engine.duckdb"
    with closing(DuckDB(file, memory=TINY)) as engine:
        assert engine.keep("sorted_rows", f"select * from ({WIDE}) as w order by h") == 600_000
        assert engine.select("select count(distinct t) as n from sorted_rows")["n"].to_pylist() == [600_000]
        found = spilled_files(file)
        assert sum(each.stat().st_size for each in found) > 20_000_000
        assert {each.stat().st_mode & 0o077 for each in found} == {0}
    assert not spill_of(file).exists()


def test_what_cannot_be_spilled_is_refused_in_a_line_and_nothing_stands(tmp_path: Path) -> None:
    with closing(DuckDB(tmp_path / "engine.duckdb", memory=TINY)) as engine:
        engine.create(MODEL_NAMES)
        with pytest.raises(MemoryLimitError) as raised:
            _write_too_much(engine)
        assert "\n" not in str(raised.value)
        assert raised.value.message == "The engine ran out of the 64MB that TOUCHLINE_MEMORY allows."
        assert raised.value.hint.startswith("Set TOUCHLINE_MEMORY to 400MB or more and run the command again")
        assert engine.select("select count(*) as n from models")["n"].to_pylist() == [0]


def _write_too_much(engine: DuckDB) -> None:
    with engine.transaction():
        engine.append(MODEL_NAMES, pa.table({"organization_id": ["o"], "model": ["LINEAR"]}))
        engine.keep("one", f"select list(t) as all_of_it from ({WIDE}) as w")


def test_what_a_killed_process_spilled_is_gone_with_the_next(tmp_path: Path) -> None:
    file = tmp_path / "engine.duckdb"
    command = [sys.executable, "-c", _SPILLER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as spiller:
        assert spiller.stdout is not None
        assert spiller.stdout.readline() == "spilled\n"
        left = spilled_files(file)
        assert left
        os.kill(spiller.pid, signal.SIGKILL)
    assert each(each.exists() for each in left)
    with closing(DuckDB(file, memory=TINY)):
        assert not any(each.exists() for each in left)
    assert not spill_of(file).exists()


def test_readers_of_one_file_spill_apart_and_leave_each_other_alone(tmp_path: Path) -> None:
    file = tmp_path / "engine.duckdb"
    with closing(DuckDB(file, memory=TINY)) as engine:
        engine.create(MODEL_NAMES)
    command = [sys.executable, "-c", _SPILLER.replace("memory=M", "is_read_only=True, memory=M"), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "spilled\n"
        theirs = spilled_files(file)
        with closing(DuckDB(file, memory=TINY, is_read_only=True)) as engine:
            engine.keep("spilled", WIDE)
            assert set(spilled_files(file)) > set(theirs)
        assert spilled_files(file) == theirs
        reader.communicate()


def test_connections_of_one_process_share_a_folder_until_the_last_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "engine.duckdb"
    first, second = DuckDB(file, memory=TINY), DuckDB(file, memory=TINY)
    first.keep("spilled", WIDE)
    second.close()
    assert spilled_files(file)
    assert first.select("select count(*) as n from spilled")["n"].to_pylist() == [600_000]
    first.close()
    assert not spill_of(file).exists()


def test_a_world_comes_out_the_same_in_little_memory() -> None:
    ledger = told(drawn(20, 7))
    tables = []
    for memory in (None, Memory(LEAST_BYTES), Memory(LEAST_BYTES // 2)):
        with closing(DuckDB(memory=memory)) as engine:
            pipeline.run(ledger.feed, engine)
            tables.append([engine.select(f"select * from {t.name} order by all") for t in RIVER])
    assert tables[0] == tables[1] == tables[2]
    assert any(rows.num_rows for rows in tables[0])


def test_rows_are_taken_over_in_portions_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.engines.duckdb._PORTION", 0)  # every batch is a portion
    batches = pa.table({"organization_id": ["o"] * 10, "model": [str(n) for n in range(10)]}).to_batches(
        max_chunksize=3
    )
    with closing(DuckDB(memory=TINY)) as engine:
        engine.create(MODEL_NAMES)
        assert engine.append(MODEL_NAMES, pa.RecordBatchReader.from_batches(batches[0].schema, batches)) == 10
        assert engine.append(MODEL_NAMES, pa.RecordBatchReader.from_batches(batches[0].schema, [])) == 0
        assert engine.select("select count(distinct model) as n from models")["n"].to_pylist() == [10]


def test_servers_are_told_what_a_statement_may_hold() -> None:
    memory = Memory(1_600_000_000)
    with closing(PostgreSQL(postgresql_url(), memory=memory)) as engine:
        assert engine.select("select current_setting('work_mem') as m")["m"].to_pylist() == ["61035kB"]
    with closing(ClickHouse("chdb://", memory=memory)) as engine:
        told = engine.select("select value as v from system.settings where name = 'max_memory_usage'")
        assert told["v"].to_pylist() == ["1000000000"]


def test_clickhouse_refuses_in_a_line() -> None:
    with closing(ClickHouse("chdb://", memory=TINY)) as engine, pytest.raises(MemoryLimitError) as raised:
        engine.select("select count(distinct md5(cast(number as varchar))) as n from numbers(5000000)")
    assert "TOUCHLINE_MEMORY" in raised.value.hint
    assert "\n" not in str(raised.value)

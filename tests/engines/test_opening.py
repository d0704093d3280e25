"""Which engine is opened, and what is said where its driver is missing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from touchline.engines import DuckDB, open_engine
from touchline.engines.opening import ENGINES
from touchline.errors import UsageError


def test_without_a_server_it_is_the_file(tmp_path: Path) -> None:
    engine = open_engine(None, tmp_path / "engine.duckdb")
    engine.close()
    assert isinstance(engine, DuckDB)
    assert (tmp_path / "engine.duckdb").is_file()


@pytest.mark.parametrize(
    ("url", "driver", "extra"),
    [
        ("postgresql://h/d", "adbc_driver_postgresql.dbapi", "touchline[postgres]"),
        ("clickhouses://h/d", "clickhouse_connect", "touchline[clickhouse]"),
    ],
)
def test_a_missing_driver_is_named_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, driver: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    for name in ("postgresql", "clickhouse"):
        monkeypatch.delitem(sys.modules, f"touchline.engines.{name}", raising=False)
    with pytest.raises(UsageError, match="is not installed") as raised:
        open_engine(url, tmp_path / "engine.duckdb")
    assert extra in raised.value.hint


@pytest.mark.parametrize(
    "module", ["touchline.jobs.workspace", "touchline.server.process.serving", "touchline.server.whole"]
)
def test_who_opens_no_engine_loads_none(module: str) -> None:
    program = f"import sys, {module}; print(sorted({{'duckdb', 'scipy', 'sqlglot'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_schemes_and_names_say_one_engine_each(tmp_path: Path) -> None:
    schemes = [scheme for engine in ENGINES for scheme in engine.schemes]
    assert sorted(set(schemes)) == sorted(schemes)
    assert len({engine.name for engine in ENGINES}) == len(ENGINES)
    with pytest.raises(UsageError, match="begins with 'mysql'") as raised:
        open_engine("mysql://h/d", tmp_path / "engine.duckdb")
    assert ", ".join(schemes) in raised.value.hint


def test_extras_are_those_of_the_package(repository: Path) -> None:
    extras = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    assert [engine.name for engine in ENGINES if engine.extra is not None and engine.extra not in extras] == []
    assert [engine.name for engine in ENGINES if engine.extra is None] == ["duckdb"]

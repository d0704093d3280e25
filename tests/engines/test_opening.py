"""Which engine is opened, and what is said where its driver is missing."""

import sys
from pathlib import Path

import pytest

from touchline.engines import DuckDB, open_engine
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

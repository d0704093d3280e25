"""Costs that a query of a user's own database answers with: read as those of a file, and nothing is changed there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.cli.conftest import Command
from tests.engines.servers import postgresql_url
from touchline.cli import main
from touchline.errors import InputError, UsageError
from touchline.exports.queries import answer

MADE = "create table spend (day date, network varchar(20), campaign varchar(20), spent decimal(12, 2))"
ROWS = "insert into spend values (date '2026-03-01', 'META', 'a', 10.25), (date '2026-03-02', 'META', 'b', 3.00)"
COLUMNS = "select day as date, network as platform, campaign as campaign_id, spent as cost from spend"


@pytest.fixture(params=["duckdb", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with two days of costs."""
    if request.param == "duckdb":
        with duckdb.connect(str(tmp_path / "w.duckdb")) as own:
            own.execute(f"{MADE}; {ROWS}")
        yield str(tmp_path / "w.duckdb")
    elif request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "w.sqlite")) as made:
            made.executescript(f"{MADE}; {ROWS.replace('date ', '')}")
        yield str(tmp_path / "w.sqlite")
    else:
        url = postgresql_url()
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("drop table if exists spend")
            server.execute(MADE)
            server.execute(ROWS)
            yield url
            server.execute("drop table spend")


def rows_of(address: str, select: str) -> list[dict[str, object]]:
    with answer(address, select) as rows:
        return [dict(row) for row in rows]


def test_a_query_is_read_as_a_file_is_and_can_change_nothing(place: str, home: Path, touchline: Command) -> None:
    said = touchline("import", "costs", "--query", COLUMNS, "--from", place, "--json")
    assert said.exit_code == 0, said.out
    assert (said.document["accepted"], said.document["rejected"]) == (2, {})
    again = touchline("import", "costs", "--query", f"{COLUMNS} where campaign = 'a'", "--from", place, "--json")
    assert (again.document["accepted"], again.document["replaced_days"]) == (1, 1)
    mapping = home.parent / "mapping.toml"
    mapping.write_text('[columns]\ndate = "day"\ncost = "spent"\nplatform = "network"\ncampaign_id = "campaign"\n')
    mapped = touchline(
        "import", "costs", "--query", "select * from spend", "--from", place, "--mapping", mapping, "--source", "own",
        "--overlap", "add", "--json",
    )  # fmt: skip
    assert mapped.document["accepted"] == 2
    for harmful in ("delete from spend", "drop table spend", "select 1; delete from spend", "create table t (n int)"):
        with pytest.raises(InputError):
            rows_of(place, harmful)
    assert len(rows_of(place, "select * from spend")) == 2
    with pytest.raises(InputError, match="cannot be asked"):
        rows_of(place, "select * from nothing")


def test_what_cannot_be_asked_is_refused(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="no database that can be asked"):
        rows_of("costs.csv", "select 1")
    with pytest.raises(InputError, match="There is no file"):
        rows_of(str(tmp_path / "none.duckdb"), "select 1")
    (tmp_path / "text.csv").write_text("a\n1\n")
    with duckdb.connect(str(tmp_path / "w.duckdb")):
        pass
    with pytest.raises(InputError):
        rows_of(str(tmp_path / "w.duckdb"), f"select * from '{tmp_path}/text.csv'")
    for words in (["--query", "select 1"], ["--from", "w.duckdb"], ["f.csv", "--query", "x", "--from", "w.duckdb"]):
        assert main(["import", "costs", *words, "--home", str(home)]) == UsageError.exit_code
    assert "belong together" in capsys.readouterr().err

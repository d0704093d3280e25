"""A home whose ledger is in PostgreSQL answers as one whose ledger is a file."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, write_costs, write_events
from tests.oracle.engine import changes, snapshot
from tests.oracle.world import Tables
from touchline.engines import DuckDB
from touchline.jobs.workspace import Workspace
from touchline.settings import home_from

INIT = ("init", "--name", "Shop", "--domain", "shop.example", "--currency", "EUR")


def followed(touchline: Command, folder: Path, files: tuple[Path, Path, Path]) -> tuple[Tables, list[object]]:
    """What a shop's tables hold after two imports and runs, and what the commands said."""
    first, second, costs = files
    answers = [
        touchline(*INIT, "--home", folder),
        touchline("target", "set", "--cpa", "10", "--home", folder),
        touchline("import", "events", first, "--json", "--home", folder),
        touchline("run", "--home", folder),
        touchline("import", "events", first, second, "--json", "--home", folder),
        touchline("import", "costs", costs, "--json", "--home", folder),
        touchline("run", "--home", folder),
        touchline("doctor", "--json", "--home", folder),
    ]
    assert [answer.exit_code for answer in answers] == [0] * len(answers), [answer.err for answer in answers]
    with Workspace(home_from(folder=folder), is_read_only=True) as workspace:
        assert isinstance(workspace.engine, DuckDB)
        tables = snapshot(workspace.engine)
    documents = [answer.document for answer in answers if answer.out.startswith("{")]
    return tables, [json.loads(json.dumps(document).replace(str(folder), "HOME")) for document in documents]


def test_a_ledger_in_postgresql_gives_the_same_tables(
    touchline: Command, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_events(tmp_path / "first.jsonl")
    second = write_events(tmp_path / "second.jsonl", 60, title="again")
    files = (first, second, write_costs(tmp_path / "costs.csv"))
    in_file, said_of_file = followed(touchline, tmp_path / "file", files)
    monkeypatch.setenv("DATABASE_URL", database_url)
    in_database, said_of_database = followed(touchline, tmp_path / "database", files)
    assert in_file["attribution_links"]
    assert in_file["daily_rollups"]
    assert changes(in_file, in_database) == ""
    assert len(said_of_file) == 4
    assert said_of_file[:-1] == said_of_database[:-1]
    assert not (tmp_path / "database" / "ledger.db").exists()


def test_a_second_machine_follows_the_same_ledger(
    touchline: Command, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert touchline(*INIT, "--home", tmp_path / "one").exit_code == 0
    events = write_events(tmp_path / "events.jsonl")
    assert touchline("import", "events", events, "--home", tmp_path / "two").exit_code == 0
    assert touchline("run", "--home", tmp_path / "three").exit_code == 0
    again = touchline(*INIT, "--home", tmp_path / "four")
    assert again.exit_code == 3
    assert "The database is already a Touchline home." in again.err


def test_the_demo_keeps_to_its_folder(
    touchline: Command, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert touchline("demo", "--visitors", "300", "--home", tmp_path / "demo").exit_code in {0, 1}
    assert (tmp_path / "demo" / "ledger.db").is_file()
    answer = touchline("site", "list", "--home", tmp_path / "demo")
    assert answer.exit_code == 3
    assert "There is no ledger in postgresql://" in answer.err


def test_no_command_shows_the_password(touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop:s3cret@/shop?host=/nowhere")
    for words in (INIT, ("run",), ("doctor",), ("site", "list"), ("run", "--debug")):
        answer = touchline(*words, "--home", tmp_path / "home")
        assert answer.exit_code in {1, 3}
        assert "shop:***@" in answer.out + answer.err
        assert "s3cret" not in answer.out + answer.err

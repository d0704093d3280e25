"""What an erasure cannot reach is named, and what can be rewritten is."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from tests.oracle.engine import changes, snapshot
from touchline.engines import DuckDB
from touchline.jobs import compacting, erasing, keeping, running, setup
from touchline.jobs.compacting import remains
from touchline.jobs.workspace import Workspace
from touchline.settings import Home


def places(workspace: Workspace, *, is_log_empty: bool = True, is_compacted: bool = False) -> list[str]:
    return [one.place for one in remains(workspace, is_log_empty=is_log_empty, is_compacted=is_compacted)]


def test_what_is_compacted_is_the_same_and_has_nothing_of_the_person(workspace: Workspace, tell: Tell) -> None:
    tell(*({"eventId": f"a{n}", "anonId": f"ada-{n}", "userId": "ada.lovelace"} for n in range(2_000)))
    tell({"eventId": "b", "anonId": "bob", "type": "CONVERSION"})
    running.run(workspace)
    erasing.erase(workspace, "shop", user="ada.lovelace", now=NOW)
    running.run(workspace)
    assert isinstance(workspace.engine, DuckDB)
    before = snapshot(workspace.engine)
    workspace.let_go_of_engine()
    home = workspace.home
    assert b"ada.lovelace" in home.engine_file.read_bytes()
    aside = home.engine_file.with_name("engine.duckdb.aside")
    aside.write_bytes(b"ada.lovelace")
    assert places(workspace)[:2] == [str(home.engine_file), str(aside)]
    compacting.compact(workspace)
    assert isinstance(workspace.engine, DuckDB)
    assert changes(before, snapshot(workspace.engine)) == ""
    assert not running.run(workspace).is_rebuild
    left = [file.name for file in home.path.glob("*") if file.is_file() and b"ada.lovelace" in file.read_bytes()]
    assert left == []
    assert places(workspace, is_compacted=True) == ["Backups, imported files, saved reports"]


def test_a_copy_that_never_took_its_place_goes(workspace: Workspace) -> None:
    running.run(workspace)
    workspace.let_go_of_engine()
    workspace.home.compact_copy.write_bytes(b"left behind")
    running.run(workspace)
    assert not workspace.home.compact_copy.exists()


def test_places_are_named(workspace: Workspace, tmp_path: Path) -> None:
    known = "Backups, imported files, saved reports"
    assert places(workspace) == [known]
    assert places(workspace, is_log_empty=False) == [f"{workspace.home.ledger_file}-wal", known]
    copies = [tmp_path / name for name in ("one.db", "two.db")]
    for copy in copies:
        keeping.back_up_home(workspace.home, copy)
    copies[0].unlink()
    assert places(workspace) == [str(copies[1]), f"Other {known[0].lower()}{known[1:]}"]


@pytest.mark.parametrize("is_compacted", [False, True])
def test_servers_are_named(database_url: str, tmp_path: Path, is_compacted: bool) -> None:
    home = replace(Home(tmp_path / "home"), database_url=database_url, engine_url=database_url)
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        running.run(workspace)
        if is_compacted:
            compacting.compact(workspace)
        found = remains(workspace, is_log_empty=True, is_compacted=is_compacted)
        assert [one.place for one in found[:2]] == ["the engine's server", "the ledger's server"]
        assert ["--compact" in one.next_step for one in found[:2]] == [not is_compacted] * 2
        assert not running.run(workspace).is_rebuild

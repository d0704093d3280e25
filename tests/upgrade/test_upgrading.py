"""Upgrading on purpose, and two releases over one ledger: what may go on, and what is refused.

A newer release is one that has written a schema into the ledger that this one does not have.
"""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.server.conftest import Place, placed
from tests.server.in_process import answered, collecting
from tests.server.refusals import batch_of
from touchline.cli import main
from touchline.errors import BusyError, HomeError, StorageError, UsageError
from touchline.jobs import keeping, ledger_export, moving, running, upgrading
from touchline.jobs.ownership import owning
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, migrate, schema
from touchline.ledger.migrate import revisions, steps, works_with
from touchline.ledger.opening import store_at
from touchline.ledger.steps import Step, steps_in
from touchline.server.http.options import ServerOptions
from touchline.server.process import serving
from touchline.settings import Home

OLD = Path(__file__).resolve().parents[1] / "fixtures" / "home-0001"
HEAD = revisions()[-1]
TO_0033 = (
    "drop table view_mails", "drop table secrets", "drop table arrivals",
    "update alembic_version set version_num = '0033'",
)  # fmt: skip
"""What takes a ledger back to an earlier schema."""


@pytest.fixture
def old(tmp_path: Path) -> Home:
    """A home as the first schema has it."""
    (tmp_path / "home").mkdir()
    shutil.copy(OLD / "ledger.db", tmp_path / "home" / "ledger.db")
    return Home(tmp_path / "home")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else ""
    return placed(tmp_path / "home", url)


def alter(home: Home, *statements: str) -> None:
    """Do to the ledger what another release did."""
    store = store_at(home.ledger)
    try:
        with store.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        store.close()


def held_in(folder: Path) -> dict[str, str]:
    """The files of a folder by name, each as a hash."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.endswith(("-shm", "-wal"))
    }  # fmt: skip


def test_what_an_upgrade_would_do_is_said_and_not_done(old: Home) -> None:
    before = held_in(old.path)
    plan = upgrading.plan_of(old)
    assert held_in(old.path) == before
    ledger = plan.ledger
    assert (ledger.schema, ledger.known, ledger.is_ahead, ledger.is_rolling) == ("0001", HEAD, False, False)
    assert [step.revision for step in ledger.steps] == revisions()[1:]
    assert [step.revision for step in ledger.steps if not step.says.endswith(".")] == []
    rows = {step.revision: step.rows for step in ledger.steps}
    assert (rows["0029"] > 0, rows["0033"]) == (True, 0)  # it reads all events; it makes a table
    assert ledger.seconds >= 0
    assert ledger.needed_bytes == 2 * ledger.size_bytes
    assert plan.free_bytes > 0


def test_a_backup_is_made_before_and_the_exit_codes_are_for_scripts(
    old: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*words: str) -> tuple[int, dict[str, object]]:
        code = main(["upgrade", *words, "--home", str(old.path), "--json"])
        return code, json.loads(capsys.readouterr().out)

    assert said("--check")[0] == 1
    with owning(old, "http://here"):
        assert said()[0] == 4
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1))
        with pytest.raises(StorageError, match=r"^0 MB are free"):
            upgrading.upgrade_home(old, backup=None, has_backup=True)
    assert said("--backup", "x", "--no-backup")[0] == 2
    code, done = said()
    assert (code, done["before"], done["after"]) == (0, "0001", HEAD)
    backup = Path(str(done["backup"]))
    assert backup.parent == old.path
    assert backup.name.startswith("before-upgrade-from-0001-")
    assert backup.stat().st_mode & 0o777 == 0o600
    assert said("--check")[0] == said()[0] == 0
    restored = Home(old.path.parent / "restored")
    assert main(["restore", str(backup), "--home", str(restored.path)]) == 0
    capsys.readouterr()
    with Workspace(old) as workspace, Workspace(restored) as other:
        assert len(workspace.ledger.rows(schema.TRACKING_EVENTS)) == len(other.ledger.rows(schema.TRACKING_EVENTS)) == 7
        newest = workspace.ledger.newest(schema.JOB_RUNS, job=migrate.JOB)
    assert newest is not None
    assert newest["detail"].endswith(f": from schema 0001 to {HEAD}")


def test_a_ledger_in_postgresql_is_copied_by_its_own_tools(database_url: str, tmp_path: Path) -> None:
    home = placed(tmp_path / "home", database_url).home
    alter(home, *TO_0033)
    with pytest.raises(UsageError, match="pg_dump"):
        upgrading.upgrade_home(home, backup=None, has_backup=True)
    done = upgrading.upgrade_home(home, backup=None, has_backup=False)
    assert done.migration is not None
    assert (done.migration.before, done.migration.after, done.backup) == ("0033", HEAD, None)


REFUSED = (
    "run", "run --rebuild", "backup NEW", "site list", "key create", "user list", "report attribution",
    "export tables --to NEW --format csv", "export ledger NEW", "erase --user x", "fit make", "audit", "rejected",
    "settings list", "goal list", "organization list", "move --to postgresql://h/x --check", "move --cancel",
    "upgrade --check", "upgrade", "upgrade --no-backup", "assess", "waste", "health",
)  # fmt: skip


def newer(home: Home, since: str) -> None:
    """A newer release has upgraded the ledger; programs of the schema ``since`` may go on."""
    with closing(Ledger(home.ledger)) as ledger, ledger.transaction() as entry:
        entry.add(schema.JOB_RUNS, job="backup", started_at=1, ended_at=1, status="done", detail="/b/before.backup")
        entry.add(schema.JOB_RUNS, job="upgrade", started_at=2, ended_at=2, status="done", detail="touchline 9.0.0: …")
    alter(home, f"update alembic_version set version_num = '9999', works_with = '{since}'")


def test_an_older_program_says_no_before_it_touches_anything(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newer(place.home, "9998")
    monkeypatch.setenv("TOUCHLINE_HOME", str(place.home.path))
    if place.home.database_url:
        monkeypatch.setenv("DATABASE_URL", place.home.database_url)
    before = held_in(place.home.path)
    for line in REFUSED:
        if place.home.database_url and line.startswith("move --to"):
            continue
        code = main(line.replace("NEW", str(tmp_path / "new")).split())
        said = " ".join(capsys.readouterr().err.split())
        assert (line, code) == (line, 3), said
        assert "has schema 9999, since 1970-01-01 00:00 UTC (touchline 9.0.0: …), and this is touchline" in said, line
        assert f"which knows schemas up to {HEAD}" in said
        assert "go back: `touchline restore /b/before.backup --home ANOTHER`" in said
    assert main(["doctor"]) == 1
    assert "has schema 9999" in capsys.readouterr().out
    with pytest.raises(HomeError, match="has schema 9999"):
        serving._prepare(place.home, ServerOptions(), "http://here")
    assert held_in(place.home.path) == before
    assert not (tmp_path / "new").exists()


def test_an_older_program_goes_on_next_to_a_newer_one_that_only_added(place: Place) -> None:
    """It collects and reads before, while and after the newer one migrates; the numbers are the newer one's."""
    views = [batch_of(place.publishable, [{"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": f"a{number}",
                                           "eventId": f"e{number}"}]) for number in range(3)]  # fmt: skip

    async def run() -> list[int]:
        async with collecting(place) as application:
            found = [(await answered(application, views[0])).status]
            await asyncio.to_thread(
                alter, place.home, "create table extras (extra integer)",
                "alter table tracking_events add column colour varchar(9) default 'red'",
                f"update alembic_version set version_num = '9999', works_with = '{HEAD}'",
            )  # fmt: skip
            found.append((await answered(application, views[1])).status)
        async with collecting(place) as application:  # and it may be started again
            found.append((await answered(application, views[2])).status)
        return found

    assert asyncio.run(run()) == [200, 200, 200]
    with Workspace(place.home) as workspace:
        assert workspace.ledger.migration is None
        assert workspace.ledger.is_ahead()
        assert len(workspace.ledger.rows(schema.SITES)) == 1
        assert len(workspace.ledger.counts(schema.TRACKING_EVENTS, "event_id")) == 3
        with pytest.raises(BusyError, match="A newer release has upgraded the ledger"):
            running.run(workspace)
    assert upgrading.plan_of(place.home).ledger.is_ahead


def test_an_older_program_makes_no_copy_without_what_it_does_not_know(place: Place, tmp_path: Path) -> None:
    alter(
        place.home, "create table extras (extra integer)", "insert into extras values (7)",
        f"update alembic_version set version_num = '9999', works_with = '{HEAD}'",
    )  # fmt: skip
    missing = "would copy only what it knows"
    with pytest.raises(HomeError, match=missing):
        ledger_export.export_ledger(place.home, tmp_path / "files")
    if place.home.database_url:
        with pytest.raises(HomeError, match=missing):
            moving.move_home(place.home, "file", now=0)
        with pytest.raises(HomeError, match=missing):
            keeping.back_up_home(place.home, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()
        return
    keeping.back_up_home(place.home, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as connection:  # the pages of a file are copied as they are
        assert connection.execute("select extra from extras").fetchall() == [(7,)]


def test_what_is_not_additive_waits_until_no_server_works_with_the_ledger(
    database_url: str, tmp_path: Path
) -> None:  # fmt: skip
    place = placed(tmp_path / "home", database_url)
    assert works_with(steps()) > "0033"
    view = batch_of(place.publishable, [{"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}])

    def upgraded() -> str:
        try:
            Ledger(database_url).close()
        except BusyError as error:
            return error.message
        return ""

    async def run() -> tuple[int, str]:
        async with collecting(place) as application:
            status = (await answered(application, view)).status
            await asyncio.to_thread(alter, place.home, *TO_0033)
            return status, await asyncio.to_thread(upgraded)

    status, said = asyncio.run(run())
    assert (status, said) == (200, f"A server works with the ledger, and could not go on once it has schema {HEAD}.")
    assert upgraded() == ""
    with closing(Ledger(database_url)) as ledger:
        assert not ledger.is_ahead()


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    files = {
        "0001_a.py": '"""The first."""\n',
        "0002_b.py": '"""Rows of events change."""\nop.execute("update tracking_events set url = \'\'")\n',
        "0003_c.py": '"""A table."""\nis_additive = True\nop.create_table("goals")\nop.get_bind()\n',
        "0004_d.py": '"""A column,\nwith a default.\n\nMore."""\nis_additive = True\nop.add_column("users", x)\n',
    }
    for name, source in files.items():
        (folder / name).write_text(source)
    (folder / "__init__.py").touch()
    return folder


def test_a_migration_says_of_itself_what_it_does(versions: Path) -> None:
    found = steps_in(versions)
    assert found == [
        Step("0001", "The first.", False, ()), Step("0002", "Rows of events change.", False, ("tracking_events",)),
        Step("0003", "A table.", True, ()), Step("0004", "A column, with a default.", True, ()),
    ]  # fmt: skip
    assert [works_with(found[: number + 1]) for number in range(4)] == ["0001", "0002", "0002", "0002"]

"""A backup is the ledger at one moment, whoever writes meanwhile; a restored home tells the same numbers."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.jobs.conftest import Tell
from tests.oracle.engine import changes, snapshot
from touchline.engines import DuckDB
from touchline.errors import HomeError, InputError, UsageError
from touchline.jobs import keeping, running, saved_views, users
from touchline.jobs.saved_views import Kept
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.moving import Told, ground_at, move
from touchline.magnitudes import DAY_MICROS
from touchline.settings import Home

WRITER = """
import sys
from pathlib import Path
from touchline.ledger import Ledger
import msgspec
from touchline.ingest import TrackingEvent

ledger = Ledger(Path(sys.argv[1]))
for number in range(100_000):
    row = TrackingEvent(site_id="shop-example", event_id=f"e{number}", identifier=f"v:shop-example:{number % 50}",
        type="PAGE_VIEW", occurred_at=1772700000000000 + number, received_at=1772900000000000,
        visitor_id=str(number % 50), payload_hash="1", title="x" * 500)
    with ledger.transaction() as entry:
        entry.add_events(TrackingEvent.__struct_fields__, [msgspec.structs.astuple(row)])
    print(number, flush=True)
"""


def tables(workspace: Workspace) -> dict[str, list[dict[str, object]]]:
    assert isinstance(workspace.engine, DuckDB)
    return snapshot(workspace.engine)


def test_a_restored_home_tells_the_same_numbers(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    tell({"eventId": "1", "anonId": "a"}, {"eventId": "2", "anonId": "a", "type": "CONVERSION", "value": 5})
    running.run(workspace)
    copied = keeping.back_up_home(workspace.home, tmp_path / "backup")
    assert (copied.events, copied.newest_sequence) == (2, 2)
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    home = Home(tmp_path / "restored")
    assert keeping.restore_home(tmp_path / "backup", home).events == 2
    assert home.path.stat().st_mode & 0o777 == 0o700  # of everybody's events, nothing for others of the machine
    assert [file.name for file in home.path.iterdir()] == ["ledger.db"]
    with Workspace(home) as restored:
        running.run(restored)
        assert changes(tables(workspace), tables(restored)) == ""


def test_a_move_that_had_begun_is_none_of_the_restored_ledger(workspace: Workspace, tmp_path: Path) -> None:
    def cut_off(*_given: object) -> None:
        raise InterruptedError

    places = workspace.home.ledger, tmp_path / "new.db"
    with pytest.raises(InterruptedError), ground_at(places[0]) as one, ground_at(places[1]) as other:
        move(one, other, Told("", ""), lambda: None, cut_off)
    keeping.back_up_home(workspace.home, tmp_path / "backup")
    keeping.restore_home(tmp_path / "backup", Home(tmp_path / "restored"))
    with closing(sqlite3.connect(tmp_path / "restored" / "ledger.db")) as restored:
        found = restored.execute("select count(*) from sqlite_schema where type = 'trigger' or name like 'ledger_%'")
        assert found.fetchone() == (0,)


def test_nobody_is_signed_in_to_a_restored_home_and_links_that_work_again_are_counted(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A session may have ended after the backup, with the password that began it."""
    users.add_user(workspace, "ada", "correct horse battery", now=1)
    with workspace.ledger.transaction() as entry:
        entry.add(schema.SERVER_SESSIONS, session_hash="0" * 64, name="ada", created_at=1, ends_at=2**62)
    for days in (1, 3):
        saved_views.make_link(workspace.ledger, Kept("shop", "A", "models", "", "ada"), days=days, now=0)
    keeping.back_up_home(workspace.home, tmp_path / "backup")
    users.change_password(workspace, "ada", "another horse battery")
    restored = keeping.restore_home(tmp_path / "backup", Home(tmp_path / "restored"), now=2 * DAY_MICROS)
    assert restored.links == 1
    with Workspace(Home(tmp_path / "restored"), is_read_only=True) as again:
        assert again.ledger.rows(schema.SERVER_SESSIONS) == []
        assert [row["name"] for row in again.ledger.rows(schema.USERS)] == ["ada"]


def test_events_that_arrive_meanwhile_are_a_prefix(workspace: Workspace, tmp_path: Path) -> None:
    """Another process writes event after event; a backup holds the first n, and all that were acknowledged before."""
    command = [sys.executable, "-c", WRITER, str(workspace.home.ledger_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
        for number in range(4):
            acknowledged += [int(writer.stdout.readline()) for _ in range(10)]
            keeping.back_up_home(workspace.home, tmp_path / f"backup-{number}")
            with closing(Ledger(tmp_path / f"backup-{number}")) as copy:
                rows = copy.rows(schema.TRACKING_EVENTS)
            assert [row["event_id"] for row in rows] == [f"e{n}" for n in range(len(rows))]
            assert len(rows) > acknowledged[-1]
        writer.kill()
    home = Home(tmp_path / "restored")
    keeping.restore_home(tmp_path / "backup-3", home)
    with Workspace(home) as restored:
        assert restored.ledger.damage() == ""
        running.run(restored)
        stood = tables(restored)
        running.run(restored, is_rebuild=True)
        assert changes(stood, tables(restored)) == ""
        assert len(stood["sessions"]) == 50


def test_nothing_that_stands_is_overwritten(workspace: Workspace, tmp_path: Path) -> None:
    keeping.back_up_home(workspace.home, tmp_path / "backup")
    with pytest.raises(UsageError, match="already exists"):
        keeping.back_up_home(workspace.home, tmp_path / "backup")
    with pytest.raises(HomeError, match="is already a Touchline home"):
        keeping.restore_home(tmp_path / "backup", workspace.home)
    only_engine = Home(tmp_path / "engine-only")
    only_engine.path.mkdir()
    only_engine.engine_file.touch()
    with pytest.raises(HomeError, match="is already a Touchline home"):
        keeping.restore_home(tmp_path / "backup", only_engine)


def test_what_is_no_backup_is_refused_and_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    keeping.back_up_home(workspace.home, tmp_path / "backup")
    half, text, other = tmp_path / "half", tmp_path / "text", tmp_path / "other"
    half.write_bytes((tmp_path / "backup").read_bytes()[:40_000])
    text.write_text("no database" * 100, encoding="utf-8")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table t (a)")
    for bad in (half, text, other):
        home = Home(tmp_path / f"home-of-{bad.name}")
        with pytest.raises(InputError, match="is not a ledger backup"):
            keeping.restore_home(bad, home)
        assert list(home.path.iterdir()) == []
    with pytest.raises(InputError, match="no file"):
        keeping.restore_home(tmp_path / "none", Home(tmp_path / "x"))
    with pytest.raises(HomeError, match="no Touchline"):
        keeping.back_up_home(Home(tmp_path / "nowhere"), tmp_path / "backup-2")

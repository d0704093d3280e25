"""A home is its owner's: who else runs a command on it stops before anything is opened, and reads what would work."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.conftest import placed
from touchline.cli import main
from touchline.errors import HomeError
from touchline.jobs import keeping, moving, setup, whose
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

ME = os.geteuid()
OTHER = ME + 12_345


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    return placed(tmp_path / "home").home


def is_run_by(monkeypatch: pytest.MonkeyPatch, user: int, *, may_write: bool = True) -> None:
    """As if another user ran the command; a home that is somebody else's cannot be made without being root."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "access", lambda _file, _mode: may_write)


def contents(folder: Path) -> list[tuple[str, int, int]]:
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(folder.rglob("*"))]


COMMANDS: list[Callable[[Home], object]] = [
    lambda home: Workspace(home).close(),
    lambda home: Workspace(home, is_read_only=True).close(),
    lambda home: keeping.back_up_home(home, home.path.parent / "copy.db"),
    lambda home: keeping.restore_home(home.path.parent / "copy.db", home),
    lambda home: setup.init(home, name="b", domain="b.example", currency="EUR", time_zone="UTC", now=0),
    lambda home: moving.plan_of(home, "postgresql://nobody@127.0.0.1:1/none"),
    lambda home: moving.move_home(home, "postgresql://nobody@127.0.0.1:1/none", now=0),
    moving.cancel_move,
]


def test_another_user_opens_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(home.path.parent)
    is_run_by(monkeypatch, OTHER, may_write=False)
    for command in COMMANDS:
        with pytest.raises(HomeError, match=f"{home.path} belongs to "):
            command(home)
    assert contents(home.path.parent) == before


@pytest.mark.parametrize("command", [("run",), ("doctor", "--deployment"), ("key", "list"), ("serve",)])
def test_every_command_says_what_would_work(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    is_run_by(monkeypatch, OTHER, may_write=False)
    monkeypatch.setattr(sys, "orig_argv", ["/venv/bin/python", "/venv/bin/touchline", *command, "a b"])
    before = contents(home.path)
    exit_code = main([*command])
    said = "".join(capsys.readouterr())
    who = whose._name_of(ME)
    assert f"sudo -u {who if not who.startswith('user ') else repr(f'#{ME}')} --preserve-env=" in said
    assert f"/venv/bin/touchline {' '.join(command)} 'a b'" in " ".join(said.split())
    assert exit_code == (1 if command[0] == "doctor" else 3)
    assert contents(home.path) == before


def test_its_owner_and_who_may_write_to_it_open_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in (ME, OTHER):  # the other one such as a container's, of a volume that its group may write to
        is_run_by(monkeypatch, user)
        with Workspace(home) as workspace:
            assert len(workspace.ledger.rows(schema.SITES)) == 1
    is_run_by(monkeypatch, OTHER, may_write=False)
    with pytest.raises(HomeError, match="There is no Touchline"):
        Workspace(Home(home.path.parent / "none"))


def test_root_leaves_nothing_in_a_folder_that_is_somebody_else_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Home(tmp_path / "empty")
    empty.path.mkdir()
    is_run_by(monkeypatch, 0)
    monkeypatch.setattr(Path, "stat", _owned_by(OTHER))
    with pytest.raises(HomeError, match=f"belongs to user {OTHER}, who could not open what root leaves there"):
        whose.require_own(empty)
    is_run_by(monkeypatch, ME + 1)
    whose.require_own(empty)  # the folder itself says whether that one may write there


def _owned_by(user: int) -> Callable[..., os.stat_result]:
    real = Path.stat

    def stat(file: Path, **options: bool) -> os.stat_result:
        found = real(file, **options)
        return os.stat_result((*found[:4], user, *found[5:]))

    return stat


def test_the_command_is_the_one_that_was_typed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TOUCHLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(sys, "orig_argv", ["/usr/bin/python3", "-m", "touchline", "run"])
    assert whose._command_of(0) == "sudo -u root /usr/bin/python3 -m touchline run"
    monkeypatch.setenv("TOUCHLINE_HOME", str(home.path))
    monkeypatch.setenv("CRON_SECRET", "x")
    monkeypatch.setattr(sys, "orig_argv", ["python", "/bin/touchline", "erase", "--user", "a b"])
    words = "sudo -u '#987654' --preserve-env=CRON_SECRET,TOUCHLINE_HOME /bin/touchline erase --user 'a b'"
    assert whose._command_of(987_654) == words

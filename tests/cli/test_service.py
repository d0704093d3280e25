"""``touchline service``, on a machine that is a folder, with programs that write down how they were called."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from touchline.server.process.installing import machine, places
from touchline.server.process.installing.places import Program

SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >> "$CALLS/calls"
[ "$1" = --user ] && shift
cd "$CALLS" || exit 9
case "$1" in
  show) [ ! -e absent ] && if [ -e stale ]; then echo NeedDaemonReload=yes; else echo Version=252; fi ;;
  daemon-reload) [ ! -e broken ] || { echo "No space left" >&2; touch stale; exit 1; }; rm -f stale ;;
  enable) touch enabled ;;
  is-enabled) [ -e enabled ] && echo enabled && echo enabled ;;
  is-active) [ -e active ] ;;
  disable) rm -f enabled active ;;
esac
"""
USERADD = '#!/bin/sh\necho "useradd $*" >> "$CALLS/calls"\ntouch "$CALLS/account"\n'
LOGINCTL = """#!/bin/sh
[ "$1" = show-user ] && [ -e "$CALLS/lingers" ] && echo Linger=yes && exit 0
[ "$1" = show-user ] && exit 1
echo "loginctl $*" >> "$CALLS/calls"
"""
UNITS = "etc/systemd/system"
ADDED = (
    "useradd --system --user-group --no-create-home --home-dir /var/lib/touchline --shell /usr/sbin/nologin touchline"
)
ADA, ROOT = f"{Path('/home')}/ada", "/root"
INITIALIZED = "/opt/touchline/bin/touchline init --home /var/lib/touchline --domain shop.example --currency EUR"


class Place:
    """The folder that is the machine, and what was called on it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.calls, self.programs = folder / "root", folder / "calls", folder / "programs"
        for made in (self.root / "opt/touchline/bin", self.root / "etc/systemd/system", self.calls, self.programs):
            made.mkdir(parents=True)
        (self.root / "opt").chmod(0o755)
        (self.root / "opt/touchline").chmod(0o755)
        (self.root / "opt/touchline/bin").chmod(0o755)
        for name, text in {"systemctl": SYSTEMCTL, "useradd": USERADD, "loginctl": LOGINCTL}.items():
            (self.programs / name).write_text(text)
            (self.programs / name).chmod(0o755)

    def changes(self) -> list[str]:
        """The calls since the last look that change something."""
        file = self.calls / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line for line in lines if not {"show", "is-enabled", "is-active"} & {*line.split()}]

    def files(self) -> Mapping[str, str]:
        """Every file of the machine."""
        found = (file for file in self.root.rglob("*") if file.is_file())
        return {str(file.relative_to(self.root)): file.read_text() for file in found}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A machine on which root gives the commands, and nothing is installed."""
    made = Place(tmp_path)
    own = (os.geteuid(), os.getegid())

    class Folder(machine.Machine):
        user, group, account = 0, own[1], "ada"

        def __init__(self) -> None:
            super().__init__(made.root)

        def ids_of(self, _account: str) -> tuple[int, int] | None:
            return own if (made.calls / "account").exists() else None

        def give(self, file: Path, ids: tuple[int, int]) -> None:
            """Nobody else is there."""

    monkeypatch.setattr(machine, "Machine", Folder)
    monkeypatch.setenv("PATH", f"{made.programs}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(made.calls))
    for name in ("TOUCHLINE_HOME", "SUDO_USER", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TOUCHLINE_HOST", "TOUCHLINE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", ADA)
    installed_at(monkeypatch, "/opt/touchline/bin/touchline")
    return made


def installed_at(monkeypatch: pytest.MonkeyPatch, path: str, python: str = "/usr/bin/python3") -> None:
    program = Program(Path(path), Path(python))
    monkeypatch.setattr(places, "own_program", lambda: program)


def asked_by(monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    monkeypatch.setattr(machine.Machine, "user", user)


def test_a_service_of_the_machine_is_installed_once(
    place: Place, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = touchline("service", "install", "--json").document
    assert document["is_changed"]
    assert place.changes() == [
        ADDED, "systemctl daemon-reload", "systemctl enable touchline.service touchline.socket"
    ]  # fmt: skip
    files = place.files()
    assert [*sorted(files)] == [
        f"{UNITS}/touchline.service", f"{UNITS}/touchline.socket", "etc/touchline.env"
    ]  # fmt: skip
    assert {file["path"][1:]: file["content"] for file in document["files"]} == files
    modes = {name: (place.root / name).stat().st_mode & 0o777 for name in (*files, "var/lib/touchline")}
    assert [*modes.values()] == [
        0o640 if name.endswith(".env") else 0o700 if name.startswith("var") else 0o644 for name in modes
    ]
    assert document["next_steps"] == [
        f"runuser -u touchline -- {INITIALIZED}",
        "systemctl start touchline.service",
    ]
    monkeypatch.setenv("SUDO_USER", "ada")
    steps = touchline("service", "install", "--json").document["next_steps"]
    assert [step.split(" /opt")[0] for step in steps] == ["sudo -u touchline", "sudo systemctl start touchline.service"]
    monkeypatch.delenv("SUDO_USER")
    (place.root / "var/lib/touchline/ledger.db").touch()
    again = touchline("service", "install")
    assert "It is installed already; nothing was changed." in again.out
    assert "Next: systemctl start touchline.service" in again.out
    assert "init" not in again.out
    (place.calls / "active").touch()
    assert touchline("service", "install").out == "It is installed already; nothing was changed.\n"
    assert place.files().keys() - {"var/lib/touchline/ledger.db"} == files.keys()
    assert place.changes() == []


def test_what_the_owner_wrote_stays_and_a_unit_follows_the_options(place: Place, touchline: Command) -> None:
    own = place.root / "etc/touchline.env"
    own.write_text(" DATABASE_URL=postgresql://u@h/d\n")
    own.chmod(0o600)
    first = touchline("service", "install").out
    assert "Unchanged: /etc/touchline.env" in first
    assert "init" not in first  # the ledger is in a database
    place.changes()
    (place.calls / "active").touch()
    changed = touchline("service", "install", "--host", "::", "--port", "80", "--home", "/srv/my shop")
    assert "Next: systemctl restart touchline.service" in changed.out
    assert place.changes() == ["systemctl daemon-reload"]
    files = place.files()
    assert "\nListenStream=[::]:80\n" in files[f"{UNITS}/touchline.socket"]
    assert '\nEnvironment="TOUCHLINE_HOME=/srv/my shop"\n' in files[f"{UNITS}/touchline.service"]
    assert '\nReadWritePaths="/srv/my shop"\n' in files[f"{UNITS}/touchline.service"]
    assert (own.read_text(), own.stat().st_mode & 0o777) == (" DATABASE_URL=postgresql://u@h/d\n", 0o600)


def test_a_service_of_a_user_is_the_users_own(
    place: Place, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_by(monkeypatch, os.geteuid())
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    installed_at(monkeypatch, f"{ADA}/.local/bin/touchline", f"{ADA}/python")
    document = touchline("service", "install", "--user", "--json").document
    assert place.changes() == [
        "systemctl --user daemon-reload", "systemctl --user enable touchline.service touchline.socket",
        "loginctl enable-linger ada",
    ]  # fmt: skip
    unit = place.files()["home/ada/.config/systemd/user/touchline.service"]
    assert f"\nExecStart={ADA}/.local/bin/touchline serve\n" in unit
    assert f"\nEnvironment=TOUCHLINE_HOME={ADA}/.local/share/touchline\n" in unit
    assert f"\nEnvironmentFile=-{ADA}/.config/touchline.env\n" in unit
    assert not [line for line in unit.splitlines() if line.startswith(("User=", "Protect", "Private", "ReadWrite"))]
    assert (place.root / "home/ada/.local/share/touchline").stat().st_mode & 0o777 == 0o700
    assert document["next_steps"][1] == "systemctl --user start touchline.service"
    assert document["next_steps"][0].startswith(f"{ADA}/.local/bin/touchline init")
    (place.calls / "lingers").touch()
    assert not touchline("service", "install", "--user", "--json").document["is_changed"]
    monkeypatch.setenv("XDG_CONFIG_HOME", f"{ADA}/c")
    monkeypatch.setenv("XDG_DATA_HOME", f"{ADA}/d")
    touchline("service", "install", "--user")
    assert f"TOUCHLINE_HOME={ADA}/d/touchline\n" in place.files()["home/ada/c/systemd/user/touchline.service"]


@pytest.mark.parametrize("words", [("install",), ("install", "--user"), ("remove",)])
def test_what_is_printed_is_what_would_be_done(
    place: Place, touchline: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    if words == ("remove",):
        touchline("service", "install")
        place.changes()
    (place.calls / "absent").touch()
    before = place.files()
    shown = touchline("service", *words, "--print")
    document = touchline("service", *words, "--print", "--json").document
    assert (shown.exit_code, place.files(), place.changes(), document["is_changed"]) == (0, before, [], False)
    assert "reaches no systemd" in document["problem"]
    assert "Nothing was changed. It cannot be done yet:" in shown.out
    (place.calls / "absent").unlink()
    assert touchline("service", *words, "--print").out.endswith("Nothing was changed.\n")
    done = touchline("service", *words, "--json").document
    assert {name: done[name] for name in document.keys() & done.keys() - {"is_changed"}} == {
        name: document[name] for name in document.keys() & done.keys() - {"is_changed"}
    }
    for command in place.changes():
        assert command in shown.out
    for file in done["files"]:
        assert (file if isinstance(file, str) else file["content"].splitlines()[-1]) in shown.out


def hide_systemctl(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(place.root))


def stop_systemd(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.calls / "absent").touch()


def ask_as_ada(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_by(monkeypatch, 1234)


def ask_by_sudo(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ada")


def own_the_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.root / "var/lib/touchline").mkdir(parents=True)


def own_the_home_as_another(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    own_the_home(place, monkeypatch)
    monkeypatch.setattr(machine.Machine, "ids_of", lambda *_: (os.geteuid() + 1, 0))


def have_a_file_as_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.root / "var/lib").mkdir(parents=True)
    (place.root / "var/lib/touchline").touch()


def install_in_a_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_at(monkeypatch, f"{ROOT}/venv/bin/touchline")


def have_python_in_a_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_at(monkeypatch, "/opt/touchline/bin/touchline", f"{ROOT}/.local/share/uv/python")


def close_a_folder(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.root / "opt").chmod(0o700)


def set_a_hidden_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", f"{ADA}/shop")


def set_a_host_of_two_lines(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOST", "127.0.0.1\nExecStartPre=/bin/true #")


def write_an_own_unit(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.root / UNITS / "touchline.socket").write_text("[Socket]\nListenStream=80\n")


Refused = tuple[Callable[[Place, pytest.MonkeyPatch], None], tuple[str, ...], int, str, str]
REFUSED: list[Refused] = [
    (hide_systemctl, (), 2, "no systemctl", "/opt/touchline/bin/touchline serve"),
    (stop_systemd, (), 2, "did not start this machine", "deploy/Containerfile"),
    (stop_systemd, ("--user",), 2, "reaches no systemd of ada", "export XDG_RUNTIME_DIR=/run/user/$(id -u)"),
    (ask_as_ada, (), 2, "managed by root", "sudo /opt/touchline/bin/touchline service"),
    (ask_by_sudo, ("--user",), 2, "root's", "without sudo"),
    (own_the_home, (), 3, "runs as touchline", f"`{ADDED}` and `chown -R touchline: /var/lib/touchline`"),
    (own_the_home_as_another, (), 3, "runs as touchline", "or run `chown -R touchline: /var/lib/touchline` first"),
    (have_a_file_as_home, (), 3, "is no folder", "--home"),
    (install_in_a_home, (), 2, "cannot reach it", "python3 -m venv /opt/touchline"),
    (have_python_in_a_home, (), 2, f"{ROOT}/.local/share/uv/python lies where", "python3 -m venv /opt/touchline"),
    (close_a_folder, (), 2, "cannot reach it", "python3 -m venv /opt/touchline"),
    (set_a_hidden_home, (), 2, f"{ADA}/shop lies where", "/var/lib/touchline"),
    (set_a_host_of_two_lines, (), 2, "cannot stand in a unit", "Give a printable name"),
    (write_an_own_unit, (), 2, "was not written by", "mv /etc/systemd/system/touchline.socket"),
]


@pytest.mark.parametrize("row", REFUSED, ids=[f"{row[0].__name__}{len(row[1])}" for row in REFUSED])
def test_what_is_in_the_way_is_said_with_the_step_that_helps(
    place: Place, touchline: Command, monkeypatch: pytest.MonkeyPatch, row: Refused
) -> None:
    hinder, words, exit_code, said, step = row
    hinder(place, monkeypatch)
    before = place.files()
    outcome = touchline("service", "install", *words)
    text = " ".join(outcome.err.split())
    assert (outcome.exit_code, said in text, step in text) == (exit_code, True, True), text
    assert (place.files(), place.changes()) == (before, [])


def test_what_is_left_after_a_failure_is_done_by_the_next_call(place: Place, touchline: Command) -> None:
    (place.calls / "broken").touch()
    failed = touchline("service", "install")
    assert (failed.exit_code, "`systemctl daemon-reload` failed: No space left" in failed.err) == (1, True)
    (place.calls / "broken").unlink()
    place.changes()
    assert touchline("service", "install").exit_code == 0
    assert place.changes() == ["systemctl daemon-reload", "systemctl enable touchline.service touchline.socket"]
    (place.calls / "broken").touch()
    assert touchline("service", "install", "--port", "80").exit_code == 1
    (place.calls / "broken").unlink()
    place.changes()
    assert touchline("service", "install", "--port", "80").exit_code == 0
    assert place.changes() == ["systemctl daemon-reload"]


def test_a_service_is_removed_and_nothing_else(
    place: Place, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    touchline("service", "install")
    (place.root / "var/lib/touchline/ledger.db").write_text("kept")
    place.changes()
    removed = touchline("service", "remove")
    assert place.changes() == [
        "systemctl disable --now touchline.service touchline.socket", "systemctl daemon-reload"
    ]  # fmt: skip
    assert sorted(place.files()) == ["etc/touchline.env", "var/lib/touchline/ledger.db"]
    for command in ("rm -r /var/lib/touchline", "rm -f /etc/touchline.env", "userdel touchline"):
        assert f"Kept; to delete it: {command}" in removed.out
    again = touchline("service", "remove", "--json").document
    assert (again["is_changed"], place.changes()) == (False, [])
    assert "there is nothing to remove" in touchline("service", "remove").out
    write_an_own_unit(place, monkeypatch)
    assert touchline("service", "remove").exit_code == 2
    asked_by(monkeypatch, 1234)
    assert "managed by root" in touchline("service", "remove").err

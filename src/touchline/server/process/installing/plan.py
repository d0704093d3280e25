"""What is left to do until a service is installed, and doing it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from touchline.errors import TouchlineError
from touchline.server.process.installing.machine import Machine, ids_of_service
from touchline.server.process.installing.places import SERVICE, SOCKET, Places
from touchline.server.process.installing.refusals import account_command
from touchline.server.process.installing.units import environment_text, service_text, socket_text
from touchline.settings import Home

HOME_MODE = 0o700
_UNIT_MODE, _ENVIRONMENT_MODE = 0o644, 0o640
_DATABASE = re.compile(r"^\s*DATABASE_URL\s*=\s*\S", re.MULTILINE)

FileState = Literal["written", "unchanged", "yours"]


@dataclass(frozen=True)
class PlannedFile:
    """A file of the service."""

    path: str
    mode: str
    owner: str
    group: str
    state: FileState
    """``written`` if it is missing or differs, ``unchanged``, or ``yours``: an environment file that is there."""
    content: str


@dataclass(frozen=True)
class Plan:
    """What is left to do, in this order."""

    account: str
    """As whom the service runs."""
    first: tuple[tuple[str, ...], ...]
    """Commands before anything is written."""
    home: str
    is_home_new: bool
    files: tuple[PlannedFile, ...]
    commands: tuple[tuple[str, ...], ...]
    """Commands after that."""

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to do."""
        is_written = any(file.state == "written" for file in self.files)
        return not (self.first or self.is_home_new or is_written or self.commands)


def plan_of(places: Places, machine: Machine) -> Plan:
    """What is left to do."""
    files = _files(places, machine)
    units_change = any(file.state == "written" for file in files[:2])
    has_account = ids_of_service(places, machine) is not None
    is_enabled = _is_enabled(places, machine)
    must_read = units_change or not is_enabled or _is_stale(places, machine)
    commands = [[*places.systemctl, "daemon-reload"]] if must_read else []
    if not is_enabled:
        commands.append([*places.systemctl, "enable", SERVICE, SOCKET])
    if places.is_user and not _is_lingering(places, machine):
        commands.append(["loginctl", "enable-linger", places.account])
    return Plan(
        places.account,
        () if has_account else (tuple(account_command(places)),),
        str(places.home),
        not machine.at(places.home).exists(),
        files,
        tuple(map(tuple, commands)),
    )


def _files(places: Places, machine: Machine) -> tuple[PlannedFile, ...]:
    units = (
        (places.units / SERVICE, service_text(places)),
        (places.units / SOCKET, socket_text(places)),
    )
    owner = places.account if places.is_user else "root"
    files = [
        PlannedFile(
            str(path), f"{_UNIT_MODE:04o}", owner, owner,
            "unchanged" if machine.text_of(path) == content else "written", content,
        )
        for path, content in units
    ]  # fmt: skip
    is_there = machine.at(places.environment_file).exists()
    environment = PlannedFile(
        str(places.environment_file), f"{_ENVIRONMENT_MODE:04o}", owner, places.account,
        "yours" if is_there else "written", environment_text(places),
    )  # fmt: skip
    return (*files, environment)


def _is_enabled(places: Places, machine: Machine) -> bool:
    said = machine.ask([*places.systemctl, "is-enabled", SERVICE, SOCKET])
    return said is not None and said.split() == ["enabled", "enabled"]


def _is_lingering(places: Places, machine: Machine) -> bool:
    """Whether the user's services run while the user is not logged in."""
    said = machine.ask(["loginctl", "show-user", places.account, "--property=Linger"])
    return said is not None and "=yes" in said


def _is_stale(places: Places, machine: Machine) -> bool:
    """Whether systemd has yet to read the units that are there, as after a reload that failed."""
    said = machine.ask([*places.systemctl, "show", "--property=NeedDaemonReload", SERVICE, SOCKET])
    return said is not None and "=yes" in said


def carry_out(plan: Plan, places: Places, machine: Machine) -> None:
    """Do what is left to do; whatever was done before a failure is not done again by the next plan.

    :raises StorageError: if a file cannot be written.
    :raises TouchlineError: if a command fails.
    """
    for words in plan.first:
        machine.run(words)
    ids = ids_of_service(places, machine)
    if ids is None:
        raise TouchlineError(f"There is no user {places.account}, although useradd did not fail.")
    if plan.is_home_new:
        machine.make_folder(places.home, HOME_MODE, ids)
    asking = (machine.user, machine.group)
    for file in plan.files:
        if file.state == "written":
            group = ids[1] if file.group == places.account else asking[1]
            machine.write(Path(file.path), file.content, int(file.mode, 8), (asking[0], group))
    for words in plan.commands:
        machine.run(words)


def next_steps(plan: Plan, places: Places, machine: Machine, *, is_by_sudo: bool = False) -> list[str]:
    """The commands with which somebody goes on, once the plan is carried out.

    :param is_by_sudo: whether they are no root, and ran this command by sudo.
    """
    rights = "sudo " if is_by_sudo else ""
    other = f"sudo -u {places.account} " if is_by_sudo else f"runuser -u {places.account} -- "
    as_account = "" if places.is_user else other
    home = Home(machine.at(places.home))
    is_elsewhere = _DATABASE.search(machine.text_of(places.environment_file) or "") is not None
    steps = []
    if not home.exists and not is_elsewhere:
        where = f"{shlex.quote(str(places.program.touchline))} init --home {shlex.quote(str(places.home))}"
        steps.append(f"{as_account}{where} --domain shop.example --currency EUR")
    is_running = machine.ask([*places.systemctl, "is-active", SERVICE]) is not None
    is_stale = is_running and any(file.state == "written" for file in plan.files)
    if not is_running or is_stale:
        steps.append(f"{rights}{' '.join(places.systemctl)} {'restart' if is_running else 'start'} {SERVICE}")
    return steps

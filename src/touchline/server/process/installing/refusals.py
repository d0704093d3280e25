"""Why a service cannot be installed, said before anything is written, with the step that helps."""

import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from touchline.errors import HomeError, UsageError
from touchline.server.process.installing.machine import Machine, ids_of_service
from touchline.server.process.installing.places import ACCOUNT, SERVICE, SOCKET, Places
from touchline.server.process.installing.units import MARK

HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp", "/dev", "/proc", "/sys")  # noqa: S108 - they are named
"""Folders that a service of the machine does not see as they are: its unit gives it its own, or none."""


def require_installable(places: Places, machine: Machine, variables: Mapping[str, str]) -> None:
    """Make sure that nothing keeps the service from being installed, and from running then.

    :param variables: the environment of who asks.
    :raises UsageError: if something does.
    :raises HomeError: if the home is another user's.
    """
    require_manageable(places, machine, variables)
    _require_reachable(places, machine)
    _require_own_home(places, machine)


def require_manageable(places: Places, machine: Machine, variables: Mapping[str, str]) -> None:
    """Make sure that who asks may change the service, that systemd is there, and that the units are ours.

    :raises UsageError: if not.
    """
    _require_rights(places, machine, variables)
    _require_systemd(places, machine)
    _require_own_units(places, machine)


def _require_rights(places: Places, machine: Machine, variables: Mapping[str, str]) -> None:
    """Make sure that who asks may manage such a service."""
    touchline = places.program.touchline
    if not places.is_user and machine.user != 0:
        raise UsageError(
            "A service of the machine is managed by root.",
            f"Run `sudo {touchline} service …`, or give --user for a service of your own.",
        )
    if places.is_user and machine.user == 0 and variables.get("SUDO_USER"):
        raise UsageError(
            "With sudo, --user would be about a service of root's.", f"Run `{touchline} service … --user` without sudo."
        )


def _require_systemd(places: Places, machine: Machine) -> None:
    """Make sure that systemd is there to run the service."""
    if not machine.has("systemctl"):
        raise UsageError(
            "There is no systemctl on this machine, and so no systemd to run the service.",
            f"Have what starts services here run `{places.program.touchline} serve`, or use deploy/Containerfile.",
        )
    if machine.ask([*places.systemctl, "show", "--property=Version"]) is not None:
        return
    if places.is_user:
        raise UsageError(
            f"`systemctl --user` reaches no systemd of {places.account}.",
            "Log in on a terminal or by ssh, and not by su or sudo, or run"
            " `export XDG_RUNTIME_DIR=/run/user/$(id -u)` first.",
        )
    raise UsageError(
        "`systemctl` reaches no systemd: it did not start this machine, as in most containers.",
        f"Have what starts services here run `{places.program.touchline} serve`, or use deploy/Containerfile.",
    )


def _require_own_home(places: Places, machine: Machine) -> None:
    """Make sure that the service can open its home."""
    folder = machine.at(places.home)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise HomeError(f"{places.home} is no folder.", "Give another one with --home.")
    owner, ids = folder.stat().st_uid, ids_of_service(places, machine)
    if ids is not None and owner == ids[0]:
        return
    whose = machine.name_of(owner)
    raise HomeError(
        f"{places.home} belongs to {whose}, and the service runs as {places.account}, who could not open it.",
        f"Give another folder with --home, or{_handed_over(places, machine)}"
        f" `chown -R {places.account}: {shlex.quote(str(places.home))}` first.",
    )


def _handed_over(places: Places, machine: Machine) -> str:
    if ids_of_service(places, machine) is not None:
        return " run"
    return f" run `{shlex.join(account_command(places))}` and"


def account_command(places: Places) -> list[str]:
    """The command that makes the system user."""
    return [
        "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(places.home),
        "--shell", "/usr/sbin/nologin", places.account,
    ]  # fmt: skip


def _require_reachable(places: Places, machine: Machine) -> None:
    """Make sure that a service of the machine sees its program and its home."""
    if places.is_user:
        return
    python = "python3 -m venv /opt/touchline && /opt/touchline/bin/pip install touchline"
    for path in (places.program.touchline, places.program.python):
        if _is_hidden(path) or not _is_open(path, machine):
            raise UsageError(
                f"{path} lies where the user {ACCOUNT}, as whom the service runs, cannot reach it.",
                f"Install it where everybody may look: {python}",
            )
    if _is_hidden(places.home):
        raise UsageError(
            f"{places.home} lies where a service of the machine sees nothing.",
            "Give a folder outside of people's own folders with --home, such as /var/lib/touchline.",
        )


def _is_hidden(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in HIDDEN)


def _is_open(path: Path, machine: Machine) -> bool:
    """Whether every user may enter the folders above; what is not there is nobody's secret."""
    folders = [machine.at(folder) for folder in path.parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders if folder.is_dir() and folder != machine.root)


def _require_own_units(places: Places, machine: Machine) -> None:
    """Make sure that no unit of these names is somebody's own work."""
    for name in (SERVICE, SOCKET):
        file = places.units / name
        text = machine.text_of(file)
        if text is not None and MARK not in text:
            raise UsageError(
                f"{file} was not written by `touchline service install`, and is left alone.",
                f"Move it away first: mv {shlex.quote(str(file))} {shlex.quote(f'{file}.old')}",
            )

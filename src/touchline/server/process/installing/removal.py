"""Removing a service: its units go, and what people wrote or collected stays."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from touchline.server.process.installing.machine import Machine, ids_of_service
from touchline.server.process.installing.places import SERVICE, SOCKET, Places


@dataclass(frozen=True)
class Removal:
    """What is left to do, in this order, and what stays."""

    first: tuple[tuple[str, ...], ...]
    """Commands before anything is removed."""
    files: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    """Commands after that."""
    kept: tuple[str, ...]
    """The command that would delete each thing that stays."""


def removal_of(places: Places, machine: Machine) -> Removal:
    """What is left to do."""
    files = [places.units / name for name in (SERVICE, SOCKET) if machine.at(places.units / name).exists()]
    if not files:
        return Removal((), (), (), _kept(places, machine))
    systemctl = places.systemctl
    names = [file.name for file in files]
    return Removal(
        ((*systemctl, "disable", "--now", *names),), tuple(map(str, files)), ((*systemctl, "daemon-reload"),),
        _kept(places, machine),
    )  # fmt: skip


def _kept(places: Places, machine: Machine) -> tuple[str, ...]:
    there = [path for path in (places.home, places.environment_file) if machine.at(path).exists()]
    commands = [["rm", "-r" if path == places.home else "-f", str(path)] for path in there]
    if not places.is_user and ids_of_service(places, machine) is not None:
        commands.append(["userdel", places.account])
    return tuple(map(shlex.join, commands))


def carry_out(removal: Removal, machine: Machine) -> None:
    """Do it.

    :raises StorageError: if a file cannot be removed.
    :raises TouchlineError: if a command fails, such as where the server does not stop.
    """
    for words in removal.first:
        machine.run(words)
    for file in removal.files:
        machine.remove(Path(file))
    for words in removal.commands:
        machine.run(words)

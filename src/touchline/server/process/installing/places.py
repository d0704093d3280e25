"""Where the files of a service are: one of the whole machine, or one of a single user."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import UsageError
from touchline.server.http.options import ServerOptions

ACCOUNT = "touchline"
"""The system user as whom a service of the machine runs."""
SERVICE, SOCKET = "touchline.service", "touchline.socket"
_SYSTEM_HOME = Path("/var/lib/touchline")


@dataclass(frozen=True)
class Program:
    """What systemd starts."""

    touchline: Path
    """The ``touchline`` of the environment that it is installed in."""
    python: Path
    """The interpreter behind it, which may lie elsewhere."""


def own_program() -> Program:
    """The program of this process.

    :raises UsageError: if there is no ``touchline`` next to its interpreter, such as for a module on a path.
    """
    found = Path(sys.executable).parent / "touchline"
    if not found.exists():
        raise UsageError(
            f"There is no program touchline next to {sys.executable}, which systemd could start.",
            "Install Touchline into a virtual environment, and run its bin/touchline.",
        )
    return Program(found, Path(sys.executable).resolve())


@dataclass(frozen=True)
class Places:
    """The files of one service, and as whom it runs."""

    is_user: bool
    """Whether it is a service of one user, whose own systemd runs it."""
    account: str
    program: Program
    home: Path
    units: Path
    """The folder of the units."""
    environment_file: Path
    address: str
    """Where systemd listens, such as ``127.0.0.1:8484``."""

    @property
    def systemctl(self) -> tuple[str, ...]:
        """The command that manages it."""
        return ("systemctl", "--user") if self.is_user else ("systemctl",)


def places_of(
    program: Program, options: ServerOptions, variables: Mapping[str, str], account: str, home: Path | None = None, *,
    is_user: bool,
) -> Places:  # fmt: skip
    """The places of a service.

    :param variables: the environment, which says where a user keeps settings and data.
    :param account: the name of the user who asks.
    :param home: where the data is to be; ``None``: the usual folder.
    :param is_user: whether it is a service of the user who asks, and not of the machine.
    """
    address = f"[{options.host}]:{options.port}" if ":" in options.host else f"{options.host}:{options.port}"
    if not is_user:
        folder = _SYSTEM_HOME if home is None else home.absolute()
        units, environment_file = Path("/etc/systemd/system"), Path("/etc/touchline.env")
        return Places(False, ACCOUNT, program, folder, units, environment_file, address)
    config = _folder(variables, "XDG_CONFIG_HOME", ".config")
    folder = _folder(variables, "XDG_DATA_HOME", ".local/share") / "touchline" if home is None else home.absolute()
    return Places(True, account, program, folder, config / "systemd" / "user", config / "touchline.env", address)


def _folder(variables: Mapping[str, str], name: str, usual: str) -> Path:
    """A folder of the user's, which counts only if it is absolute, as the XDG specification has it."""
    named = Path(variables.get(name, ""))
    return named if named.is_absolute() else Path(variables.get("HOME") or Path.home()) / usual

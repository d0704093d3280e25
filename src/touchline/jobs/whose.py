"""Whose a home is: a command of another user, root above all, would leave files there that its server cannot open."""

import os
import pwd
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from touchline.errors import HomeError
from touchline.settings import Home, environment

_VARIABLES = ("DATABASE_URL", "REDIS_URL", "IP_HASH_SALT", "CRON_SECRET")
"""Variables of Touchline's by other names."""


def require_own(home: Home) -> None:
    """Make sure that this user's files are ones that the home's server can open, before anything is opened.

    Only root may write to everything, so that nothing else keeps it from it.

    :raises HomeError: if they are not, with the command that works.
    """
    found = next(filter(_is_seen, (home.ledger_file, home.path)), None)
    if found is None or (owner := found.stat().st_uid) == (user := os.geteuid()):
        return
    if user and os.access(found, os.R_OK | (os.X_OK if found == home.path else os.W_OK)):
        return
    whose = _name_of(owner)
    raise HomeError(
        f"{home.path} belongs to {whose}, who could not open what {_name_of(user)} leaves there.", _command_of(owner)
    )


def _is_seen(file: Path) -> bool:
    """Whether this user sees it: in a folder that is closed to them, they see nothing."""
    try:
        return file.exists()
    except PermissionError:
        return False


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _command_of(user: int) -> str:
    """This program's own command line, as the user would run it, with the same settings."""
    name = _name_of(user)
    who = shlex.quote(f"#{user}") if name == f"user {user}" else name
    interpreter, *words = sys.orig_argv
    typed = words if words and Path(words[0]).name == "touchline" else [interpreter, *words]
    kept = _set_in(environment())
    keeping = [f"--preserve-env={','.join(kept)}"] if kept else []
    return " ".join(["sudo", "-u", who, *keeping, shlex.join(typed)])


def _set_in(variables: Mapping[str, str]) -> list[str]:
    """The names of the variables of Touchline's that are set, which a command of another user needs, too.

    >>> _set_in({"TOUCHLINE_HOME": "shop", "DATABASE_URL": "", "HOME": "/root"})
    ['TOUCHLINE_HOME']
    """
    named = (name for name in variables if name.startswith("TOUCHLINE_") or name in _VARIABLES)
    return sorted(name for name in named if variables[name])

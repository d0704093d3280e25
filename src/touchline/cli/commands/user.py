"""``user``: the people who may log in to the server."""

import sys
from collections.abc import Mapping
from typing import Any

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.clock import now_micros
from touchline.cli.terminal import table, visible

user = App(name="user", help="Manage the users who can log in to the server.")


@user.command(name="add")
def add_user(name: str, /, *, options: Options = COMMON) -> Answer:
    """Add a user. The command prompts for the password, or reads it from standard input.

    :param name: the user's login name.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.add_user(workspace, name, _password(), now=now_micros())
    return Answer({"name": name}, lambda: Text(visible(f"{name} can now log in.")))


@user.command(name="password")
def change_password(name: str, /, *, options: Options = COMMON) -> Answer:
    """Change a user's password, and log the user out. The command prompts for it, or reads standard input.

    :param name: the user's login name.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.change_password(workspace, name, _password())
    return Answer({"name": name}, lambda: Text(visible(f"The password of {name} is changed.")))


@user.command(name="list")
def list_users(*, options: Options = COMMON) -> Answer:
    """List the users who can log in."""
    from touchline.ledger import schema

    with options.opened() as workspace:
        rows: list[Mapping[str, Any]] = workspace.ledger.rows(schema.USERS)
    names = [row["name"] for row in rows]
    return Answer({"users": names}, lambda: table("Users", ("name",), [(name,) for name in names]))


@user.command(name="remove")
def remove_user(name: str, /, *, options: Options = COMMON) -> Answer:
    """Remove a user, and block their logins immediately.

    :param name: the user's login name.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.remove_user(workspace, name)
    return Answer({"name": name}, lambda: Text(visible(f"{name} can no longer log in.")))


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    return getpass("Password: ")


COMMAND = user

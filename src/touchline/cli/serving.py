"""``serve`` and ``user``: the server, and who may log in to it."""

import sys
from typing import TYPE_CHECKING, Any

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Whole
from touchline.cli.setting_up import now_micros
from touchline.cli.terminal import table, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

user = App(name="user", help="The people who may log in to the server.")


def serve(
    *, host: str | None = None, port: Whole | None = None, workers: Whole | None = None, options: Options = COMMON
) -> Answer:
    """Collect events over HTTP, keep the numbers up to date, and answer, until stopped with SIGTERM or Ctrl-C.

    Every other command goes on working meanwhile.

    :param host: the address to listen at; else TOUCHLINE_HOST, else 127.0.0.1.
    :param port: the port to listen at; else TOUCHLINE_PORT, else 8484.
    :param workers: how many processes collect; more than one needs DATABASE_URL.
    """
    from touchline.server.http.options import options_from
    from touchline.server.process.serving import serve as serve_home
    from touchline.settings import environment

    serve_home(options.place, options_from(environment(), host=host, port=port, workers=workers))
    return Answer({"stopped": True}, lambda: Text("Stopped; everything that was acknowledged is stored."))


@user.command(name="add")
def add_user(name: str, /, *, options: Options = COMMON) -> Answer:
    """Let a person log in. The password is asked for, or read from standard input.

    :param name: the name to log in with.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.add_user(workspace, name, _password(), now=now_micros())
    return Answer({"name": name}, lambda: Text(visible(f"{name} may log in.")))


@user.command(name="password")
def change_password(name: str, /, *, options: Options = COMMON) -> Answer:
    """Change a person's password, and log them out. It is asked for, or read from standard input.

    :param name: the name that they log in with.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.change_password(workspace, name, _password())
    return Answer({"name": name}, lambda: Text(visible(f"The password of {name} is changed.")))


@user.command(name="list")
def list_users(*, options: Options = COMMON) -> Answer:
    """List the people who may log in."""
    from touchline.ledger import schema

    with options.opened() as workspace:
        rows: list[Mapping[str, Any]] = workspace.ledger.rows(schema.USERS)
    names = [row["name"] for row in rows]
    return Answer({"users": names}, lambda: table("Users", ("name",), [(name,) for name in names]))


@user.command(name="remove")
def remove_user(name: str, /, *, options: Options = COMMON) -> Answer:
    """Let a person in no more, from now on.

    :param name: the name that they log in with.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.remove_user(workspace, name)
    return Answer({"name": name}, lambda: Text(visible(f"{name} may not log in any more.")))


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    return getpass("Password: ")


COMMANDS = (serve, user)

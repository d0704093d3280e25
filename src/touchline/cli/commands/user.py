"""``user``: the people who may log in to the server."""

import sys

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.clock import now_micros
from touchline.cli.listing import rows_of
from touchline.cli.terminal import table, visible
from touchline.errors import UsageError

user = App(name="user", help="Manage the users who can log in to the server.")


@user.command(name="add")
def add_user(name: str, /, *, organization: str | None = None, options: Options = COMMON) -> Answer:
    """Add a user. The command prompts for the password, or reads it from standard input.

    :param name: the user's login name.
    :param organization: the id of the only organization that the user can see; by default all of them.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.add_user(workspace, name, _password(), organization_id=organization, now=now_micros())
    document = {"name": name, "organization_id": organization}
    return Answer(document, lambda: Text(visible(f"{name} can now log in, and see {_seen(organization)}.")))


@user.command(name="set")
def set_user(
    name: str, /, *, organization: str | None = None, all_organizations: Switch = False, options: Options = COMMON
) -> Answer:
    """Change which organizations a user can see, also in sessions that have begun.

    :param name: the user's login name.
    :param organization: the id of the only organization that the user can see.
    :param all_organizations: let the user see all organizations.
    """
    from touchline.jobs import users

    if (organization is None) is not all_organizations:
        raise UsageError("A user sees one organization, or all of them.", "Give --organization or --all-organizations.")
    with options.opened() as workspace:
        users.set_organization(workspace, name, organization)
    document = {"name": name, "organization_id": organization}
    return Answer(document, lambda: Text(visible(f"{name} can now see {_seen(organization)}.")))


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
    """List the users who can log in, each with the organization that they can see."""
    columns = ("name", "organization_id")
    found = rows_of(options, "USERS", columns)
    rows = [(row["name"], row["organization_id"] or "(all)") for row in found]
    return Answer({"users": found}, lambda: table("Users", ("name", "organization"), rows))


@user.command(name="remove")
def remove_user(name: str, /, *, options: Options = COMMON) -> Answer:
    """Remove a user, and block their logins immediately.

    :param name: the user's login name.
    """
    from touchline.jobs import users

    with options.opened() as workspace:
        users.remove_user(workspace, name)
    return Answer({"name": name}, lambda: Text(visible(f"{name} can no longer log in.")))


def _seen(organization: str | None) -> str:
    return "all organizations" if organization is None else f"the organization {organization}"


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    return getpass("Password: ")


COMMAND = user

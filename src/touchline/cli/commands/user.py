"""``user``: the people who may log in to the server."""

import sys

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.listing import rows_of
from touchline.cli.managing import manager_of
from touchline.cli.terminal import table, visible
from touchline.errors import UsageError
from touchline.jobs.roles import Role

user = App(name="user", help="Manage the users who can log in to the server.")


@user.command(name="add")
def add_user(
    name: str, /, *, organization: str | None = None, role: Role = "administrator", options: Options = COMMON
) -> Answer:
    """Add a user. The command prompts for the password, or reads it from standard input.

    :param name: the user's login name.
    :param organization: the id of the only organization that the user can see; by default all of them.
    :param role: viewer (reads the numbers), editor (also imports costs, sets goals and settings, and decides about
        findings), or administrator (also manages users and keys, and looks at persons).
    """
    from touchline.jobs.managing import users

    with options.opened() as workspace:
        users.add_user(manager_of(workspace), name, _password(), organization_id=organization, role=role)
    document = {"name": name, "organization_id": organization, "role": role}
    return Answer(document, lambda: Text(visible(f"{name} can now log in as {role}, and see {_seen(organization)}.")))


@user.command(name="set")
def set_user(
    name: str, /, *, organization: str | None = None, all_organizations: Switch = False, role: Role | None = None,
    options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Change which organizations a user can see, and what the user may do, also in sessions that have begun.

    :param name: the user's login name.
    :param organization: the id of the only organization that the user can see.
    :param all_organizations: let the user see all organizations.
    :param role: viewer, editor, or administrator.
    """
    from touchline.jobs.managing import users

    is_seeing = organization is not None or all_organizations
    if (organization is not None and all_organizations) or not (is_seeing or role):
        raise UsageError(
            "A user sees one organization, or all of them.", "Give --organization or --all-organizations, or --role."
        )
    with options.opened() as workspace:
        manager = manager_of(workspace)
        if is_seeing:
            users.set_organization(manager, name, organization)
        if role:
            users.set_role(manager, name, role)
        found = users.managed(manager, name)
    document = {one: found[one] for one in ("name", "organization_id", "role")}
    seen = _seen(found["organization_id"])
    return Answer(document, lambda: Text(visible(f"{name} is now {found['role']}, and can see {seen}.")))


@user.command(name="password")
def change_password(name: str, /, *, options: Options = COMMON) -> Answer:
    """Change a user's password, and log the user out. The command prompts for it, or reads standard input.

    :param name: the user's login name.
    """
    from touchline.jobs.managing import users

    with options.opened() as workspace:
        users.change_password(manager_of(workspace), name, _password())
    return Answer({"name": name}, lambda: Text(visible(f"The password of {name} is changed.")))


@user.command(name="list")
def list_users(*, options: Options = COMMON) -> Answer:
    """List the users who can log in, each with the organization that they can see, and their role."""
    columns = ("name", "organization_id", "role")
    found = rows_of(options, "USERS", columns)
    rows = [(row["name"], row["organization_id"] or "(all)", row["role"]) for row in found]
    return Answer({"users": found}, lambda: table("Users", ("name", "organization", "role"), rows))


@user.command(name="remove")
def remove_user(name: str, /, *, options: Options = COMMON) -> Answer:
    """Remove a user, and block their logins immediately.

    :param name: the user's login name.
    """
    from touchline.jobs.managing import users

    with options.opened() as workspace:
        users.remove_user(manager_of(workspace), name)
    return Answer({"name": name}, lambda: Text(visible(f"{name} can no longer log in.")))


def _seen(organization: str | None) -> str:
    return "all organizations" if organization is None else f"the organization {organization}"


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    return getpass("Password: ")


COMMAND = user

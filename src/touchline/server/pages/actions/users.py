"""Users, managed by administrators: of all organizations, or of their own alone."""

from touchline.errors import UnknownError, UsageError
from touchline.jobs import users
from touchline.jobs.roles import checked_role
from touchline.ledger import schema
from touchline.server.pages.action import Act, Action, Done, FieldError


def add(act: Act) -> Done:
    """Let somebody in."""
    name, role = act.text("name"), checked_role(act.text("role"))
    sees_all = act.text("sees") == "all"
    if sees_all and act.person.organization_id is not None:
        raise FieldError("sees", "You manage users of your own organization only.")
    organization_id = None if sees_all else act.organization_id
    users.add_user(
        act.workspace, name, act.sent.get("password", ""), organization_id=organization_id, role=role, now=act.now
    )
    act.note("changed", f"user {name}: added as {role}{' of all organizations' if sees_all else ''}")
    return Done(f"{name} can now sign in as {role}. Send the password safely.")


def change_role(act: Act) -> Done:
    """Change what somebody may do."""
    name, role = _managed(act), checked_role(act.text("role"))
    if name == act.person.name:
        raise UsageError("Nobody changes the own role.", "Ask another administrator, so that one is left.")
    users.set_role(act.workspace, name, role)
    act.note("changed", f"user {name}: {role}")
    return Done(f"{name} is now {role}.")


def change_password(act: Act) -> Done:
    """Change somebody's password, and sign them out."""
    name = _managed(act, "name")
    users.change_password(act.workspace, name, act.sent.get("password", ""))
    act.note("changed", f"user {name}: another password")
    return Done(f"The password of {name} is changed, and their sessions have ended.")


def remove(act: Act) -> Done:
    """Let somebody in no more."""
    name = _managed(act)
    if name == act.person.name:
        raise UsageError("Nobody removes themselves.", "Ask another administrator, so that one is left.")
    users.remove_user(act.workspace, name)
    act.note("changed", f"user {name}: removed")
    return Done(f"{name} can no longer sign in.")


def _managed(act: Act, field: str = "key") -> str:
    """The person whom a field of the form names, if this one manages them.

    :raises UnknownError: if there is none, or they are of another organization, or of all.
    """
    name = act.text(field)
    found = act.workspace.ledger.rows(schema.USERS, name=name)
    seen = act.person.organization_id
    if not found or (seen is not None and found[0]["organization_id"] != seen):
        raise UnknownError(f"There is no user {name!r:.80}.", "Load the page again.")
    return name


ACTIONS = (
    Action(
        "users", "add", "administrator", add,
        {"name": "name", "password": "password has", "role": "role"},
    ),
    Action("users", "role", "administrator", change_role, {"role": "role"}),
    Action("users", "password", "administrator", change_password, {"name": "no user", "password": "password has"}),
    Action("users", "remove", "administrator", remove),
)  # fmt: skip

"""Users, managed by administrators: of all organizations, or of their own alone."""

from touchline.jobs.managing import users
from touchline.jobs.roles import checked_role
from touchline.server.pages.action import Act, Action, Done


def add(act: Act) -> Done:
    """Let somebody in."""
    name, role = act.text("name"), checked_role(act.text("role"))
    organization_id = None if act.text("sees") == "all" else act.organization_id
    users.add_user(act.manager, name, act.sent.get("password", ""), organization_id=organization_id, role=role)
    return Done(f"{name} can now sign in as {role}. Send the password safely.")


def change_role(act: Act) -> Done:
    """Change what somebody may do."""
    name, role = act.text("key"), checked_role(act.text("role"))
    users.set_role(act.manager, name, role)
    return Done(f"{name} is now {role}.")


def change_password(act: Act) -> Done:
    """Change somebody's password, and sign them out."""
    name = act.text("name")
    users.change_password(act.manager, name, act.sent.get("password", ""))
    return Done(f"The password of {name} is changed, and their sessions have ended.")


def remove(act: Act) -> Done:
    """Let somebody in no more."""
    name = act.text("key")
    users.remove_user(act.manager, name)
    return Done(f"{name} can no longer sign in.")


ACTIONS = (
    Action(
        "users", "add", "administrator", add,
        {"name": "name", "sees": "sees all", "password": "password has", "role": "role"},
    ),
    Action("users", "role", "administrator", change_role, {"role": "role"}),
    Action("users", "password", "administrator", change_password, {"name": "no user", "password": "password has"}),
    Action("users", "remove", "administrator", remove),
)  # fmt: skip

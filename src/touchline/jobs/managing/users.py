"""The people who may sign in, as those who manage them change them."""

from touchline.errors import UnknownError, UsageError
from touchline.jobs import users
from touchline.jobs.managing.manager import Manager, at_once
from touchline.jobs.roles import Role
from touchline.jobs.workspace import Row
from touchline.ledger import schema


@at_once
def add_user(manager: Manager, name: str, password: str, *, organization_id: str | None, role: Role) -> None:
    """Let somebody in.

    :param organization_id: the only organization that they see; ``None``: all of them.
    :raises UsageError: if they would see more than who lets them in.
    :raises TakenError: if there is one of this name.
    """
    if organization_id is None and not manager.sees_all:
        raise UsageError("You manage users of your own organization only, and this one sees all of them.")
    users.add_user(manager.workspace, name, password, organization_id=organization_id, role=role, now=manager.now)
    everywhere = " of all organizations" if organization_id is None else ""
    manager.note_for(organization_id, f"user {name}: added as {role}{everywhere}")


@at_once
def set_role(manager: Manager, name: str, role: Role) -> None:
    """Change what somebody may do.

    :raises UsageError: if it is their own role.
    """
    found = managed(manager, name)
    if name == manager.user:
        raise UsageError("Nobody changes the own role.", "Ask another administrator, so that one is left.")
    users.set_role(manager.workspace, name, role)
    manager.note_for(found["organization_id"], f"user {name}: {role}")


@at_once
def set_organization(manager: Manager, name: str, organization_id: str | None) -> None:
    """Change which organization somebody sees; ``None``: all of them."""
    if organization_id is not None:
        manager.workspace.organization(organization_id)  # refuses an unknown one, and lists those there are
    before = managed(manager, name)["organization_id"]
    users.set_organization(manager.workspace, name, organization_id)
    seen = "all organizations" if organization_id is None else f"organization {organization_id}"
    for owner in {None} if None in {before, organization_id} else {before, organization_id}:
        manager.note_for(owner, f"user {name}: sees {seen}")


def change_password(manager: Manager, name: str, password: str) -> None:
    """Change somebody's password, and sign them out."""
    _change_password(manager, name, password)
    users.forget_first_password(manager.workspace.home, name)


@at_once
def _change_password(manager: Manager, name: str, password: str) -> None:
    found = managed(manager, name)
    users.change_password(manager.workspace, name, password)
    manager.note_for(found["organization_id"], f"user {name}: another password")


def change_own_password(manager: Manager, password: str, *, before: str, session_hash: str) -> None:
    """Change the password of the one who is signed in, whatever their role.

    :param before: the hash of the old password, which they know.
    :param session_hash: that of the token of their only session from now on.
    :raises UsageError: if the new password cannot be one, or the old one was changed meanwhile.
    """
    _replace_password(manager, password, before, session_hash)
    users.forget_first_password(manager.workspace.home, manager.user)


@at_once
def _replace_password(manager: Manager, password: str, before: str, session_hash: str) -> None:
    users.replace_password(
        manager.workspace, manager.user, password, before=before, session_hash=session_hash, now=manager.now
    )
    manager.note_for(None if manager.sees_all else manager.organization_id, f"user {manager.user}: own password")


@at_once
def remove_user(manager: Manager, name: str) -> None:
    """Let somebody in no more.

    :raises UsageError: if it is themselves.
    """
    found = managed(manager, name)
    if name == manager.user:
        raise UsageError("Nobody removes themselves.", "Ask another administrator, so that one is left.")
    users.remove_user(manager.workspace, name)
    manager.note_for(found["organization_id"], f"user {name}: removed")


def managed(manager: Manager, name: str) -> Row:
    """Somebody whom the manager manages.

    :raises UnknownError: if there is none, or they are of another organization, or of all.
    """
    found = manager.workspace.ledger.rows(schema.USERS, name=name)
    if not found or not (manager.sees_all or found[0]["organization_id"] == manager.organization):
        raise UnknownError(f"There is no user {name!r:.80}.", "See `touchline user list`.")
    return found[0]

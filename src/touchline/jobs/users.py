"""The people who may log in to the server, with passwords as argon2id keeps them."""

import os
import secrets
from pathlib import Path

from argon2 import PasswordHasher

from touchline.errors import StorageError, UnknownError, UsageError
from touchline.jobs.keepers import end_beyond
from touchline.jobs.naming import TakenError, check_name
from touchline.jobs.roles import Role
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import ClashError, Entry, schema
from touchline.magnitudes import DAY_SECONDS
from touchline.settings import Home

SESSION_SECONDS = 7 * DAY_SECONDS
"""How long a session lasts."""
LEAST_LETTERS = 12
MOST_LETTERS = 1_024
"""The longest password, of a user or of a share link; a longer one is never hashed."""
FIRST_NAME = "admin"
_FIRST_PASSWORD = "first_password"  # noqa: S105 - a file's name


def add_user(
    workspace: Workspace, name: str, password: str, *, organization_id: str | None = None,
    role: Role = "administrator", now: int,
) -> None:  # fmt: skip
    """Let a person in.

    :param organization_id: the only organization whose numbers the person sees; ``None``: all of them.
    :param role: what the person may do there.
    :raises TakenError: if there is one of this name.
    :raises UsageError: if the password is too short.
    :raises UnknownError: if there is no such organization.
    """
    _check_organization(workspace, organization_id)
    row = new_row(name, password, now=now)
    try:
        with workspace.ledger.transaction() as entry:
            entry.add(schema.USERS, **row, organization_id=organization_id, role=role)
    except ClashError:
        raise TakenError(f"There is a user {name!r} already.", "Choose another name, or change the password.") from None


def new_row(name: str, password: str, *, now: int) -> dict[str, object]:
    """What is kept of a new person, whatever they see and may do.

    :raises UsageError: if the name or the password cannot be one.
    """
    check_name("A person's name", name, 128)
    return {"name": name, "password_hash": _hashed(password), "created_at": now}


def change_password(workspace: Workspace, name: str, password: str) -> None:
    """Change a password; sessions with the old one end.

    :raises UnknownError: if there is no such person.
    """
    password_hash = _hashed(password)
    with workspace.ledger.transaction() as entry:
        _change(entry, name, password_hash=password_hash)
        entry.remove(schema.SERVER_SESSIONS, name=name)


def forget_first_password(home: Home, name: str) -> None:
    """Remove the file with the password that somebody no longer has."""
    if name == FIRST_NAME:
        first_password_of(home).unlink(missing_ok=True)


def replace_password(
    workspace: Workspace, name: str, password: str, *, before: str, session_hash: str, now: int
) -> None:
    """Change a password where it still is the one that was checked; of the person's sessions, a new one alone is left.

    :param before: the hash of the password that was checked.
    :param session_hash: that of the new session's token.
    :raises UsageError: if the new password cannot be one, or the old one was changed meanwhile.
    """
    password_hash = _hashed(password)
    with workspace.ledger.transaction() as entry:
        if not entry.change(schema.USERS, {"name": name, "password_hash": before}, password_hash=password_hash):
            raise UsageError("The password was changed meanwhile.", "Sign in again.")
        entry.remove(schema.SERVER_SESSIONS, name=name)
        entry.add(schema.SERVER_SESSIONS, **new_session(name, session_hash, now=now))


def new_session(name: str, session_hash: str, *, now: int) -> dict[str, object]:
    """What is kept of a session that begins.

    >>> new_session("ada", "ab", now=0)["ends_at"] == SESSION_SECONDS * 1_000_000
    True
    """
    ends_at = now + SESSION_SECONDS * 1_000_000
    return {"session_hash": session_hash, "name": name, "created_at": now, "ends_at": ends_at}


def set_organization(workspace: Workspace, name: str, organization_id: str | None) -> None:
    """Change which organization a person sees, from the next request on; links and mails of the views of others end.

    :param organization_id: the only one; ``None``: all of them.
    :raises UnknownError: if there is no such person or organization.
    """
    _check_organization(workspace, organization_id)
    others = {row["organization_id"] for row in workspace.ledger.rows(schema.ORGANIZATIONS)} - {organization_id}
    with workspace.ledger.transaction() as entry:
        _change(entry, name, organization_id=organization_id)
        if organization_id is not None and others:
            entry.remove(schema.VIEW_MAILS, address=name, organization_id=sorted(others))
        end_beyond(workspace.ledger, entry, name, organization_id=organization_id)


def set_role(workspace: Workspace, name: str, role: Role) -> None:
    """Change what a person may do, from the next request on; links and mails that they could not make now end.

    :raises UnknownError: if there is no such person.
    """
    with workspace.ledger.transaction() as entry:
        _change(entry, name, role=role)
        end_beyond(workspace.ledger, entry, name, role=role)


def users_of(workspace: Workspace, organization_id: str) -> list[Row]:
    """Who sees an organization, by name: those that see it alone, and those that see all."""
    rows = workspace.ledger.rows(schema.USERS)
    names = ("name", "organization_id", "role")
    return [{name: row[name] for name in names} for row in rows if row["organization_id"] in {None, organization_id}]


def _change(entry: Entry, name: str, **columns: object) -> None:
    if not entry.change(schema.USERS, {"name": name}, **columns):
        raise _unknown(name)


def _unknown(name: str) -> UnknownError:
    return UnknownError(f"There is no user {name!r}.", "See `touchline user list`.")


def _check_organization(workspace: Workspace, organization_id: str | None) -> None:
    if organization_id is not None:
        workspace.organization(organization_id)


def remove_user(workspace: Workspace, name: str) -> None:
    """Let a person in no more, from now on; links and mails that the person made end, and what is theirs alone goes.

    :raises UnknownError: if there is no such person.
    """
    with workspace.ledger.transaction() as entry:
        entry.remove(schema.SERVER_SESSIONS, name=name)
        entry.remove(schema.SHARE_LINKS, owner=name)
        entry.remove(schema.VIEW_MAILS, owner=name)
        entry.remove(schema.VIEW_MAILS, address=name)
        entry.remove(schema.SAVED_VIEWS, owner=name, is_shared=False)
        if not entry.remove(schema.USERS, name=name):
            raise _unknown(name)


def make_the_first(workspace: Workspace, *, now: int) -> Path | None:
    """Where there is nobody yet, an administrator with a password that nobody could guess, in a file of the home.

    :returns: the file, which only its owner may read; ``None`` where there is somebody.
    """
    if workspace.ledger.rows(schema.USERS, limit=1):
        return None
    password = secrets.token_urlsafe(18)
    file = first_password_of(workspace.home)
    try:
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as writing:
            writing.write(password + "\n")
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.", "Fix the folder's permissions.") from error
    try:
        add_user(workspace, FIRST_NAME, password, now=now)
    except UsageError:  # another server of the same ledger was faster
        file.unlink(missing_ok=True)
        return None
    return file


def first_password_of(home: Home) -> Path:
    """Where the password of the first administrator is, until it is changed."""
    return home.path / _FIRST_PASSWORD


def _hashed(password: str) -> str:
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise UsageError(f"A password has {LEAST_LETTERS} to {MOST_LETTERS:,} characters, not {len(password)}.")
    return PasswordHasher().hash(password)

"""Links with which the first administrator chooses a name and a password, shown in a terminal and kept nowhere.

A link is good once, for an hour, and only while there is nobody who may log in. The ledger has a hash of its token.
"""

import secrets

from touchline.errors import UsageError
from touchline.jobs.access_keys import hash_of
from touchline.jobs.users import new_row
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.magnitudes import HOUR_SECONDS

PATH = "/first"
"""Of the page of the server to which a link leads."""
LINK_SECONDS = HOUR_SECONDS
"""How long a link is good."""


def make_link(workspace: Workspace, *, now: int) -> str | None:
    """The token of a new link, in the place of all earlier ones; ``None`` where there is somebody who may log in."""
    if workspace.ledger.rows(schema.USERS, limit=1):
        return None
    token = secrets.token_urlsafe(32)
    with workspace.ledger.transaction() as entry:
        entry.remove(schema.FIRST_LINKS)
        entry.add(schema.FIRST_LINKS, token_hash=hash_of(token), ends_at=now + LINK_SECONDS * 1_000_000)
    return token


def is_good(ledger: Ledger, token: str, *, now: int) -> bool:
    """Whether the first administrator can be made with a token."""
    found = ledger.rows(schema.FIRST_LINKS, token_hash=hash_of(token))
    return bool(found) and found[0]["ends_at"] > now and not ledger.rows(schema.USERS, limit=1)


def use_link(workspace: Workspace, token: str, name: str, password: str, *, now: int) -> None:
    """Make the first administrator, who sees all organizations; the link is spent.

    :raises UsageError: if the link is not good, or the name or the password cannot be one; then it stays good.
    """
    if not is_good(workspace.ledger, token, now=now):
        raise expired()
    row = new_row(name, password, now=now)
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.FIRST_LINKS, token_hash=hash_of(token)):  # somebody used it meanwhile
            raise expired()
        entry.add(schema.USERS, **row, organization_id=None, role="administrator")


def expired() -> UsageError:
    """What is said of a link that is not good."""
    return UsageError(
        "This link is used, or older than an hour.",
        "Start the server again for a new one, or add a user on the server: touchline user add NAME",
    )

"""The audit log: who looked at a person or asked in SQL, exported or erased a person, or changed what others may do.

Entries are only added, and end with :data:`KEPT_DAYS`. They name the one who acted and say what was done; of the person
whom it was about, they hold only by which kind of id they were named: the log must not keep what an erasure deletes.
"""

import getpass
from collections.abc import Iterable, Sequence
from typing import Literal

from touchline.jobs.workspace import Row
from touchline.ledger import Ledger, schema
from touchline.magnitudes import DAY_MICROS

Action = Literal["looked", "exported", "erased", "changed"]
"""What somebody did: looked at one person or at rows, exported or erased one, or changed settings or access."""

KEPT_DAYS = 731
"""How long an entry is kept: two years."""
SQL = "at the rows of a statement in SQL"
"""What an entry says of a statement; its text may name persons."""
COLUMNS = ("entry", "at", "actor", "action", "organization_id", "detail")


def system_user() -> str:
    """The system's user, as an entry names the one who gave a command; ``command`` where the system knows no name.

    >>> system_user().startswith("command")
    True
    """
    try:
        return f"command: {getpass.getuser()}"
    except (OSError, KeyError):  # a container may have a user without a name
        return "command"


def signed_in(name: str) -> str:
    """A person who is signed in, as an entry names them.

    >>> signed_in("ada")
    'user: ada'
    """
    return f"user: {name}"


def of_key(key_id: str) -> str:
    """A machine with a secret key, as an entry names it.

    >>> of_key("key_1")
    'key: key_1'
    """
    return f"key: {key_id}"


def change_of(name: str, before: object, after: object) -> str:
    """What an entry says of a changed setting.

    >>> change_of("titles", "keep", "")
    'titles: empty instead of keep'
    """
    return f"{name}: {after or 'empty'} instead of {before or 'empty'}"


def note(
    ledger: Ledger, organization_id: str, action: Action, detail: str, *, now: int, actor: str | None = None
) -> None:
    """Add an entry.

    :param detail: what was done, without anybody's id.
    :param now: microseconds since 1970.
    :param actor: who did it; by default, the system's user.
    """
    note_in(ledger, [organization_id], action, detail, now=now, actor=actor)


def note_in(
    ledger: Ledger, organization_ids: Iterable[str], action: Action, detail: str, *, now: int, actor: str | None = None
) -> None:
    """As :func:`note`, in the logs of several organizations, or of none."""
    who = actor or system_user()
    with ledger.transaction() as entry:
        for organization_id in organization_ids:
            entry.add(
                schema.AUDIT_LOG, at=now, actor=who, action=action, organization_id=organization_id, detail=detail
            )
        entry.remove_before(schema.AUDIT_LOG, "at", now - KEPT_DAYS * DAY_MICROS)


def named_by(**given: str | None) -> str:
    """By which kinds of ids a person was named.

    >>> named_by(visitor=None, email_hash="ab")
    'by email hash'
    """
    return "by " + ", ".join(name.replace("_", " ") for name, value in given.items() if value)


def entries(ledger: Ledger, organization_id: str, *, limit: int) -> Sequence[Row]:
    """The newest entries of an organization, the newest first."""
    found = ledger.rows(schema.AUDIT_LOG, limit=limit, is_newest_first=True, organization_id=organization_id)
    return [{name: row[name] for name in COLUMNS} for row in found]

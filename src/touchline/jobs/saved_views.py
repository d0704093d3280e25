"""Views of pages that people keep: under a name, or behind a link for people without a name here.

A view is a screen and its query string. Nothing here reads what the numbers are.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from argon2 import PasswordHasher

from touchline.errors import UnknownError, UsageError
from touchline.jobs.access_keys import hash_of
from touchline.jobs.keepers import is_link_kept
from touchline.jobs.naming import check_name
from touchline.jobs.users import MOST_LETTERS
from touchline.ledger import Ledger, schema
from touchline.magnitudes import DAY_MICROS

MOST_VIEWS = 200
"""That an organization keeps, and as many links."""
MOST_DAYS = 365
"""That a link lasts."""
LEAST_LETTERS = 8
"""Of a link's password."""
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Kept:
    """What is kept: a screen, its query string, and what people call it.

    :param owner: the name of the person who keeps it.
    """

    organization_id: str
    name: str
    screen: str
    query: str
    owner: str


@dataclass(frozen=True)
class SavedView:
    """A view under a name."""

    view_id: str
    kept: Kept
    is_shared: bool
    """Whether all who see the organization see it; else its owner alone."""


@dataclass(frozen=True)
class ShareLink:
    """A link to one view; anyone who knows its token reads it."""

    link_id: str
    kept: Kept
    password_hash: str
    """``""``: there is none."""
    ends_at: int
    """When it stops (microseconds since 1970)."""

    @property
    def ends_on(self) -> date:
        """The day on which it stops (UTC)."""
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.ends_at)).date()


class MadeLink(NamedTuple):
    """A new link, and its token, which is kept nowhere."""

    link_id: str
    token: str


def save_view(ledger: Ledger, kept: Kept, *, is_shared: bool, now: int) -> str:
    """Keep a view; returns its id.

    :raises UsageError: if the name cannot be one, or too many are kept already.
    """
    check_name("A view's name", kept.name, _LONGEST_NAME)
    _check_room(ledger, schema.SAVED_VIEWS, kept.organization_id, "views")
    view_id = f"view_{secrets.token_hex(8)}"
    with ledger.transaction() as entry:
        entry.add(schema.SAVED_VIEWS, view_id=view_id, **vars(kept), is_shared=is_shared, created_at=now)
    return view_id


def saved_views(ledger: Ledger, organization_id: str, person: str) -> Sequence[SavedView]:
    """The views that a person sees, by name."""
    rows = ledger.rows(schema.SAVED_VIEWS, organization_id=organization_id)
    seen = [row for row in rows if row["is_shared"] or row["owner"] == person]
    found = [SavedView(row["view_id"], _kept(row), row["is_shared"]) for row in seen]
    return sorted(found, key=lambda one: (one.kept.name.casefold(), one.view_id))


def view_of(ledger: Ledger, organization_id: str, view_id: str) -> SavedView | None:
    """A view of an organization, also of one person alone; ``None`` where there is none."""
    rows = ledger.rows(schema.SAVED_VIEWS, organization_id=organization_id, view_id=view_id)
    return SavedView(rows[0]["view_id"], _kept(rows[0]), rows[0]["is_shared"]) if rows else None


def remove_view(ledger: Ledger, organization_id: str, view_id: str, person: str) -> None:
    """Keep a view no longer; it is sent to nobody any more.

    :raises UnknownError: if the person sees no such view.
    """
    if view_id not in {one.view_id for one in saved_views(ledger, organization_id, person)}:
        raise UnknownError("There is no such view.", "Somebody may have removed it.")
    with ledger.transaction() as entry:
        entry.remove(schema.VIEW_MAILS, view_id=view_id, organization_id=organization_id)
        entry.remove(schema.SAVED_VIEWS, view_id=view_id, organization_id=organization_id)


def make_link(ledger: Ledger, kept: Kept, *, days: int, password: str = "", now: int) -> MadeLink:
    """Make a link.

    :param days: how long it lasts.
    :param password: what its readers have to know; ``""``: nothing.
    :raises UsageError: if the name, the days or the password cannot be that, or there are too many links already.
    """
    check_name("A link's name", kept.name, _LONGEST_NAME)
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"A link lasts from 1 to {MOST_DAYS} days, not {days}.")
    if password and not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise UsageError(f"A link's password has {LEAST_LETTERS} to {MOST_LETTERS:,} characters.")
    _check_room(ledger, schema.SHARE_LINKS, kept.organization_id, "links")
    made = MadeLink(f"link_{secrets.token_hex(8)}", secrets.token_urlsafe(32))
    with ledger.transaction() as entry:
        entry.remove_before(schema.SHARE_LINKS, "ends_at", now)
        entry.add(
            schema.SHARE_LINKS, link_id=made.link_id, token_hash=hash_of(made.token), **vars(kept),
            password_hash=PasswordHasher().hash(password) if password else "", created_at=now,
            ends_at=now + days * DAY_MICROS,
        )  # fmt: skip
    return made


def link_of(ledger: Ledger, token: str, now: int) -> ShareLink | None:
    """The link of a token; ``None`` where there is none, it has ended, or its owner may not share the view now."""
    rows = ledger.rows(schema.SHARE_LINKS, token_hash=hash_of(token))
    if not rows or rows[0]["ends_at"] <= now:
        return None
    link = _link(rows[0])
    return link if is_link_kept(ledger, link.kept.owner, link.kept.organization_id) else None


def share_links(ledger: Ledger, organization_id: str, now: int) -> Sequence[ShareLink]:
    """The links of an organization that have not ended, those that end first in front."""
    rows = ledger.rows(schema.SHARE_LINKS, organization_id=organization_id)
    return sorted((_link(row) for row in rows if row["ends_at"] > now), key=lambda one: (one.ends_at, one.link_id))


def revoke_link(ledger: Ledger, organization_id: str, link_id: str) -> None:
    """End a link now.

    :raises UnknownError: if there is no such link.
    """
    with ledger.transaction() as entry:
        if not entry.remove(schema.SHARE_LINKS, link_id=link_id, organization_id=organization_id):
            raise UnknownError("There is no such link.", "Somebody may have removed it.")


def _kept(row: Mapping[str, Any]) -> Kept:
    return Kept(row["organization_id"], row["name"], row["screen"], row["query"], row["owner"])


def _link(row: Mapping[str, Any]) -> ShareLink:
    return ShareLink(row["link_id"], _kept(row), row["password_hash"], int(row["ends_at"]))


def _check_room(ledger: Ledger, table: Any, organization_id: str, what: str) -> None:
    if len(ledger.rows(table, organization_id=organization_id, limit=MOST_VIEWS)) >= MOST_VIEWS:
        raise UsageError(f"There are {MOST_VIEWS} {what} already.", "Remove one first.")

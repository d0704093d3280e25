"""Notes on days: a deploy, the start of a campaign, a changed consent banner."""

from datetime import date
from typing import Any

from touchline.characters import unstorable
from touchline.errors import UnknownError, UsageError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

LONGEST_NOTE = 1_000


def require_note(note: str) -> None:
    """Raise :class:`UsageError` for what no note may be."""
    if len(note) > LONGEST_NOTE or unstorable(note):
        raise UsageError(f"A note is a text of up to {LONGEST_NOTE:,} characters.")


def add_note(
    workspace: Workspace, organization_id: str, day: date, said: str, *, site_id: str = "", now: int
) -> int:  # fmt: skip
    """Note something about a day; returns the note's number.

    :param site_id: the site that it is about; ``""``: every site.
    :raises UnknownError: if the organization has no such site.
    :raises UsageError: if the note is none.
    """
    if not said.strip():
        raise UsageError("A note says something.", "Give its text after the day.")
    require_note(said)
    if site_id:
        workspace.site(site_id, organization_id)
    with workspace.ledger.transaction() as entry:
        return entry.add(
            schema.HEALTH_NOTES, organization_id=organization_id, site_id=site_id, period=day, said=said.strip(),
            noted_at=now,
        )  # fmt: skip


def notes(workspace: Workspace, organization_id: str) -> list[dict[str, Any]]:
    """The organization's notes, the oldest day first."""
    rows = workspace.ledger.rows(schema.HEALTH_NOTES, organization_id=organization_id)
    names = ("note_id", "period", "site_id", "said")
    return [
        {name: row[name] for name in names} for row in sorted(rows, key=lambda row: (row["period"], row["note_id"]))
    ]


def remove_note(workspace: Workspace, organization_id: str, note_id: int) -> None:
    """Remove a note.

    :raises UnknownError: if there is no such note.
    """
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.HEALTH_NOTES, organization_id=organization_id, note_id=note_id):
            raise UnknownError(f"There is no note {note_id}.", "See `touchline health note list`.")

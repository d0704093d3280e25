"""What was refused: how much of it, by reason, and the newest of what is kept of each."""

from collections import Counter
from dataclasses import dataclass

from touchline.amounts import counted
from touchline.errors import UsageError
from touchline.ingest import Reason
from touchline.ingest.unread_tags import message_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

UNREAD = "unread_field"
"""Not a reason to refuse an event: a field of it that nothing reads."""


@dataclass(frozen=True)
class Refused:
    """One refused event, as it is kept: scrubbed, and cut."""

    received_at: int
    """Microseconds since 1970 (UTC)."""
    source: str
    event_id: str | None
    field: str | None
    message: str
    payload: str


@dataclass(frozen=True)
class Refusals:
    """Everything that was refused for one reason."""

    reason: str
    count: int
    """All of them, those that are kept among them."""
    kept: int
    newest: tuple[Refused, ...]


def refusals(
    workspace: Workspace, *, site_id: str | None = None, reason: str | None = None, show: int = 3
) -> list[Refusals]:
    """What was refused at a site, by reason, with the newest ``show`` that are kept of each.

    Fields that nothing reads come last, as a reason of their own: the event was taken, and they were not.

    :raises UsageError: if there is no such reason.
    """
    if reason is not None and reason not in {*Reason, UNREAD}:
        raise UsageError(f"There is no reason {reason!r}.", f"Reasons are: {', '.join((*Reason, UNREAD))}.")
    ledger, site = workspace.ledger, workspace.site(site_id)["site_id"]
    unkept = Counter[str]()
    for row in ledger.rows(schema.UNKEPT_REJECTIONS, site_id=site):
        unkept[row["reason"]] += row["count"]
    kept = Counter(ledger.counts(schema.REJECTED_EVENTS, "reason", site_id=site))
    found = [
        Refusals(name, kept[name] + unkept[name], kept[name], _newest(workspace, site, name, show))
        for name in sorted(kept | unkept)
        if reason in (None, name)
    ]
    return [*found, *_unread(workspace, site, show)] if reason in (None, UNREAD) else found


def _unread(workspace: Workspace, site_id: str, show: int) -> list[Refusals]:
    """The fields that nothing reads, the most frequent first."""
    counts, newest = Counter[str](), Counter[str]()
    for row in workspace.ledger.rows(schema.UNREAD_FIELDS, site_id=site_id):
        counts[row["field"]] += row["count"]
        newest[row["field"]] = max(newest[row["field"]], row["counted_at"])
    shown = tuple(
        Refused(newest[name], "", None, name, _told(name, count), "") for name, count in counts.most_common(show)
    )
    return [Refusals(UNREAD, counts.total(), len(counts), shown)] if counts else []


def _told(name: str, count: int) -> str:
    tags = message_of(name)
    events = counted(count, "event")
    return f"{name}: nothing reads this field of {events}." if tags is None else f"{tags} ({events})"


def _newest(workspace: Workspace, site_id: str, reason: str, show: int) -> tuple[Refused, ...]:
    found = workspace.ledger.rows(
        schema.REJECTED_EVENTS, limit=show, is_newest_first=True, site_id=site_id, reason=reason
    )
    return tuple(Refused(**{name: row[name] for name in Refused.__dataclass_fields__}) for row in found)

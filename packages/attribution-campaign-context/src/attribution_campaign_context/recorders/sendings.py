"""What is to be sent to Touchline: entries that are written with their touches and links, in one transaction.

An entry names its record; the event is made of the record when it is sent, so nothing is kept twice, and what was
erased in the meantime is not sent. ``take`` lends entries to one sender for a while; what it does not settle in that
time, because it was killed, is lent again. Sending twice counts once: an event's id is derived from its record's.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from attribution_campaign_context.bridge import Event, Unsendable, conversion_event, event_id, touch_event
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders.due_events import DueEvent, Outcome
from attribution_campaign_context.recorders.rows import Row, link_of, storable, touch_of
from attribution_campaign_context.recorders.statements import claimed, insert_new
from attribution_campaign_context.recorders.tables import Tables

_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=10)
_KEPT_ERROR = 200
_LOG = logging.getLogger(__name__)


def enqueue(
    connection: Connection,
    tables: Tables,
    now: datetime,
    *,
    touches: Sequence[AttributionTouch] = (),
    links: Sequence[AttributionSubjectLink] = (),
    user_agents: Mapping[str, str] | None = None,
) -> None:
    """Write entries for new touches and for the conversions among new links; ``user_agents`` is by touch id."""
    agents = user_agents or {}
    rows = [
        _entry(event_id("touch", touch.id), touch.id, None, agents.get(touch.id), now) for touch in touches if touch.id
    ] + [
        _entry(event_id("link", link.id), link.touch_id, link.id, None, now)
        for link in links
        if link.id and link.relation == "conversion"
    ]
    insert_new(connection, tables.sendings, list({row["id"]: row for row in rows}.values()))


def take(connection: Connection, tables: Tables, now: datetime, batch: int, lease: timedelta) -> list[DueEvent]:
    """The entries that are due, lent for so long; one that is no event is set aside with its reason."""
    entries = _borrowed(connection, tables.sendings, now, batch, lease)
    touches = {row["id"]: touch_of(row) for row in _named(connection, tables.touches, entries, "touch_id")}
    links = {row["id"]: link_of(row) for row in _named(connection, tables.links, entries, "link_id")}
    found: list[DueEvent] = []
    refused: dict[str, str] = {}
    gone: list[str] = []
    for entry in entries:
        event = _event(entry, touches, links)
        if event is None:
            gone.append(entry["id"])
        elif isinstance(event, Unsendable):
            refused[entry["id"]] = event.value
        else:
            found.append(DueEvent(entry["id"], entry["attempts"], event))
    if gone or refused:
        settle(connection, tables, now, Outcome(sent=gone, refused=refused))
    return found


def settle(connection: Connection, tables: Tables, now: datetime, outcome: Outcome) -> None:
    """Delete what was sent, set aside what is refused, and put off what could not be sent."""
    sendings = tables.sendings
    if outcome.sent:
        connection.execute(delete(sendings).where(sendings.c.id.in_(outcome.sent)))
    for name, reason in outcome.refused.items():
        _LOG.warning("An event for Touchline was set aside: %s.", reason)
        connection.execute(_said(sendings, name, reason, failed_at=now))
    if outcome.postponed:
        _postpone(connection, sendings, now, outcome.postponed)


def failed(connection: Connection, tables: Tables, limit: int) -> list[Row]:
    """The entries that were set aside, the oldest first."""
    sendings = tables.sendings
    found = select(sendings).where(sendings.c.failed_at.is_not(None)).order_by(sendings.c.failed_at, sendings.c.id)
    return [dict(row) for row in connection.execute(found.limit(limit)).mappings()]


def resend(connection: Connection, tables: Tables, now: datetime) -> int:
    """Try again what was set aside; returns how many entries."""
    sendings = tables.sendings
    again = update(sendings).where(sendings.c.failed_at.is_not(None))
    return connection.execute(again.values(failed_at=None, attempts=0, next_attempt_at=now)).rowcount


def _entry(name: str, touch_id: str, link_id: str | None, user_agent: str | None, now: datetime) -> Row:
    return {
        "id": name, "touch_id": touch_id, "link_id": link_id, "user_agent": storable(user_agent), "enqueued_at": now,
        "attempts": 0, "last_error": None, "next_attempt_at": now, "failed_at": None,
    }  # fmt: skip


def _borrowed(connection: Connection, sendings: Table, now: datetime, batch: int, lease: timedelta) -> list[Row]:
    is_due = (sendings.c.failed_at.is_(None), sendings.c.next_attempt_at <= now)
    due = select(sendings.c.id).where(*is_due).order_by(sendings.c.next_attempt_at, sendings.c.id).limit(batch)
    lent = update(sendings).where(sendings.c.id.in_(claimed(connection, due))).values(next_attempt_at=now + lease)
    rows = [dict(row) for row in connection.execute(lent.returning(*sendings.c)).mappings()]
    return sorted(rows, key=lambda row: (row["enqueued_at"], row["id"]))


def _named(connection: Connection, table: Table, entries: Sequence[Row], key: str) -> list[Row]:
    ids = {entry[key] for entry in entries if entry[key] is not None}
    if not ids:
        return []
    return [dict(row) for row in connection.execute(select(table).where(table.c.id.in_(ids))).mappings()]


def _event(
    entry: Row, touches: Mapping[str, AttributionTouch], links: Mapping[str, AttributionSubjectLink]
) -> Event | Unsendable | None:
    """The event of an entry; ``None`` if its record was deleted in the meantime."""
    touch = touches.get(entry["touch_id"])
    if entry["link_id"] is not None:
        link = links.get(entry["link_id"])
        return None if link is None else conversion_event(link, touch)
    event = None if touch is None else touch_event(touch)
    if isinstance(event, dict) and entry["user_agent"]:
        return {**event, "userAgent": entry["user_agent"]}
    return event


def _postpone(connection: Connection, sendings: Table, now: datetime, reasons: Mapping[str, str]) -> None:
    tried = select(sendings.c.id, sendings.c.attempts).where(sendings.c.id.in_(list(reasons)))
    for name, attempts in connection.execute(tried).all():
        wait = min(_FIRST_WAIT * 2 ** min(attempts, 20), _LONGEST_WAIT)
        later = {"attempts": attempts + 1, "next_attempt_at": now + wait}
        connection.execute(_said(sendings, name, reasons[name], **later))


def _said(sendings: Table, name: str, reason: str, **values: Any) -> Any:
    return update(sendings).where(sendings.c.id == name).values(last_error=reason[:_KEPT_ERROR], **values)

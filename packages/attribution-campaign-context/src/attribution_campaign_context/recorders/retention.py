"""Deleting: what is past its time, and what belongs to a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, tuple_, union, update

from attribution_campaign_context.recorders.statements import claimed, names_subject
from attribution_campaign_context.recorders.tables import Tables
from attribution_campaign_context.subjects import SubjectRef

Key = tuple[str, str]
"""A tenant, and the id of a visitor or of a session."""


class Deleted(NamedTuple):
    """How many rows of each table went."""

    touches: int = 0
    links: int = 0
    visitors: int = 0
    sessions: int = 0
    outbox: int = 0
    sendings: int = 0

    def plus(self, other: "Deleted") -> "Deleted":
        """Both together.

        >>> Deleted(touches=1).plus(Deleted(touches=2, links=1))
        Deleted(touches=3, links=1, visitors=0, sessions=0, outbox=0, sendings=0)
        """
        return Deleted(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def expire(connection: Connection, tables: Tables, now: datetime, batch: int, idle: timedelta) -> Deleted:
    """Delete up to ``batch`` touches whose ``expires_at`` has come, of every tenant, and what rests on them alone.

    A link goes with its touch: it would explain nothing, and nobody could find it by its visitor any more. Visitors and
    sessions say afterwards what the touches that are left say; those without any go.
    """
    touches = tables.touches
    due = select(touches.c.id).where(touches.c.expires_at <= now).order_by(touches.c.expires_at, touches.c.id)
    chosen = claimed(connection, due.limit(batch))
    named = (touches.c.id, touches.c.tenant_id, touches.c.visitor_id, touches.c.session_id)
    gone = connection.execute(delete(touches).where(touches.c.id.in_(chosen)).returning(*named)).all()
    if not gone:
        return Deleted()
    ids = [row.id for row in gone]
    outbox = _delete(connection, tables.outbox, tables.outbox.c.touch_id.in_(ids))
    links = _delete(connection, tables.links, tables.links.c.touch_id.in_(ids))
    sendings = _delete(connection, tables.sendings, tables.sendings.c.touch_id.in_(ids))
    visitors = _restate(connection, tables, tables.visitors, ((row.tenant_id, row.visitor_id) for row in gone), idle)
    sessions = _restate(connection, tables, tables.sessions, ((row.tenant_id, row.session_id) for row in gone), idle)
    return Deleted(len(gone), links, visitors, sessions, outbox, sendings)


def erase_visitor(connection: Connection, tables: Tables, tenant: str, visitor_id: str, idle: timedelta) -> Deleted:
    """Delete everything of one visitor: its touches, their links and outbox entries, its sessions, its row."""
    return _erase(connection, tables, tenant, {visitor_id}, set(), None, idle)


def erase_subject(connection: Connection, tables: Tables, tenant: str, subject: SubjectRef, idle: timedelta) -> Deleted:
    """Delete everything of a subject, and of every visitor that a link or an outbox entry of the subject leads to."""
    touches = tables.touches
    named = union(*(select(table.c.touch_id).where(names_subject(table, subject)) for table in _linking(tables)))
    touch_ids = set(connection.scalars(named))
    whose = select(touches.c.visitor_id).where(touches.c.tenant_id == tenant, touches.c.id.in_(touch_ids)).distinct()
    visitor_ids = {name for name in connection.scalars(whose) if name is not None}
    return _erase(connection, tables, tenant, visitor_ids, touch_ids, subject, idle)


def _erase(
    connection: Connection,
    tables: Tables,
    tenant: str,
    visitor_ids: set[str],
    touch_ids: set[str],
    subject: SubjectRef | None,
    idle: timedelta,
) -> Deleted:
    touches, visitors, sessions = tables.touches, tables.visitors, tables.sessions
    theirs = or_(touches.c.visitor_id.in_(visitor_ids), touches.c.id.in_(touch_ids))
    mine = and_(touches.c.tenant_id == tenant, theirs)
    keys = {(tenant, name) for name in connection.scalars(select(touches.c.session_id).where(mine)) if name is not None}
    # The outbox first: wait for a process that is emptying it, and delete the resulting links in the next step.
    outbox, links = (
        _delete(connection, table, or_(table.c.touch_id.in_(select(touches.c.id).where(mine)), *_about(table, subject)))
        for table in _linking(tables)
    )
    unsent = tables.sendings.c.touch_id.in_(select(touches.c.id).where(mine))
    sendings = _delete(connection, tables.sendings, unsent)
    gone = _delete(connection, touches, mine)
    owned = and_(sessions.c.tenant_id == tenant, sessions.c.visitor_id.in_(visitor_ids))
    left = _restate(connection, tables, sessions, keys, idle) + _delete(connection, sessions, owned)
    known = and_(visitors.c.tenant_id == tenant, visitors.c.visitor_id.in_(visitor_ids))
    return Deleted(gone, links, _delete(connection, visitors, known), left, outbox, sendings)


def _linking(tables: Tables) -> tuple[Table, Table]:
    """The tables whose rows lead from touches to subjects."""
    return tables.outbox, tables.links


def _about(table: Table, subject: SubjectRef | None) -> list[ColumnElement[bool]]:
    return [] if subject is None else [names_subject(table, subject)]


def _delete(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(condition)).rowcount


def _restate(
    connection: Connection, tables: Tables, table: Table, keys: Iterable[tuple[str, str | None]], idle: timedelta
) -> int:
    """Let visitors or sessions say what the touches left say; delete those without any, and return how many."""
    chosen: Sequence[Key] = sorted({(tenant, name) for tenant, name in keys if name is not None})
    if not chosen:
        return 0
    touches = tables.touches
    key = "visitor_id" if table is tables.visitors else "session_id"
    concerned = tuple_(table.c.tenant_id, table.c[key]).in_(chosen)
    # A lock of its own first: the statements after it then see the touches of a writer that held the row before.
    connection.execute(
        select(table.c[key]).where(concerned).order_by(table.c.tenant_id, table.c[key]).with_for_update()
    )
    theirs = and_(touches.c.tenant_id == table.c.tenant_id, touches.c[key] == table.c[key])
    gone = _delete(connection, table, and_(concerned, ~select(touches.c.id).where(theirs).exists()))
    connection.execute(update(table).where(concerned).values(_from_touches(touches, table, theirs)))
    if table is tables.sessions:
        _end_sessions(connection, table, concerned, idle)
    return gone


def _from_touches(touches: Table, table: Table, theirs: ColumnElement[bool]) -> dict[str, Any]:
    """Each column of a visitor or a session, as a subquery over its touches."""
    first = (touches.c.created_at.asc(), touches.c.id.asc())
    last = (touches.c.created_at.desc(), touches.c.id.desc())
    is_session = "started_at" in table.c
    sources = {
        "first_touch_id": (touches.c.id, first),
        "last_touch_id": (touches.c.id, last),
        "started_at" if is_session else "created_at": (touches.c.created_at, first),
        "last_seen_at": (touches.c.created_at, last),
        **({"visitor_id": (touches.c.visitor_id, first)} if is_session else {}),
    }
    return {
        name: select(column).where(theirs).order_by(*order).limit(1).correlate(table).scalar_subquery()
        for name, (column, order) in sources.items()
    }


def _end_sessions(connection: Connection, sessions: Table, concerned: ColumnElement[bool], idle: timedelta) -> None:
    """Set the sessions' end again; in Python, because databases add times differently."""
    named = (sessions.c.tenant_id, sessions.c.session_id, sessions.c.last_seen_at)
    for row in connection.execute(select(*named).where(concerned)).all():
        this = and_(sessions.c.tenant_id == row.tenant_id, sessions.c.session_id == row.session_id)
        connection.execute(update(sessions).where(this).values(expires_at=row.last_seen_at + idle))

"""What the SQL recorders do on a connection: written once, run by the async and by the sync recorder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, or_, select

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import sendings
from attribution_campaign_context.recorders.rows import (
    Row,
    completed,
    first_of_each,
    identified,
    link_of,
    link_row,
    session_rows,
    touch_of,
    touch_row,
    visitor_rows,
)
from attribution_campaign_context.recorders.statements import insert_new, inserting, names_subject
from attribution_campaign_context.recorders.tables import Tables
from attribution_campaign_context.subjects import SubjectRef
from attribution_campaign_context.visitors import AttributionSession, AttributionVisitor

SESSION_IDLE = timedelta(minutes=30)
"""After how long without a touch a session is over."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """The statements of one set of tables for one tenant."""

    tables: Tables
    tenant: str = ""
    """Empty where an app has no tenants."""
    keep_for: timedelta | None = None
    """How long a touch is kept that says nothing about it; ``None``: until it is erased."""
    session_idle: timedelta = SESSION_IDLE
    is_sending: bool = False
    """Whether new touches and conversions are to be sent to Touchline."""

    def for_tenant(self, tenant: str) -> "Store":
        """The same tables for another tenant."""
        return replace(self, tenant=tenant)

    def completed(self, touch: AttributionTouch, now: datetime) -> AttributionTouch:
        """The touch as it will be kept: with an id, a time, and the end of its retention if there is one."""
        return completed(touch, now, self.keep_for)

    def add_touches(
        self,
        connection: Connection,
        touches: Sequence[AttributionTouch],
        now: datetime,
        user_agents: Mapping[str, str] | None = None,
    ) -> list[AttributionTouch]:
        """Keep the touches whose id is new, and let their visitors and sessions know of them; returns those.

        ``user_agents``, by touch id, are sent and not kept.
        """
        rows = first_of_each(touch_row(self.completed(touch, now), self.tenant) for touch in touches)
        added = insert_new(connection, self.tables.touches, list(rows.values()))
        new = [row for name, row in rows.items() if name in added]
        self._fold(connection, self.tables.visitors, "visitor_id", visitor_rows(new))
        self._fold(connection, self.tables.sessions, "session_id", session_rows(new, self.session_idle))
        kept = [touch_of(row) for row in new]
        if self.is_sending:
            sendings.enqueue(connection, self.tables, now, touches=kept, user_agents=user_agents)
        return kept

    def add_links(
        self, connection: Connection, links: Sequence[AttributionSubjectLink], now: datetime
    ) -> list[AttributionSubjectLink]:
        """Keep the links whose id is new; returns those, in the order in which they came."""
        for link in links:
            self.check_tenant(link.subject_tenant_id)
        return self.write_links(connection, links, now)

    def write_links(
        self, connection: Connection, links: Sequence[AttributionSubjectLink], now: datetime
    ) -> list[AttributionSubjectLink]:
        """Keep the links of any tenant whose id is new; returns those, in the order in which they came."""
        rows = first_of_each(link_row(identified(link), now) for link in links)
        added = insert_new(connection, self.tables.links, list(rows.values()))
        new = [link_of(row) for name, row in rows.items() if name in added]
        if self.is_sending:
            sendings.enqueue(connection, self.tables, now, links=new)
        return new

    def links_of(self, connection: Connection, subject: SubjectRef) -> list[AttributionSubjectLink]:
        """The links of a subject, the oldest first."""
        self.check_tenant(subject.tenant_id)
        links = self.tables.links
        found = select(links).where(names_subject(links, subject)).order_by(links.c.created_at, links.c.id)
        return [link_of(dict(row)) for row in connection.execute(found).mappings()]

    def touches_of(self, connection: Connection, visitor_id: str) -> list[AttributionTouch]:
        """The touches of a visitor, the oldest first."""
        touches = self.tables.touches
        mine = and_(touches.c.tenant_id == self.tenant, touches.c.visitor_id == visitor_id)
        found = select(touches).where(mine).order_by(touches.c.created_at, touches.c.id)
        return [touch_of(dict(row)) for row in connection.execute(found).mappings()]

    def touch(self, connection: Connection, touch_id: str) -> AttributionTouch | None:
        """One touch by its id."""
        row = self._one(connection, self.tables.touches, "id", touch_id)
        return None if row is None else touch_of(row)

    def visitor(self, connection: Connection, visitor_id: str) -> AttributionVisitor | None:
        """One visitor by its id."""
        row = self._one(connection, self.tables.visitors, "visitor_id", visitor_id)
        return None if row is None else AttributionVisitor.model_validate(row)

    def session(self, connection: Connection, session_id: str) -> AttributionSession | None:
        """One session by its id."""
        row = self._one(connection, self.tables.sessions, "session_id", session_id)
        return None if row is None else AttributionSession.model_validate(row)

    def check_tenant(self, tenant: str | None) -> None:
        """A recorder of a tenant neither reads nor writes another one's links.

        :raises ValueError: if it is asked to.
        """
        if self.tenant and tenant != self.tenant:
            raise ValueError(
                f"Expected a subject of the tenant {self.tenant!r}, but it is of {tenant!r}. "
                "Use recorder.for_tenant(…) of the subject's own tenant."
            )

    def _one(self, connection: Connection, table: Table, key: str, value: str) -> Row | None:
        found = select(table).where(table.c.tenant_id == self.tenant, table.c[key] == value)
        row = connection.execute(found).mappings().one_or_none()
        return None if row is None else dict(row)

    def _fold(self, connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
        """Insert rows, or widen those that stand from the earlier first touch to the later last touch."""
        if not rows:
            return
        insert = inserting(connection, table)
        changed = insert.on_conflict_do_update(
            index_elements=[table.c.tenant_id, table.c[key]], set_=_widened(table, insert.excluded)
        )
        connection.execute(changed, rows)


def _widened(table: Table, new: Any) -> dict[str, ColumnElement[Any]]:
    """How a standing row and a new one become one; the order in which rows come does not matter."""
    begin = "started_at" if "started_at" in table.c else "created_at"
    is_earlier = _before(new[begin], new.first_touch_id, table.c[begin], table.c.first_touch_id)
    is_later = _before(table.c.last_seen_at, table.c.last_touch_id, new.last_seen_at, new.last_touch_id)
    of_first = {begin, "first_touch_id"} | ({"visitor_id"} if begin == "started_at" else set())
    of_last = {"last_seen_at", "last_touch_id", "expires_at"} & set(table.c.keys())
    return {
        **{name: case((is_earlier, new[name]), else_=table.c[name]) for name in of_first},
        **{name: case((is_later, new[name]), else_=table.c[name]) for name in of_last},
    }


def _before(time: Any, key: Any, other_time: Any, other_key: Any) -> ColumnElement[bool]:
    return or_(time < other_time, and_(time == other_time, key < other_key))

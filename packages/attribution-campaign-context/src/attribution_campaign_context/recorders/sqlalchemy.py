"""Recorders that keep touches and links in SQLite or PostgreSQL. Needs the extra ``sqlalchemy``, and a driver.

:class:`SQLAlchemyRecorder` is for asyncio (aiosqlite, asyncpg, psycopg), :class:`SyncSQLAlchemyRecorder` for threads
(sqlite3, psycopg). Both do the same, statement by statement.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Session, scoped_session

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import migrations, outbox, retention, sendings
from attribution_campaign_context.recorders.due_events import DueEvent, Outcome
from attribution_campaign_context.recorders.outbox import Drained
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.rows import Row
from attribution_campaign_context.recorders.settings import (
    BATCH,
    WANTED,
    RecorderSettings,
    checked,
    current_time,
    expected,
    sync_connection,
)
from attribution_campaign_context.recorders.tables import Tables
from attribution_campaign_context.recorders.threads import SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef
from attribution_campaign_context.visitors import AttributionSession, AttributionVisitor

_T = TypeVar("_T")

__all__ = ["SQLAlchemyRecorder", "SyncSQLAlchemyRecorder"]


class SQLAlchemyRecorder(RecorderSettings):
    """A recorder for asyncio. ``source`` is an ``AsyncEngine`` or an ``async_sessionmaker`` bound to one.

    :param tables: where to keep things; the default set is ``Tables.make()``.
    :param tenant: whose touches these are; see :meth:`for_tenant`.
    :param keep_for: how long a touch is kept that has no ``expires_at`` of its own.
    :param session_idle: after how long without a touch a session is over.
    :param send: whether another process, which has a ``TouchlineRecorder``, sends what this one keeps.
    """

    def __init__(
        self, source: AsyncEngine | async_sessionmaker[AsyncSession], tables: Tables | None = None, **settings: Any
    ) -> None:
        super().__init__(tables, **settings)
        self._source = source

    async def upgrade(self) -> int:
        """Make the tables, or bring them to this release; returns the version before. Twice changes nothing."""
        return await self._run(lambda c: migrations.upgrade(c, self.tables))

    async def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch:
        """Keep a touch; returns it as it is kept: with an id, a time, and the end of its retention."""
        done = self._store.completed(touch, current_time())
        agents = self._agents(done, scope)
        added = await self._run(lambda c: self._store.add_touches(c, [done], current_time(), agents))
        return added[0] if added else await self.touch(str(done.id)) or done

    async def record_touches(self, touches: Sequence[AttributionTouch], db: Any = None) -> list[AttributionTouch]:
        """Keep many touches in a few statements; returns those whose id was new."""
        return await self._run(lambda c: self._store.add_touches(c, touches, current_time()), db)

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> list[AttributionSubjectLink]:
        """Keep links, in the caller's transaction if ``db`` is given; returns those whose id was new."""
        return await self._run(lambda c: self._store.add_links(c, links, current_time()), db)

    async def links_of(self, subject: SubjectRef) -> list[AttributionSubjectLink]:
        """The links of a subject, the oldest first."""
        return await self._run(lambda c: self._store.links_of(c, subject))

    async def touches_of(self, visitor_id: str) -> list[AttributionTouch]:
        """The touches of a visitor, the oldest first."""
        return await self._run(lambda c: self._store.touches_of(c, visitor_id))

    async def touch(self, touch_id: str) -> AttributionTouch | None:
        """One touch by its id."""
        return await self._run(lambda c: self._store.touch(c, touch_id))

    async def visitor(self, visitor_id: str) -> AttributionVisitor | None:
        """One visitor by its id."""
        return await self._run(lambda c: self._store.visitor(c, visitor_id))

    async def session(self, session_id: str) -> AttributionSession | None:
        """One session by its id."""
        return await self._run(lambda c: self._store.session(c, session_id))

    async def enqueue(self, db: Any, plan: Sequence[AttributionSubjectLink]) -> int:
        """Ask for links in the caller's transaction, to be written by :meth:`drain` after it has committed.

        ``db`` is an ``AsyncSession``, ``AsyncConnection``, ``Session`` or ``Connection``. Returns how many were new.
        """
        for link in plan:
            self._store.check_tenant(link.subject_tenant_id)
        return await self._run(lambda c: outbox.enqueue(c, self.tables, plan, current_time()), expected(db))

    async def drain(self, now: datetime | None = None, batch: int = BATCH) -> Drained:
        """Write what the outbox asks for, of every tenant, until nothing is due.

        Call it after a commit, at the start of the process (which heals what a crash has left), and now and then.
        """
        done, moment = Drained(), now or current_time()
        while True:
            some = await self._run(lambda c: outbox.deliver(c, self._store, moment, checked(batch)))
            done = done.plus(some)
            if some.total < batch:
                return done

    async def failed_entries(self, limit: int = 100) -> list[Row]:
        """What was set aside, with ``payload``, ``attempts`` and ``last_error``; the oldest first."""
        return await self._run(lambda c: outbox.failed(c, self.tables, limit))

    async def requeue(self, now: datetime | None = None) -> int:
        """Try again what was set aside; returns how many entries."""
        return await self._run(lambda c: outbox.requeue(c, self.tables, now or current_time()))

    async def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are to be sent, of every tenant; see ``TouchlineRecorder``."""
        return await self._run(lambda c: sendings.take(c, self.tables, current_time(), checked(batch), lease))

    async def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of events that were borrowed."""
        await self._run(lambda c: sendings.settle(c, self.tables, current_time(), outcome))

    async def failed_sendings(self, limit: int = 100) -> list[Row]:
        """Events that Touchline will never take, with ``last_error``; the oldest first."""
        return await self._run(lambda c: sendings.failed(c, self.tables, limit))

    async def resend(self) -> int:
        """Try to send again what was set aside; returns how many events."""
        return await self._run(lambda c: sendings.resend(c, self.tables, current_time()))

    async def delete_expired(self, now: datetime | None = None, batch: int = BATCH) -> Deleted:
        """Delete the touches whose ``expires_at`` has come, of every tenant, and their links; one commit per batch."""
        done, moment, idle = Deleted(), now or current_time(), self._store.session_idle
        while True:
            some = await self._run(lambda c: retention.expire(c, self.tables, moment, checked(batch), idle))
            done = done.plus(some)
            if some.touches < batch:
                return done

    async def erase(self, *, visitor_id: str | None = None, subject: SubjectRef | None = None) -> Deleted:
        """Delete a person from every table, the outbox included; returns what went.

        By ``subject``: also every visitor that was ever linked to it, with what else those browsers were linked to.
        """
        return await self._run(self._eraser(visitor_id, subject))

    async def _run(self, work: Callable[[Connection], _T], db: Any = None) -> _T:
        if isinstance(db, (Session, scoped_session, Connection)):
            return work(sync_connection(db))
        async with self._transaction() if db is None else _async_connection(db) as connection:
            return await connection.run_sync(work)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        if isinstance(self._source, AsyncEngine):
            async with self._source.begin() as connection:
                yield connection
        else:
            async with self._source.begin() as session:
                yield await session.connection()


@asynccontextmanager
async def _async_connection(db: Any) -> AsyncIterator[AsyncConnection]:
    if isinstance(db, AsyncConnection):
        yield db
    elif isinstance(db, (AsyncSession, async_scoped_session)):
        yield await db.connection()
    else:
        raise TypeError(f"{WANTED}, but it is {type(db).__name__}.")

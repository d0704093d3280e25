"""Recorders that keep touches and links in SQLite or PostgreSQL. Needs the extra ``sqlalchemy``, and a driver.

:class:`SQLAlchemyRecorder` is for asyncio (aiosqlite, asyncpg, psycopg), :class:`SyncSQLAlchemyRecorder` for threads
(sqlite3, psycopg). Both do the same, statement by statement.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine
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
from attribution_campaign_context.recorders.store import SESSION_IDLE, Store
from attribution_campaign_context.recorders.tables import Tables
from attribution_campaign_context.recorders.threads import ThreadedRecorder
from attribution_campaign_context.requests import user_agent
from attribution_campaign_context.subjects import SubjectRef
from attribution_campaign_context.visitors import AttributionSession, AttributionVisitor

_T = TypeVar("_T")
_BATCH = 500
_MAX_BATCH = 5_000


class _Settings:
    """What both recorders are made with."""

    def __init__(
        self,
        tables: Tables | None = None,
        *,
        tenant: str = "",
        keep_for: timedelta | None = None,
        session_idle: timedelta = SESSION_IDLE,
        send: bool = False,
    ) -> None:
        self.tables = tables or Tables.make()
        self._store = Store(
            tables=self.tables, tenant=tenant, keep_for=keep_for, session_idle=session_idle, is_sending=send
        )
        self._sends_user_agents = False

    def for_tenant(self, tenant: str) -> Self:
        """The same recorder for another tenant; it costs nothing, so make one per request."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._store = self._store.for_tenant(tenant)
        return twin

    def keep_sendings(self, *, user_agents: bool = False) -> None:
        """From now on, write with every new touch and conversion that it is to be sent to Touchline.

        ``TouchlineRecorder(beside=…)`` calls it; processes that only write pass ``send=True`` instead. User agents wait
        with their touches, and go with them.
        """
        self._store = replace(self._store, is_sending=True)
        self._sends_user_agents = user_agents

    def _agents(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> dict[str, str]:
        """The user agent of a touch by its id, where it is to be sent."""
        found = user_agent(scope) if self._sends_user_agents else None
        return {} if found is None or touch.id is None else {touch.id: found}

    def _eraser(self, visitor_id: str | None, subject: SubjectRef | None) -> Callable[[Connection], Deleted]:
        store = self._store
        if subject is not None and visitor_id is None:
            store.check_tenant(subject.tenant_id)
            return lambda c: retention.erase_subject(c, self.tables, store.tenant, subject, store.session_idle)
        if visitor_id is not None and subject is None:
            return lambda c: retention.erase_visitor(c, self.tables, store.tenant, visitor_id, store.session_idle)
        raise ValueError("Expected a visitor_id or a subject, exactly one of the two.")


class SQLAlchemyRecorder(_Settings):
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
        done = self._store.completed(touch, _now())
        agents = self._agents(done, scope)
        added = await self._run(lambda c: self._store.add_touches(c, [done], _now(), agents))
        return added[0] if added else await self.touch(str(done.id)) or done

    async def record_touches(self, touches: Sequence[AttributionTouch], db: Any = None) -> list[AttributionTouch]:
        """Keep many touches in a few statements; returns those whose id was new."""
        return await self._run(lambda c: self._store.add_touches(c, touches, _now()), db)

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> list[AttributionSubjectLink]:
        """Keep links, in the caller's transaction if ``db`` is given; returns those whose id was new."""
        return await self._run(lambda c: self._store.add_links(c, links, _now()), db)

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
        return await self._run(lambda c: outbox.enqueue(c, self.tables, plan, _now()), _expected(db))

    async def drain(self, now: datetime | None = None, batch: int = _BATCH) -> Drained:
        """Write what the outbox asks for, of every tenant, until nothing is due.

        Call it after a commit, at the start of the process (which heals what a crash has left), and now and then.
        """
        done, moment = Drained(), now or _now()
        while True:
            some = await self._run(lambda c: outbox.deliver(c, self._store, moment, _checked(batch)))
            done = done.plus(some)
            if some.total < batch:
                return done

    async def failed_entries(self, limit: int = 100) -> list[Row]:
        """What was set aside, with ``payload``, ``attempts`` and ``last_error``; the oldest first."""
        return await self._run(lambda c: outbox.failed(c, self.tables, limit))

    async def requeue(self, now: datetime | None = None) -> int:
        """Try again what was set aside; returns how many entries."""
        return await self._run(lambda c: outbox.requeue(c, self.tables, now or _now()))

    async def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are to be sent, of every tenant; see ``TouchlineRecorder``."""
        return await self._run(lambda c: sendings.take(c, self.tables, _now(), _checked(batch), lease))

    async def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of events that were borrowed."""
        await self._run(lambda c: sendings.settle(c, self.tables, _now(), outcome))

    async def failed_sendings(self, limit: int = 100) -> list[Row]:
        """Events that Touchline will never take, with ``last_error``; the oldest first."""
        return await self._run(lambda c: sendings.failed(c, self.tables, limit))

    async def resend(self) -> int:
        """Try to send again what was set aside; returns how many events."""
        return await self._run(lambda c: sendings.resend(c, self.tables, _now()))

    async def delete_expired(self, now: datetime | None = None, batch: int = _BATCH) -> Deleted:
        """Delete the touches whose ``expires_at`` has come, of every tenant, and their links; one commit per batch."""
        done, moment, idle = Deleted(), now or _now(), self._store.session_idle
        while True:
            some = await self._run(lambda c: retention.expire(c, self.tables, moment, _checked(batch), idle))
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
            return work(_sync_connection(db))
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


class SyncSQLAlchemyRecorder(_Settings):
    """A recorder for threads, on an ``Engine``; the methods are those of :class:`SQLAlchemyRecorder`, without await.

    It is no :class:`~attribution_campaign_context.recorders.Recorder` itself; :meth:`in_threads` is one.
    """

    def __init__(self, engine: Engine, tables: Tables | None = None, **settings: Any) -> None:
        super().__init__(tables, **settings)
        self._engine = engine

    def upgrade(self) -> int:
        """Make the tables, or bring them to this release; returns the version before. Twice changes nothing."""
        return self._run(lambda c: migrations.upgrade(c, self.tables))

    def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch:
        """Keep a touch; returns it as it is kept: with an id, a time, and the end of its retention."""
        done = self._store.completed(touch, _now())
        agents = self._agents(done, scope)
        added = self._run(lambda c: self._store.add_touches(c, [done], _now(), agents))
        return added[0] if added else self.touch(str(done.id)) or done

    def record_touches(self, touches: Sequence[AttributionTouch], db: Any = None) -> list[AttributionTouch]:
        """Keep many touches in a few statements; returns those whose id was new."""
        return self._run(lambda c: self._store.add_touches(c, touches, _now()), db)

    def record_links(self, links: Sequence[AttributionSubjectLink], db: Any = None) -> list[AttributionSubjectLink]:
        """Keep links, in the caller's transaction if ``db`` is given; returns those whose id was new."""
        return self._run(lambda c: self._store.add_links(c, links, _now()), db)

    def links_of(self, subject: SubjectRef) -> list[AttributionSubjectLink]:
        """The links of a subject, the oldest first."""
        return self._run(lambda c: self._store.links_of(c, subject))

    def touches_of(self, visitor_id: str) -> list[AttributionTouch]:
        """The touches of a visitor, the oldest first."""
        return self._run(lambda c: self._store.touches_of(c, visitor_id))

    def touch(self, touch_id: str) -> AttributionTouch | None:
        """One touch by its id."""
        return self._run(lambda c: self._store.touch(c, touch_id))

    def visitor(self, visitor_id: str) -> AttributionVisitor | None:
        """One visitor by its id."""
        return self._run(lambda c: self._store.visitor(c, visitor_id))

    def session(self, session_id: str) -> AttributionSession | None:
        """One session by its id."""
        return self._run(lambda c: self._store.session(c, session_id))

    def enqueue(self, db: Any, plan: Sequence[AttributionSubjectLink]) -> int:
        """Ask for links in the caller's transaction (a ``Session`` or ``Connection``); returns how many were new."""
        for link in plan:
            self._store.check_tenant(link.subject_tenant_id)
        return self._run(lambda c: outbox.enqueue(c, self.tables, plan, _now()), _expected(db))

    def drain(self, now: datetime | None = None, batch: int = _BATCH) -> Drained:
        """Write what the outbox asks for, of every tenant, until nothing is due."""
        done, moment = Drained(), now or _now()
        while True:
            some = self._run(lambda c: outbox.deliver(c, self._store, moment, _checked(batch)))
            done = done.plus(some)
            if some.total < batch:
                return done

    def failed_entries(self, limit: int = 100) -> list[Row]:
        """What was set aside, with ``payload``, ``attempts`` and ``last_error``; the oldest first."""
        return self._run(lambda c: outbox.failed(c, self.tables, limit))

    def requeue(self, now: datetime | None = None) -> int:
        """Try again what was set aside; returns how many entries."""
        return self._run(lambda c: outbox.requeue(c, self.tables, now or _now()))

    def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are to be sent, of every tenant; see ``TouchlineRecorder``."""
        return self._run(lambda c: sendings.take(c, self.tables, _now(), _checked(batch), lease))

    def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of events that were borrowed."""
        self._run(lambda c: sendings.settle(c, self.tables, _now(), outcome))

    def failed_sendings(self, limit: int = 100) -> list[Row]:
        """Events that Touchline will never take, with ``last_error``; the oldest first."""
        return self._run(lambda c: sendings.failed(c, self.tables, limit))

    def resend(self) -> int:
        """Try to send again what was set aside; returns how many events."""
        return self._run(lambda c: sendings.resend(c, self.tables, _now()))

    def delete_expired(self, now: datetime | None = None, batch: int = _BATCH) -> Deleted:
        """Delete the touches whose ``expires_at`` has come, of every tenant, and their links; one commit per batch."""
        done, moment, idle = Deleted(), now or _now(), self._store.session_idle
        while True:
            some = self._run(lambda c: retention.expire(c, self.tables, moment, _checked(batch), idle))
            done = done.plus(some)
            if some.touches < batch:
                return done

    def erase(self, *, visitor_id: str | None = None, subject: SubjectRef | None = None) -> Deleted:
        """Delete a person from every table, the outbox included; returns what went."""
        return self._run(self._eraser(visitor_id, subject))

    def in_threads(self) -> "ThreadedRecorder":
        """This recorder for async code: each call runs in a thread, so that the event loop does not wait."""
        return ThreadedRecorder(self)

    def _run(self, work: Callable[[Connection], _T], db: Any = None) -> _T:
        with self._engine.begin() if db is None else _given(_sync_connection(db)) as connection:
            return work(connection)


def _now() -> datetime:
    return datetime.now(UTC)


def _checked(batch: int) -> int:
    if not 1 <= batch <= _MAX_BATCH:
        raise ValueError(f"Expected a batch of 1 to {_MAX_BATCH} rows, but it is {batch}.")
    return batch


def _expected(db: Any) -> Any:
    if db is None:
        raise TypeError(f"{_WANTED}, but it is None: an entry without the business transaction would be a lie.")
    return db


_WANTED = "Expected db to be a session or a connection of SQLAlchemy"


def _sync_connection(db: Any) -> Connection:
    if isinstance(db, Connection):
        return db
    if isinstance(db, (Session, scoped_session)):
        return db.connection()
    raise TypeError(f"{_WANTED} that is not async, but it is {type(db).__name__}.")


@contextmanager
def _given(connection: Connection) -> Iterator[Connection]:
    """The caller's: it is the caller who commits, rolls back and closes."""
    yield connection


@asynccontextmanager
async def _async_connection(db: Any) -> AsyncIterator[AsyncConnection]:
    if isinstance(db, AsyncConnection):
        yield db
    elif isinstance(db, (AsyncSession, async_scoped_session)):
        yield await db.connection()
    else:
        raise TypeError(f"{_WANTED}, but it is {type(db).__name__}.")

"""The SQL recorder for threads (sqlite3, psycopg), and the same for code of asyncio, which runs it in threads."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import migrations, outbox, retention, sendings
from attribution_campaign_context.recorders.due_events import DueEvent, Outcome
from attribution_campaign_context.recorders.outbox import Drained
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.rows import Row
from attribution_campaign_context.recorders.settings import (
    BATCH,
    RecorderSettings,
    checked,
    current_time,
    expected,
    sync_connection,
)
from attribution_campaign_context.recorders.tables import Tables
from attribution_campaign_context.subjects import SubjectRef
from attribution_campaign_context.visitors import AttributionSession, AttributionVisitor

_T = TypeVar("_T")


class SyncSQLAlchemyRecorder(RecorderSettings):
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
        done = self._store.completed(touch, current_time())
        agents = self._agents(done, scope)
        added = self._run(lambda c: self._store.add_touches(c, [done], current_time(), agents))
        return added[0] if added else self.touch(str(done.id)) or done

    def record_touches(self, touches: Sequence[AttributionTouch], db: Any = None) -> list[AttributionTouch]:
        """Keep many touches in a few statements; returns those whose id was new."""
        return self._run(lambda c: self._store.add_touches(c, touches, current_time()), db)

    def record_links(self, links: Sequence[AttributionSubjectLink], db: Any = None) -> list[AttributionSubjectLink]:
        """Keep links, in the caller's transaction if ``db`` is given; returns those whose id was new."""
        return self._run(lambda c: self._store.add_links(c, links, current_time()), db)

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
        return self._run(lambda c: outbox.enqueue(c, self.tables, plan, current_time()), expected(db))

    def drain(self, now: datetime | None = None, batch: int = BATCH) -> Drained:
        """Write what the outbox asks for, of every tenant, until nothing is due."""
        done, moment = Drained(), now or current_time()
        while True:
            some = self._run(lambda c: outbox.deliver(c, self._store, moment, checked(batch)))
            done = done.plus(some)
            if some.total < batch:
                return done

    def failed_entries(self, limit: int = 100) -> list[Row]:
        """What was set aside, with ``payload``, ``attempts`` and ``last_error``; the oldest first."""
        return self._run(lambda c: outbox.failed(c, self.tables, limit))

    def requeue(self, now: datetime | None = None) -> int:
        """Try again what was set aside; returns how many entries."""
        return self._run(lambda c: outbox.requeue(c, self.tables, now or current_time()))

    def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are to be sent, of every tenant; see ``TouchlineRecorder``."""
        return self._run(lambda c: sendings.take(c, self.tables, current_time(), checked(batch), lease))

    def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of events that were borrowed."""
        self._run(lambda c: sendings.settle(c, self.tables, current_time(), outcome))

    def failed_sendings(self, limit: int = 100) -> list[Row]:
        """Events that Touchline will never take, with ``last_error``; the oldest first."""
        return self._run(lambda c: sendings.failed(c, self.tables, limit))

    def resend(self) -> int:
        """Try to send again what was set aside; returns how many events."""
        return self._run(lambda c: sendings.resend(c, self.tables, current_time()))

    def delete_expired(self, now: datetime | None = None, batch: int = BATCH) -> Deleted:
        """Delete the touches whose ``expires_at`` has come, of every tenant, and their links; one commit per batch."""
        done, moment, idle = Deleted(), now or current_time(), self._store.session_idle
        while True:
            some = self._run(lambda c: retention.expire(c, self.tables, moment, checked(batch), idle))
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
        with self._engine.begin() if db is None else _given(sync_connection(db)) as connection:
            return work(connection)


@contextmanager
def _given(connection: Connection) -> Iterator[Connection]:
    """The caller's: it is the caller who commits, rolls back and closes."""
    yield connection


class ThreadedRecorder:
    """A :class:`SyncSQLAlchemyRecorder` as a :class:`~attribution_campaign_context.recorders.Recorder`.

    With ``db`` the call runs where it stands, because a session belongs to the thread that made it.
    """

    def __init__(self, recorder: "SyncSQLAlchemyRecorder") -> None:
        self._recorder = recorder

    @property
    def sync(self) -> SyncSQLAlchemyRecorder:
        """The recorder that the threads run."""
        return self._recorder

    def for_tenant(self, tenant: str) -> "ThreadedRecorder":
        """The same recorder for another tenant."""
        return ThreadedRecorder(self._recorder.for_tenant(tenant))

    async def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch:
        """Keep a touch."""
        return await asyncio.to_thread(self._recorder.record_touch, touch, scope)

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> list[AttributionSubjectLink]:
        """Keep links; returns those whose id was new."""
        if db is not None:
            return self._recorder.record_links(links, db)
        return await asyncio.to_thread(self._recorder.record_links, links)

    async def links_of(self, subject: SubjectRef) -> list[AttributionSubjectLink]:
        """The links of a subject, the oldest first."""
        return await asyncio.to_thread(self._recorder.links_of, subject)

    async def touches_of(self, visitor_id: str) -> list[AttributionTouch]:
        """The touches of a visitor, the oldest first."""
        return await asyncio.to_thread(self._recorder.touches_of, visitor_id)

    async def touch(self, touch_id: str) -> AttributionTouch | None:
        """One touch by its id."""
        return await asyncio.to_thread(self._recorder.touch, touch_id)

    async def enqueue(self, db: Any, plan: Sequence[AttributionSubjectLink]) -> int:
        """Ask for links in the caller's transaction; returns how many were new."""
        return self._recorder.enqueue(db, plan)

    def outbox_statement(
        self, plan: Sequence[AttributionSubjectLink], vendor: str
    ) -> tuple[str, list[tuple[Any, ...]]]:
        """What ``enqueue`` writes, for a business transaction that is not SQLAlchemy's."""
        return self._recorder.outbox_statement(plan, vendor)

    async def drain(self) -> Drained:
        """Write what the outbox asks for."""
        return await asyncio.to_thread(self._recorder.drain)

    async def delete_expired(self) -> Deleted:
        """Delete the touches whose ``expires_at`` has come."""
        return await asyncio.to_thread(self._recorder.delete_expired)

    def keep_sendings(self, *, user_agents: bool = False) -> None:
        """From now on, write with every new touch and conversion that it is to be sent to Touchline."""
        self._recorder.keep_sendings(user_agents=user_agents)

    async def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are to be sent."""
        return await asyncio.to_thread(self._recorder.take_sendings, batch, lease)

    async def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of events that were borrowed."""
        await asyncio.to_thread(self._recorder.settle_sendings, outcome)

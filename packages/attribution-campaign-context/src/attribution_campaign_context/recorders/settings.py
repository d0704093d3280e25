"""What the SQL recorders have in common: what they are made with, and what they expect of a caller."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection
from sqlalchemy.orm import Session, scoped_session

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import outbox, retention
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.store import SESSION_IDLE, Store
from attribution_campaign_context.recorders.tables import Tables
from attribution_campaign_context.requests import user_agent
from attribution_campaign_context.subjects import SubjectRef

BATCH = 500
"""How many rows one statement handles unless the caller says otherwise."""
MAX_BATCH = 5_000
WANTED = "Expected db to be a session or a connection of SQLAlchemy"


class RecorderSettings:
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

    def outbox_statement(
        self, plan: Sequence[AttributionSubjectLink], vendor: str
    ) -> tuple[str, list[tuple[Any, ...]]]:
        """What ``enqueue`` writes, for a business transaction that is not SQLAlchemy's: SQL, and values for each link.

        ``vendor`` is ``sqlite`` or ``postgresql``, and ``%s`` stands for a value. Run it in that transaction, in the
        database that has this recorder's tables.
        """
        return outbox.statement(self.tables, plan, current_time(), vendor)

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


def current_time() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def checked(batch: int) -> int:
    """A number of rows that one statement may handle."""
    if not 1 <= batch <= MAX_BATCH:
        raise ValueError(f"Expected a batch of 1 to {MAX_BATCH} rows, but it is {batch}.")
    return batch


def expected(db: Any) -> Any:
    """The connection of the business transaction, which must be there."""
    if db is None:
        raise TypeError(f"{WANTED}, but it is None: an entry without the business transaction would be a lie.")
    return db


def sync_connection(db: Any) -> Connection:
    """The connection behind a session or a connection of a thread."""
    if isinstance(db, Connection):
        return db
    if isinstance(db, (Session, scoped_session)):
        return db.connection()
    raise TypeError(f"{WANTED} that is not async, but it is {type(db).__name__}.")

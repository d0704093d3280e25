"""Writing links into a business transaction of SQLAlchemy without putting the business at risk."""

import inspect
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session
from sqlalchemy.orm import Session, scoped_session

from attribution_campaign_context.integrations.outbox import Outbox
from attribution_campaign_context.models import AttributionSubjectLink


async def enqueued(
    outbox: Outbox, db: Any, plan: Sequence[AttributionSubjectLink], committed: Callable[..., object]
) -> int:
    """Put the plan into the outbox; returns how many entries are new.

    A failure leaves the transaction of ``db`` as it was. ``committed`` is called whenever the session commits, in the
    thread that does so; a plain connection does not tell, and nobody is called.
    """
    if not plan:
        return 0
    session = db() if isinstance(db, scoped_session | async_scoped_session) else db
    is_session = isinstance(session, Session | AsyncSession)
    connection = await _settled(session.connection()) if is_session else session
    if connection.dialect.name == "sqlite":  # a statement that fails there undoes itself
        new = await _put(outbox, connection, plan)
    else:
        savepoint = await _settled(connection.begin_nested())
        try:
            new = await _put(outbox, connection, plan)
        except BaseException:
            await _settled(savepoint.rollback())
            raise
        await _settled(savepoint.commit())
    if is_session:
        _tell(session.sync_session if isinstance(session, AsyncSession) else session, committed)
    return new


async def _put(outbox: Outbox, connection: Any, plan: Sequence[AttributionSubjectLink]) -> int:
    new = 0
    for tenant, links in groupby(plan, lambda link: link.subject_tenant_id):
        mine = outbox.for_tenant(tenant) if tenant else outbox
        new += await _settled(mine.enqueue(connection, list(links)))
    return new


def _tell(session: Any, committed: Callable[..., object]) -> None:
    if not event.contains(session, "after_commit", committed):
        event.listen(session, "after_commit", committed)


async def _settled(found: Any) -> Any:
    return await found if inspect.isawaitable(found) else found

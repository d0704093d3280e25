"""A recorder for threads as one for asyncio: each call runs in a thread."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders.due_events import DueEvent, Outcome
from attribution_campaign_context.recorders.outbox import Drained
from attribution_campaign_context.subjects import SubjectRef

if TYPE_CHECKING:
    from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder


class ThreadedRecorder:
    """A :class:`SyncSQLAlchemyRecorder` as a :class:`~attribution_campaign_context.recorders.Recorder`.

    With ``db`` the call runs where it stands, because a session belongs to the thread that made it.
    """

    def __init__(self, recorder: "SyncSQLAlchemyRecorder") -> None:
        self._recorder = recorder

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

    async def drain(self) -> Drained:
        """Write what the outbox asks for."""
        return await asyncio.to_thread(self._recorder.drain)

    def keep_sendings(self, *, user_agents: bool = False) -> None:
        """From now on, write with every new touch and conversion that it is to be sent to Touchline."""
        self._recorder.keep_sendings(user_agents=user_agents)

    async def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are to be sent."""
        return await asyncio.to_thread(self._recorder.take_sendings, batch, lease)

    async def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of events that were borrowed."""
        await asyncio.to_thread(self._recorder.settle_sendings, outcome)

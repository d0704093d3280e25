"""A recorder that sends touches and conversions to Touchline's ``POST /api/track``. Needs the extra ``http``."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from attribution_campaign_context.bridge import Unsendable, conversion_event, touch_event
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.recorders.client import MAX_BATCH, Counts, Sending, TouchlineClient, retry_after
from attribution_campaign_context.recorders.durable import DurableSender, KeptRecorder, WakingOutbox
from attribution_campaign_context.recorders.memory_queue import MemoryQueue
from attribution_campaign_context.requests import user_agent
from attribution_campaign_context.subjects import SubjectRef

__all__ = ["MAX_BATCH", "Counts", "Sending", "TouchlineRecorder", "retry_after"]


class TouchlineRecorder:
    """Sends each touch as a page view and each conversion link as a conversion, in the background.

    Nothing of the visitor's request waits for Touchline: a task of the running event loop sends batches. Sending twice
    counts once. It serves one event loop; call :meth:`aclose` at the end.

    With a SQL recorder as ``beside``, what is to be sent is written with the touches and links themselves, in their
    transaction, and stays until Touchline has it: nothing is lost, whatever is killed when. Its links are enqueued in
    the business transaction as with the SQL recorder alone. Without one, events wait in memory, and are lost with the
    process.

    :param url: Touchline's address, e.g. ``https://attribution.example``.
    :param key: the site's public key, or better a secret key of the scope ``track`` (``sk_…``): its events are
        verified, and are not limited by the app's address.
    :param beside: the recorder that stores what is sent, and answers queries; without one there are no results.
    :param touch_of: without a SQL recorder: finds the touch of a link that this process has not seen.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        sending: Sending | None = None,
        client: httpx.AsyncClient | None = None,
        beside: Recorder | None = None,
        touch_of: Callable[[str], Awaitable[AttributionTouch | None]] | None = None,
    ) -> None:
        self.counts = Counts()
        self._sending = sending or Sending()
        self._client = TouchlineClient(url, key, self._sending, client)
        self._beside = beside
        self._touch_of = touch_of
        self._seen: OrderedDict[str, AttributionTouch] = OrderedDict()
        self._durable: DurableSender | None = None
        self._queue = MemoryQueue(self._client, self._sending, self.counts)
        if isinstance(beside, KeptRecorder):
            beside.keep_sendings(user_agents=self._sending.send_user_agent)
            self._durable = DurableSender(self._client, beside, self._sending, self.counts)

    @property
    def outbox(self) -> WakingOutbox | None:
        """Where links wait within the business transaction, if ``beside`` has an outbox; they are sent once linked."""
        return None if self._durable is None else WakingOutbox(self._beside, self._durable.wake)

    async def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch:
        """Keep a touch, and send it; returns it with an id and a time."""
        given = {"id": touch.id or uuid4().hex, "created_at": touch.created_at or datetime.now(UTC)}
        kept = touch.model_copy(update=given)
        if self._beside is not None:
            kept = await self._beside.record_touch(kept, scope) or kept
        if self._durable is not None:
            self._durable.wake()
            return kept
        self._remember(kept)
        event = touch_event(kept)
        agent = user_agent(scope) if self._sending.send_user_agent else None
        self._queue.put(event if agent is None or isinstance(event, Unsendable) else {**event, "userAgent": agent})
        return kept

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> Sequence[AttributionSubjectLink]:
        """Keep links, and send the conversions among them.

        With ``db`` they are written in the caller's transaction, which needs a SQL recorder as ``beside``; without it,
        call this after the commit.

        :raises ValueError: if ``db`` is given and only memory keeps what is to be sent: what was sent cannot be rolled
            back.
        """
        if self._durable is not None and self._beside is not None:
            new = await self._beside.record_links(links, db)
            self._durable.wake()
            return new
        if db is not None:
            raise ValueError(
                "Expected db to be None, because what was sent cannot be rolled back with the transaction. "
                "Call it after the commit, or give TouchlineRecorder a SQL recorder to keep them."
            )
        kept = list(links) if self._beside is None else list(await self._beside.record_links(links))
        now = datetime.now(UTC)
        for link in kept:
            if link.relation == "conversion":
                dated = link.model_copy(update={"created_at": link.created_at or now})
                self._queue.put(conversion_event(dated, await self._found(link.touch_id)))
        return kept

    async def delete_expired(self) -> object:
        """What ``beside`` deletes, if it keeps touches for a time; else nothing."""
        delete = getattr(self._beside, "delete_expired", None)
        return None if delete is None else await delete()

    async def erase(self, *, visitor_id: str) -> object:
        """Erase a visitor here and there: what ``beside`` keeps, and by Touchline's setting ``withdrawal`` its events.

        Touchline is sent a withdrawal of consent with the visitor's id, as events are sent: it is tried again while
        this process lives, and what Touchline kept goes with its next run. Returns what ``beside`` deleted.
        """
        erase = getattr(self._beside, "erase", None)
        deleted = None if erase is None else await erase(visitor_id=visitor_id)
        record = {"anonId": visitor_id, "source": "app"}
        self._queue.put({"eventId": uuid4().hex, "type": "CUSTOM", "consent": "denied", "consentRecord": record})
        return deleted

    async def links_of(self, subject: SubjectRef) -> Sequence[AttributionSubjectLink]:
        """What ``beside`` answers; nothing without it."""
        return [] if self._beside is None else await self._beside.links_of(subject)

    async def touches_of(self, visitor_id: str) -> Sequence[AttributionTouch]:
        """What ``beside`` answers; nothing without it."""
        return [] if self._beside is None else await self._beside.touches_of(visitor_id)

    @property
    def waiting(self) -> int:
        """Events that wait in this process's memory or are on their way; those in a database are not counted."""
        return self._queue.waiting if self._durable is None else self._durable.travelling

    def start(self) -> None:
        """Begin to send what an earlier process has left; integrations call it when the app starts. Needs a loop."""
        if self._durable is not None:
            self._durable.wake()

    async def aclose(self, within: float = 10.0) -> None:
        """Send what waits, for at most ``within`` seconds. Twice does no harm.

        The rest stays in the SQL recorder's database for the next start; without one it is dropped and counted.
        """
        if self._durable is not None:
            await self._durable.aclose(within)
        await self._queue.aclose(within)
        await self._client.aclose()

    def _remember(self, touch: AttributionTouch) -> None:
        self._seen[str(touch.id)] = touch
        if len(self._seen) > self._sending.queue_size:
            self._seen.popitem(last=False)

    async def _found(self, touch_id: str) -> AttributionTouch | None:
        seen = self._seen.get(touch_id)
        if seen is None and self._touch_of is not None:
            return await self._touch_of(touch_id)
        return seen

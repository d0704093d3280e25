"""Events that wait in memory for Touchline, and the task that sends them."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import count

import httpx

from attribution_campaign_context.bridge import Event, Unsendable
from attribution_campaign_context.failure_logs import log_failure
from attribution_campaign_context.recorders.client import (
    Counts,
    Sending,
    TouchlineClient,
    is_passing,
    is_split,
    refusals,
)

_LOG = logging.getLogger(__name__)


class MemoryQueue:
    """A bounded queue. What waits in it is lost with the process."""

    def __init__(self, client: TouchlineClient, sending: Sending, counts: Counts) -> None:
        self._client = client
        self._sending = sending
        self._counts = counts
        self._queue: deque[Event] = deque()
        self._travelling = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """Events that are queued or on their way."""
        return len(self._queue) + self._travelling

    async def aclose(self, within: float) -> None:
        """Send what waits, for at most ``within`` seconds; the rest is dropped and counted."""
        self._is_closed = True
        self._changed.set()
        if self._task is not None:
            task, self._task = self._task, None
            _done, late = await asyncio.wait({task}, timeout=within)
            if late:
                task.cancel()
                await asyncio.wait({task})
        if self.waiting:
            self._drop("not_drained", self.waiting)
            self._queue.clear()
            self._travelling = 0

    def put(self, event: Event | Unsendable) -> None:
        """Take an event; one that cannot be taken is counted."""
        if isinstance(event, Unsendable):
            self._counts.refused[event.value] += 1
        elif self._is_closed:
            self._drop("closed", 1)
        elif len(self._queue) >= self._sending.queue_size:
            self._drop("queue_full", 1)
        else:
            self._queue.append(event)
            self._counts.queued += 1
            self._changed.set()
            if self._task is None:
                self._task = asyncio.create_task(self._work(), name="touchline-recorder")

    def _drop(self, reason: str, events: int) -> None:
        if not self._counts.dropped[reason]:
            _LOG.warning("Events for Touchline are being dropped: %s.", reason)
        self._counts.dropped[reason] += events

    async def _work(self) -> None:
        """The background task: until it is closed and nothing waits."""
        while self._queue or not self._is_closed:
            await self._gather()
            batch = [self._queue.popleft() for _ in range(min(self._sending.batch_size, len(self._queue)))]
            self._travelling = len(batch)
            try:
                if batch:
                    await self._deliver(batch)
            except Exception as problem:  # noqa: BLE001 - one broken batch must not end the sending of all others
                log_failure(_LOG, "A batch for Touchline could not be sent", problem)
                self._drop("error", self._travelling)
            self._travelling = 0

    async def _gather(self) -> None:
        """Wait for an event, and then a little for others to travel with it."""
        while not self._queue and not self._is_closed:
            self._changed.clear()
            await self._changed.wait()
        end = asyncio.get_running_loop().time() + self._sending.flush_after
        while len(self._queue) < self._sending.batch_size and not self._is_closed:
            self._changed.clear()
            left = end - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return

    async def _deliver(self, batch: Sequence[Event]) -> None:
        """Send until it is taken, refused or given up; a batch refused as a whole is halved for its good events."""
        begin = asyncio.get_running_loop().time()
        for attempt in count():
            answer = await self._client.post(batch)
            if answer is not None and is_split(answer.status_code, len(batch)):
                middle = len(batch) // 2
                await self._deliver(batch[:middle])
                await self._deliver(batch[middle:])
                return
            if answer is not None and not is_passing(answer.status_code):
                self._settle(batch, answer)
                return
            if asyncio.get_running_loop().time() - begin >= self._sending.give_up_after:
                self._settle(batch, None)
                return
            self._counts.retried += len(batch)
            await asyncio.sleep(self._client.wait(attempt, answer))

    def _settle(self, batch: Sequence[Event], answer: httpx.Response | None) -> None:
        """Count a batch that is over and done with; ``None`` for one that is given up."""
        self._travelling -= len(batch)
        if answer is None:
            self._drop("gave_up", len(batch))
            return
        found = refusals(answer, len(batch))
        if answer.is_success or len(found) == len(batch):
            self._counts.refused.update(found.values())
            self._counts.sent += len(batch) - len(found)
        else:
            _LOG.warning("Touchline refused %d events with status %d.", len(batch), answer.status_code)
            self._counts.refused[f"http_{answer.status_code}"] += len(batch)

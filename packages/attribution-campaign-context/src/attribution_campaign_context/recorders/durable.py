"""Sending what a database keeps until Touchline has it: nothing is lost with the process.

Several processes may send at once: each borrows other entries. What a killed one had borrowed is lent again when its
time is over.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

from attribution_campaign_context.failure_logs import log_failure
from attribution_campaign_context.models import AttributionSubjectLink
from attribution_campaign_context.recorders.client import (
    Counts,
    Sending,
    TouchlineClient,
    is_passing,
    is_split,
    refusals,
)
from attribution_campaign_context.recorders.due_events import DueEvent, Outcome

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 5.0
"""How often it looks for what other processes have written, or left."""
_LEASE_SECONDS = 60.0
_OF_THE_SETUP = frozenset({401, 403, 404})
"""Answers that say nothing about the events: once the key or the address is right, they are taken."""


@runtime_checkable
class KeptRecorder(Protocol):
    """A recorder that keeps what is to be sent until it is."""

    def keep_sendings(self, *, user_agents: bool = False) -> None:
        """From now on, write an entry with every new touch and every new conversion."""
        ...

    async def take_sendings(self, batch: int, lease: timedelta) -> list[DueEvent]:
        """Borrow up to ``batch`` events that are due, for so long."""
        ...

    async def settle_sendings(self, outcome: Outcome) -> None:
        """Say what became of them."""
        ...


class DurableSender:
    """The background task of one process that borrows entries, sends them, and says what became of them."""

    def __init__(self, client: TouchlineClient, kept: KeptRecorder, sending: Sending, counts: Counts) -> None:
        self._client = client
        self._kept = kept
        self._sending = sending
        self._counts = counts
        self._lease = timedelta(seconds=max(_LEASE_SECONDS, 3 * sending.timeout))
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failures = 0
        self._is_closed = False
        self.travelling = 0
        """Events that are on their way."""

    def wake(self) -> None:
        """Look soon for what is to be sent; from any thread once the task runs."""
        if self._is_closed:
            return
        if self._task is None:
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._work(), name="touchline-sender")
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just been closed; the next start sends it
                self._loop.call_soon_threadsafe(self._woken.set)

    async def aclose(self, within: float) -> None:
        """Send what is due, for at most ``within`` seconds; the rest stays where it is kept."""
        self._is_closed = True
        self._woken.set()
        if self._task is not None:
            task, self._task = self._task, None
            _done, late = await asyncio.wait({task}, timeout=within)
            if late:
                task.cancel()
                await asyncio.wait({task})

    async def _work(self) -> None:
        """Until it is closed, and then once more."""
        while not self._is_closed:
            self._woken.clear()
            await self._send_due()
            await self._pause()
        await self._send_due()

    async def _pause(self) -> None:
        """Wait for news, and then a little for others to travel with it."""
        pause = self._client.wait(self._failures, None) if self._failures else _POLL_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), pause)
        if not self._is_closed:
            await asyncio.sleep(self._sending.flush_after)

    async def _send_due(self) -> None:
        """Send batches until nothing is due or one fails; a failure is logged, and the entries stay."""
        try:
            while due := await self._kept.take_sendings(self._sending.batch_size, self._lease):
                self._counts.queued += sum(one.attempts == 0 for one in due)
                self._counts.retried += sum(one.attempts > 0 for one in due)
                self.travelling = len(due)
                outcome = await self._sent(due)
                await self._kept.settle_sendings(outcome)
                self._count(outcome)
                if outcome.postponed:
                    self._failures += 1
                    return
            self._failures = 0
        except Exception as problem:  # noqa: BLE001 - whatever it is, the next attempt tries again
            self._failures += 1
            log_failure(_LOG, "What is to be sent to Touchline stays where it is", problem)
        finally:
            self.travelling = 0

    async def _sent(self, due: Sequence[DueEvent]) -> Outcome:
        """Send one batch; one that is refused as a whole is halved for its good events."""
        answer = await self._client.post([one.event for one in due])
        if answer is None:
            return Outcome(postponed=dict.fromkeys((one.id for one in due), "no answer"))
        status = answer.status_code
        found = refusals(answer, len(due))
        if answer.is_success or len(found) == len(due):
            refused = {due[place].id: reason for place, reason in found.items()}
            return Outcome(sent=[one.id for one in due if one.id not in refused], refused=refused)
        if is_split(status, len(due)):
            middle = len(due) // 2
            return _both(await self._sent(due[:middle]), await self._sent(due[middle:]))
        reasons = dict.fromkeys((one.id for one in due), f"http_{status}")
        if is_passing(status) or status in _OF_THE_SETUP:
            _LOG.warning("Touchline answers %d; %d events wait.", status, len(due))
            return Outcome(postponed=reasons)
        return Outcome(refused=reasons)

    def _count(self, outcome: Outcome) -> None:
        self._counts.sent += len(outcome.sent)
        self._counts.refused.update(outcome.refused.values())


class WakingOutbox:
    """The outbox of a SQL recorder, which has its conversions sent as soon as they are linked."""

    def __init__(self, outbox: Any, wake: Callable[[], None]) -> None:
        self._outbox = outbox
        self._wake = wake

    @property
    def sync(self) -> Any:
        """The recorder for threads behind it, if there is one."""
        return getattr(self._outbox, "sync", None)

    def for_tenant(self, tenant: str) -> "WakingOutbox":
        """The same outbox for another tenant."""
        return WakingOutbox(self._outbox.for_tenant(tenant), self._wake)

    async def enqueue(self, db: Any, plan: Sequence[AttributionSubjectLink]) -> int:
        """Ask for links in the caller's transaction; returns how many were new."""
        new: int = await self._outbox.enqueue(db, plan)
        return new

    def outbox_statement(
        self, plan: Sequence[AttributionSubjectLink], vendor: str
    ) -> tuple[str, list[tuple[Any, ...]]]:
        """What ``enqueue`` writes, for a business transaction that is not SQLAlchemy's."""
        found: tuple[str, list[tuple[Any, ...]]] = self._outbox.outbox_statement(plan, vendor)
        return found

    async def drain(self) -> Any:
        """Turn the entries that are committed into links, and send the conversions among them."""
        drained = await self._outbox.drain()
        self._wake()
        return drained


def _both(first: Outcome, second: Outcome) -> Outcome:
    return Outcome(
        [*first.sent, *second.sent],
        {**first.refused, **second.refused},
        {**first.postponed, **second.postponed},
    )

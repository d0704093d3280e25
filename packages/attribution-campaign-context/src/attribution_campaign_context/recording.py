"""Handing touches to a recorder without letting it slow down or break the app, and counting what became of each."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from attribution_campaign_context.failure_logs import log_failure
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.policy import CapturePolicy

TouchRecorder = Callable[[AttributionTouch, MutableMapping[str, Any]], Awaitable[AttributionTouch | None]]
"""Keeps a touch, given the ASGI scope of its request; the touch it returns, if any, stands in the state instead."""

_LOG = logging.getLogger("attribution_campaign_context")


@dataclass(slots=True)
class CaptureCounters:
    """What became of the requests that a middleware saw; it only ever grows.

    ``touches`` = ``recorded`` + ``refused`` + all failures + those still ``pending``, where there is a recorder.
    Give one object to several middlewares, or your own to one that a framework makes.

    >>> CaptureCounters().touches
    0
    """

    touches: int = 0
    """Touches that were made."""
    recorded: int = 0
    pending: int = 0
    """Touches that a recorder has in its hands now."""
    refused: int = 0
    """Touches that were let go because ``max_pending`` others were waiting."""
    failures: Counter[str] = field(default_factory=Counter)
    """Touches that could not be recorded, by the type of the error."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Requests that made no touch, by reason (:data:`~attribution_campaign_context.capture.Skipped`)."""


class Recording:
    """One recorder's work under a policy."""

    __slots__ = ("_counters", "_policy", "_record", "_tasks")

    def __init__(self, record: TouchRecorder, policy: CapturePolicy, counters: CaptureCounters) -> None:
        self._record = record
        self._policy = policy
        self._counters = counters
        self._tasks: set[asyncio.Task[None]] = set()

    async def now(self, touch: AttributionTouch, scope: MutableMapping[str, Any]) -> None:
        """Record a touch, count the outcome, and put what the recorder returns into the state."""
        counters = self._counters
        if counters.pending >= self._policy.max_pending:
            counters.refused += 1
            _LOG.error("A touch was let go: %d others are waiting for the recorder.", counters.pending)
            return
        counters.pending += 1
        try:
            kept = await self._record(touch, scope)
        except BaseException as problem:
            self._failed(problem)
            if self._policy.on_recorder_failure == "raise" or not isinstance(problem, Exception):
                raise
        else:
            counters.recorded += 1
            if kept is not None:
                scope["state"]["attribution_touch"] = kept
        finally:
            counters.pending -= 1

    def begin(self, touch: AttributionTouch, scope: MutableMapping[str, Any]) -> "asyncio.Task[None] | None":
        """Record a touch in a task of its own, while the app makes its answer; :meth:`drain` waits for the task.

        ``None`` in another event loop than asyncio's, where there is nowhere to put the work.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return None
        task = loop.create_task(self.now(touch, scope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self) -> None:
        """Wait for the tasks, at most the policy's ``drain_timeout``; what is not done then is cut off and counted."""
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(self._tasks, timeout=self._policy.drain_timeout.total_seconds())
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished)

    def _failed(self, problem: BaseException) -> None:
        self._counters.failures[type(problem).__name__] += 1
        log_failure(_LOG, "A touch was not recorded", problem)

"""Linking in an app, whichever its framework: one object for the app, one for each of its requests.

Where the business writes with SQLAlchemy, :meth:`RequestLinks.enqueue` puts the links into the outbox within the
business transaction, and :class:`AppLinks` empties the outbox outside of it. Elsewhere :meth:`RequestLinks.keep` keeps
them after the commit. Neither lets trouble with attribution become trouble of the business.
"""

import asyncio
import inspect
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Self

from attribution_campaign_context.associations import SubjectValidationError
from attribution_campaign_context.capture import Capture
from attribution_campaign_context.extract import AttributionContext
from attribution_campaign_context.failure_logs import log_failure
from attribution_campaign_context.hooks import captured
from attribution_campaign_context.integrations.outbox import Outbox
from attribution_campaign_context.linking import CONVERTED, Linker, Linking, LinkingError
from attribution_campaign_context.models import AttributionRelation, AttributionSubjectLink, AttributionTouch

_LOG = logging.getLogger("attribution_campaign_context")


class AppLinks:
    """What an app needs for linking, made once; ``async with`` it, in the app's lifespan, to have the outbox emptied.

    ``outbox`` is the linker's recorder if that has one. It is emptied when the app starts, when a session that was
    given to :meth:`RequestLinks.enqueue` has committed, every ``every`` (more than zero), and when the app stops. At
    the stop the recorder is closed too, if it can be (``aclose``); an emptying that takes longer than ``stop_within``
    is cut off, and goes on at the next start. Touches whose time is over are deleted when the app starts and every
    ``expire_every``, if the recorder can (``delete_expired``); ``None`` leaves that to you. ``failures`` counts by the
    type of the error what went wrong and raised nothing; where it was is logged at ``DEBUG``. Needs asyncio.

    >>> from attribution_campaign_context.recorders.memory import MemoryRecorder
    >>> links = AppLinks(Linker(MemoryRecorder()))
    >>> scope = {"type": "http", "state": {"attribution_touch": AttributionTouch(id="t1", visitor_id="v1")}}
    >>> async def handler():
    ...     async with links:
    ...         return await links.of(scope).keep("lead", 7)
    >>> [link.relation for link in asyncio.run(handler())]
    ['first_touch', 'last_touch', 'conversion']
    """

    def __init__(
        self,
        linker: Linker,
        *,
        outbox: Outbox | None = None,
        every: timedelta = timedelta(seconds=30),
        stop_within: timedelta = timedelta(seconds=10),
        expire_every: timedelta | None = timedelta(days=1),
    ) -> None:
        if every <= timedelta(0):
            raise ValueError(f"every is more than zero, because the outbox is emptied that often; got {every}.")
        if expire_every is not None and expire_every <= timedelta(0):
            raise ValueError(f"expire_every is more than zero, as touches are deleted that often; got {expire_every}.")
        self.linker = linker
        own = getattr(linker.recorder, "outbox", linker.recorder)
        self.outbox = outbox or (own if isinstance(own, Outbox) else None)
        self.failures: Counter[str] = Counter()
        self._every = every.total_seconds()
        self._stop_within = stop_within.total_seconds()
        self._expire_every = None if expire_every is None else expire_every.total_seconds()
        self._expiring: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._is_stopping = False

    def of(self, request: Any) -> "RequestLinks":
        """The links of one request; ``request`` is anything with a ``scope``, or an ASGI scope."""
        return RequestLinks(self, request)

    async def __aenter__(self) -> Self:
        """Empty the outbox of what a crash has left, and go on doing so."""
        if self._loop is not None:
            raise RuntimeError("Expected one lifespan for these links, but they are in one already; make others.")
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._is_stopping = False
        if self.outbox is not None:
            self._work = self._loop.create_task(self._drain_again_and_again())
        delete = getattr(self.linker.recorder, "delete_expired", None)
        if delete is not None and self._expire_every is not None:
            self._expiring = self._loop.create_task(self._expire_again_and_again(delete, self._expire_every))
        start = getattr(self.linker.recorder, "start", None)
        if start is not None:
            start()
        return self

    async def __aexit__(self, *_problem: object) -> None:
        """Empty the outbox a last time, and close the recorder."""
        work, self._work = self._work, None
        expiring, self._expiring = self._expiring, None
        self._is_stopping = True
        if expiring is not None:  # each batch is a transaction of its own; the next start goes on
            expiring.cancel()
            await asyncio.wait({expiring})
        if work is not None:
            self._woken.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(work, self._stop_within)
        self._loop = None
        close = getattr(self.linker.recorder, "aclose", None)
        if close is not None:
            await close()

    def lifespan(self, app: Any = None) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 - frameworks pass it
        """A whole lifespan, for Starlette, FastAPI and Tigrbl; in one of your own, write ``async with links:``."""
        return self._alive()

    @property
    def is_alive(self) -> bool:
        """Whether the outbox is being emptied again and again: between the app's start and its stop."""
        return self._work is not None

    def wake(self, *_anything: object) -> None:
        """Have the outbox emptied soon; from any thread. Serves as a listener of SQLAlchemy's ``after_commit``."""
        loop = self._loop
        if loop is not None and self._work is not None:
            with suppress(RuntimeError):  # the loop has just been closed; the next start empties it
                loop.call_soon_threadsafe(self._woken.set)

    async def drain(self) -> None:
        """Empty the outbox now; a failure is counted and logged, and the entries stay."""
        if self.outbox is None:
            return
        drain = self.outbox.drain
        try:
            await (drain() if inspect.iscoroutinefunction(drain) else asyncio.to_thread(drain))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the next emptying tries again
            self.failed("The outbox of links was not emptied", problem)

    def failed(self, what: str, problem: Exception) -> None:
        """Count and log what went wrong, since nobody is told by an exception."""
        self.failures[type(problem).__name__] += 1
        log_failure(_LOG, what, problem)

    @asynccontextmanager
    async def _alive(self) -> AsyncIterator[None]:
        async with self:
            yield

    async def _expire_again_and_again(self, delete: Callable[[], Awaitable[object]], every: float) -> None:
        while True:
            try:
                await delete()
            except Exception as problem:  # noqa: BLE001 - whatever it is, the next time tries again
                self.failed("Touches whose time is over were not deleted", problem)
            await asyncio.sleep(every)

    async def _drain_again_and_again(self) -> None:
        while not self._is_stopping:
            self._woken.clear()
            await self.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._every)
        await self.drain()


class RequestLinks:
    """What a request knows of its visitor, and the way to link it; made by :meth:`AppLinks.of`.

    Without the middleware, or without the visitor's consent, everything is ``None`` and nothing is linked.
    """

    def __init__(self, app: AppLinks, request: Any) -> None:
        self.app = app
        self._request = request

    @property
    def context(self) -> AttributionContext | None:
        """What the middleware read from the request."""
        return captured(self._request)[0]

    @property
    def touch(self) -> AttributionTouch | None:
        """The touch of this very request, if it was one; for a form's ``POST`` it rarely is."""
        return captured(self._request)[1]

    @property
    def capture(self) -> Capture | None:
        """What a policy's middleware found, and why it found no touch."""
        scope = self._request if isinstance(self._request, Mapping) else getattr(self._request, "scope", None)
        state = scope.get("state") if isinstance(scope, Mapping) else None
        found = state.get("attribution_capture") if isinstance(state, Mapping) else None
        return found if isinstance(found, Capture) else None

    def about(self, model_or_resource: Any, obj_or_payload: Any, **details: str | None) -> Linking:
        """The linking of one subject; ``details`` and errors are those of :meth:`Linker.post_handler`."""
        linker = self.app.linker
        return linker.post_handler(linker.pre_handler(self._request), model_or_resource, obj_or_payload, **details)

    async def enqueue(
        self,
        db: Any,
        model_or_resource: Any,
        obj_or_payload: Any,
        *,
        relations: Collection[AttributionRelation] = CONVERTED,
        snapshot: dict[str, Any] | None = None,
        **details: str | None,
    ) -> int:
        """In the business transaction: ask for the links of a subject; returns how many are new.

        ``db`` is the session or connection of SQLAlchemy in which the subject is written and has its id. What is
        rolled back leaves nothing; what is committed is linked when the outbox is emptied. Raises, and so rolls back,
        for a subject that must not be linked (:class:`LinkingError`, in strict mode :class:`SubjectValidationError`).
        Any other failure is counted, logged, and rolled back: 0 is returned and the transaction goes on.
        """
        outbox = self.app.outbox
        if outbox is None:
            raise LinkingError("expected a recorder with an outbox, got none; pass AppLinks(outbox=…), or call keep()")
        # Who keeps links in no SQL database does without SQLAlchemy.
        from attribution_campaign_context.integrations.transactions import enqueued  # noqa: PLC0415

        linking = self.about(model_or_resource, obj_or_payload, **details)
        try:
            plan = await self.app.linker.plan(linking, relations=relations, snapshot=snapshot, db=db)
            return await enqueued(outbox, db, plan, self.app.wake)
        except (LinkingError, SubjectValidationError):
            raise
        except Exception as problem:  # noqa: BLE001 - a lead that is lost for want of its link is no trade
            self.app.failed("A subject was not linked", problem)
            return 0

    async def keep(
        self,
        model_or_resource: Any,
        obj_or_payload: Any,
        *,
        relations: Collection[AttributionRelation] = CONVERTED,
        snapshot: dict[str, Any] | None = None,
        db: Any = None,
        **details: str | None,
    ) -> list[AttributionSubjectLink]:
        """After the commit: keep the links of a subject, and return the new ones.

        The subject is committed, so only a call that is wrong in itself raises (:class:`LinkingError`); any other
        failure is counted and logged. Do not call it before the commit, nor hand it to something that may run earlier:
        a subject that is rolled back would stay linked.
        """
        linking = self.about(model_or_resource, obj_or_payload, **details)
        try:
            return await self.app.linker.post_commit(linking, relations=relations, snapshot=snapshot, db=db)
        except Exception as problem:  # noqa: BLE001 - the subject is committed: it is too late to fail
            self.app.failed("A subject was not linked", problem)
            return []

"""Django under ASGI. Needs the extra ``django``.

.. code-block:: python

    kept = SyncSQLAlchemyRecorder(engine_of("default"))  # in a module of its own, which views import
    recorder = kept.in_threads()
    links = DjangoLinks(Linker(recorder), database="default")

    # asgi.py
    application = AttributionMiddleware(links.application(get_asgi_application()), recorder=recorder, policy=policy)


    def lead(request):  # a view
        with transaction.atomic():
            lead = Lead.objects.create(email=request.POST["email"])
            links.keep_on_commit(request, "lead", lead.pk)

Under WSGI there is no ASGI scope: nothing is captured, and nothing is linked. Behind ``AttributionMiddleware`` a view
finds what it left by ``links.of(request)``, since Django's request under ASGI has the ``scope``.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Coroutine
from functools import partial
from typing import Any, cast

from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import HttpRequest

from attribution_campaign_context.associations import SubjectValidationError
from attribution_campaign_context.integrations.django_databases import checked_transaction, engine_of, planner, write
from attribution_campaign_context.integrations.links import AppLinks, RequestLinks
from attribution_campaign_context.integrations.outbox import StatedOutbox
from attribution_campaign_context.linking import CONVERTED, Linker, LinkingError
from attribution_campaign_context.middleware import ASGIApp, Receive, Scope, Send
from attribution_campaign_context.models import AttributionRelation, AttributionSubjectLink

__all__ = ["DjangoLinks", "RequestLinks", "engine_of"]

Keep = Callable[[], Coroutine[Any, Any, object]]
Plan = Callable[[], Coroutine[Any, Any, list[AttributionSubjectLink]]]
_KEY = "attribution_committed"


class DjangoLinks(AppLinks):
    """:class:`AppLinks` that follow Django's transactions.

    ``database`` is the alias of the database that has both the orders and the recorder's tables (:func:`engine_of`
    makes the engine). What a transaction of it asks for is written by that transaction into the outbox, stands or falls
    with it, and becomes links as soon as it has committed; a process that is killed loses nothing. Without
    ``database``, links are kept when the answer is sent, and a process that is killed between the commit and that
    moment loses them. ``settings`` are those of :class:`AppLinks`.

    Raises :class:`LinkingError` if the recorder has no outbox in a database.
    """

    def __init__(self, linker: Linker, *, database: str | None = None, **settings: Any) -> None:
        super().__init__(linker, **settings)
        if database is not None and not isinstance(self.outbox, StatedOutbox):
            raise LinkingError("expected a SQL recorder for the outbox of a database, got none; leave out database")
        self._database = database

    def keep_on_commit(
        self,
        request: HttpRequest,
        model_or_resource: Any,
        obj_or_payload: Any,
        *,
        relations: Collection[AttributionRelation] = CONVERTED,
        snapshot: dict[str, Any] | None = None,
        using: str | None = None,
        **details: str | None,
    ) -> None:
        """Keep the links of a subject once the transaction of the database ``using`` has committed.

        Rolled back, it leaves nothing; outside of a transaction, and in an async view, the subject counts as committed.
        What an async view runs by ``sync_to_async`` has its own transaction: call it there. Raises
        :class:`LinkingError` at once for a subject that must not be linked, where :meth:`application` is missing, and
        where the transaction is of another database than the outbox; in strict mode :class:`SubjectValidationError`.
        """
        found = self.of(request)
        linking = found.about(model_or_resource, obj_or_payload, **details)
        if found.context is None:
            return
        under_asgi: Any = request
        committed = under_asgi.scope["state"].get(_KEY)
        if not isinstance(committed, _Committed):
            raise LinkingError("expected links.application(…) around Django's application, got none; see asgi.py")
        keep = partial(found.keep, model_or_resource, obj_or_payload, relations=relations, snapshot=snapshot, **details)
        if _is_async():  # Django's transactions do not reach into an async view: what it has saved is committed
            committed.add(keep)
        elif self._database is None:
            transaction.on_commit(partial(committed.add, keep), using=using)
        else:
            outbox = cast("StatedOutbox", self.outbox)
            plan = partial(planner(self.linker, outbox).plan, linking, relations=relations, snapshot=snapshot)
            self._enqueue(plan, outbox, checked_transaction(self._database, using), committed)

    def _enqueue(self, plan: Plan, outbox: StatedOutbox, database: str, committed: "_Committed") -> None:
        """Write into the outbox within the open transaction; trouble with attribution is none of the business."""
        try:
            write(outbox, async_to_sync(plan)(), database)
        except (LinkingError, SubjectValidationError):
            raise
        except Exception as problem:  # noqa: BLE001 - an order that is lost for want of its link is no trade
            self.failed("A subject was not linked", problem)
        else:
            transaction.on_commit(partial(self._committed, committed), using=database)

    def _committed(self, committed: "_Committed") -> None:
        """Have the outbox emptied: by the task of the lifespan, or with the answer where the server runs none."""
        if self.is_alive:
            self.wake()
        else:
            committed.add(self.drain)

    def application(self, app: ASGIApp) -> ASGIApp:
        """Django's ASGI application with a lifespan, and with links that are kept behind the answers.

        Put it right around Django's application, within :class:`AttributionMiddleware`. Django itself refuses a
        lifespan; anything but that and HTTP goes through untouched.
        """

        async def linked(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await self._live(receive, send)
            elif scope["type"] == "http":
                await self._serve(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return linked

    async def _serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        committed = scope.setdefault("state", {})[_KEY] = _Committed()
        try:
            await app(scope, receive, send)
        finally:  # whatever became of the answer, these transactions have committed
            await committed.keep()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _is_async() -> bool:
    """Whether the caller runs in an event loop's own thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _Committed:
    """What the transactions of one request have committed, and what keeps its links."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: list[Keep] | None = []

    def add(self, keep: Keep) -> None:
        """From the thread of the transaction; which goes on where the visitor has left and the request is over."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.append(keep)
                return
        asyncio.run_coroutine_threadsafe(keep(), self._loop)

    async def keep(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting or [], None
        for keep in waiting:
            await keep()

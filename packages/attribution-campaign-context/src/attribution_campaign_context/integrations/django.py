"""Django under ASGI. Needs the extra ``django``.

.. code-block:: python

    links = DjangoLinks(Linker(recorder))  # in a module of its own, which views import
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
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from attribution_campaign_context.integrations.links import AppLinks, RequestLinks
from attribution_campaign_context.linking import CONVERTED, LinkingError
from attribution_campaign_context.middleware import ASGIApp, Receive, Scope, Send
from attribution_campaign_context.models import AttributionRelation

__all__ = ["DjangoLinks", "RequestLinks"]

Keep = Callable[[], Coroutine[Any, Any, object]]
_KEY = "attribution_committed"


class DjangoLinks(AppLinks):
    """:class:`AppLinks` that follow Django's transactions.

    Links are kept when the answer is sent, in the server's event loop, so neither the visitor nor the view waits. A
    process that is killed between the commit and that moment loses them: Django's own connections have no outbox here.
    """

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
        :class:`LinkingError` at once for a subject that must not be linked, and where :meth:`application` is missing.
        """
        found = self.of(request)
        found.about(model_or_resource, obj_or_payload, **details)
        if found.context is None:
            return
        under_asgi: Any = request
        committed = under_asgi.scope["state"].get(_KEY)
        if not isinstance(committed, _Committed):
            raise LinkingError("expected links.application(…) around Django's application, got none; see asgi.py")
        keep = partial(found.keep, model_or_resource, obj_or_payload, relations=relations, snapshot=snapshot, **details)
        if _is_async():  # Django's transactions do not reach into an async view: what it has saved is committed
            committed.add(keep)
        else:
            transaction.on_commit(partial(committed.add, keep), using=using)

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

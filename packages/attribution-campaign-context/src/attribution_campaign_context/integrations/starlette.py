"""Starlette and FastAPI. Needs the extra ``starlette``.

.. code-block:: python

    links = StarletteLinks(Linker(recorder))
    app = FastAPI(lifespan=links.lifespan)
    app.add_middleware(AttributionMiddleware, recorder=recorder, policy=policy)


    @app.post("/lead")
    async def lead(form: LeadForm, found: Annotated[RequestLinks, Depends(links)]) -> None: ...

``add_middleware`` stands within Starlette's own handling of errors: the answer to an error that nobody handles, a 500,
has no cookies. ``app = AttributionMiddleware(app, …)`` around the whole app gives it some.

A ``BackgroundTask`` runs when the answer is sent, and a dependency with ``yield`` ends after that. So with a session
that such a dependency commits, ``background.add_task(found.keep, …)`` would keep the links before the commit, and in
spite of a rollback: use :meth:`RequestLinks.enqueue`, or commit in the handler.
"""

from starlette.requests import HTTPConnection

from attribution_campaign_context.integrations.links import AppLinks, RequestLinks

__all__ = ["RequestLinks", "StarletteLinks"]


class StarletteLinks(AppLinks):
    """:class:`AppLinks` that are a dependency of FastAPI; a handler of Starlette asks ``links.of(request)``.

    >>> from attribution_campaign_context import Linker, MemoryRecorder
    >>> links = StarletteLinks(Linker(MemoryRecorder()))
    >>> links.of(HTTPConnection({"type": "http"})).touch is None
    True
    """

    async def __call__(self, connection: HTTPConnection) -> RequestLinks:
        """What ``Depends(links)`` gives, for a request or a websocket; async, so that no thread is needed for it."""
        return self.of(connection)

"""Litestar. Needs the extra ``litestar``.

.. code-block:: python

    links = LitestarLinks(Linker(recorder))
    app = AttributionMiddleware(Litestar([lead], plugins=[links]), recorder=recorder, policy=policy)

Litestar's own middlewares run behind its router: a page that is not found would get no cookies and make no touch. So
wrap the app, which keeps ``scope["state"]``, instead of listing the middleware.
"""

from typing import Any

from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.plugins import InitPlugin
from litestar.types import Scope

from attribution_campaign_context.integrations.links import AppLinks, RequestLinks
from attribution_campaign_context.linking import Linker

__all__ = ["LitestarLinks", "RequestLinks"]


class LitestarLinks(AppLinks, InitPlugin):
    """:class:`AppLinks` that are a plugin: they live as long as the app, and handlers ask for ``attribution``.

    ``dependency`` is the name to ask by: ``async def lead(attribution: RequestLinks)``. ``settings`` are those of
    :class:`AppLinks`.

    >>> from attribution_campaign_context import MemoryRecorder
    >>> from litestar import Litestar
    >>> app = Litestar(plugins=[LitestarLinks(Linker(MemoryRecorder()), dependency="found")])
    >>> "found" in app.dependencies
    True
    """

    def __init__(self, linker: Linker, *, dependency: str = "attribution", **settings: Any) -> None:
        super().__init__(linker, **settings)
        self._dependency = dependency

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Called by Litestar; what it provides is for requests and WebSockets alike."""
        app_config.dependencies[self._dependency] = Provide(self._provided, sync_to_thread=False)
        app_config.lifespan.append(lambda _app: self)
        return app_config

    def _provided(self, scope: Scope) -> RequestLinks:
        return self.of(scope)

"""``/api/manage``: organizations, sites, keys, users, goals, targets and settings, for tools that set up a home."""

from collections import defaultdict
from collections.abc import Iterable

from litestar import HttpMethod, Response
from litestar.handlers import HTTPRouteHandler

from touchline.server.api.asking import Door
from touchline.server.api.managing import goals, keys, organizations, settings, sites, targets, users
from touchline.server.api.managing.management import Management
from touchline.server.http.options import ServerOptions
from touchline.settings import Home


def routes(home: Home, door: Door, options: ServerOptions) -> list[HTTPRouteHandler]:
    """All of them, and which methods each path has."""
    management = Management(home, door, options)
    parts = (organizations, sites, keys, users, goals, targets, settings)
    found = [route for part in parts for route in part.routes(management)]
    methods: dict[str, set[str]] = defaultdict(lambda: {"OPTIONS"})
    for route in found:
        for path in route.paths:
            methods[path] |= {str(method) for method in route.http_methods}
    return [*(_options(path, allowed) for path, allowed in methods.items()), *found]


def _options(path: str, allowed: Iterable[str]) -> HTTPRouteHandler:
    """The answer to OPTIONS; Litestar's own names the methods of a path's first handler alone."""
    allow = ", ".join(sorted(allowed))

    def options() -> Response[None]:
        return Response(None, status_code=204, headers={"allow": allow})

    return HTTPRouteHandler(path, http_method=[HttpMethod.OPTIONS], include_in_schema=False, sync_to_thread=False)(
        options
    )

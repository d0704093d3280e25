"""``/api/manage``: organizations, sites, keys, users, goals, targets and settings, for tools that set up a home."""

from litestar.handlers import HTTPRouteHandler

from touchline.server.api.asking import Door
from touchline.server.api.managing import goals, keys, organizations, settings, sites, targets, users
from touchline.server.api.managing.management import Management
from touchline.settings import Home


def routes(home: Home, door: Door) -> list[HTTPRouteHandler]:
    """All of them."""
    management = Management(home, door)
    parts = (organizations, sites, keys, users, goals, targets, settings)
    return [route for part in parts for route in part.routes(management)]

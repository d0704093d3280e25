"""``GET /api/health/{part}``: measures, series, signals and alarms, as the command line shows them."""

from litestar.handlers import HTTPRouteHandler

from touchline.jobs.alarming.catalog import ALARMS
from touchline.jobs.reporting import answer_of
from touchline.reports.health_catalog import PARTS
from touchline.server.api.asking import Door
from touchline.server.api.reports import of_workspace, route_of
from touchline.server.api.river_reads import RiverReads
from touchline.settings import Home

PATH = "/api/health"


def routes(home: Home, door: Door, reads: RiverReads) -> list[HTTPRouteHandler]:
    """One route for each part."""
    parts = [route_of(home, door, reads, part, PATH, "health", answer_of) for part in PARTS]
    return [*parts, route_of(home, door, reads, ALARMS, PATH, "health", of_workspace)]

"""A worker's application: the hot path, the API, and the pages."""

from pathlib import Path

from touchline.server.api import costs
from touchline.server.api.adapter import Adapter
from touchline.server.api.app import litestar, safe_headers
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages import acting
from touchline.server.pages.responses import lost
from touchline.server.pages.routes import routes
from touchline.server.tracker.script import PATH
from touchline.server.watch.counts import Board
from touchline.settings import Home


def create_whole(
    home: Home, options: ServerOptions, socket_file: Path, counts_folder: Path | None = None
) -> Application:
    """A worker's application: the hot path, and everything else.

    :param socket_file: where the river's process listens.
    :param counts_folder: where several workers tell one another what they count.
    """
    application = Application(home, options, board=Board(counts_folder) if counts_folder else None)
    routed = litestar(application, home, socket_file, routes, lost)
    application.answers.know_routes([PATH, *(route.path_format for route in routed.routes)])
    application.rest = Adapter(
        routed, safe_headers(options), application.track.patience, {**costs.MOST_BYTES, **acting.MOST_BYTES},
        (application.sight, application.refusals),
    )  # fmt: skip
    return application

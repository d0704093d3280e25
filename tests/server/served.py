"""What Granian loads in the tests: the application of ``TOUCHLINE_HOME`` with the options of ``OPTIONS``.

``application`` is the hot path alone, ``whole`` has everything beside it, as a worker of ``touchline serve`` has.
"""

import json
import os

from touchline.jobs.ownership import socket_of
from touchline.server.collect.application import Application, create
from touchline.server.http.options import ServerOptions
from touchline.server.whole import create_whole
from touchline.settings import home_from


def __getattr__(name: str) -> Application:
    """The application, made when Granian asks for it and not when the module is looked at."""
    if name not in {"application", "whole"}:
        raise AttributeError(name)
    home, options = home_from(), ServerOptions(**json.loads(os.environ["OPTIONS"]))
    return create(home, options) if name == "application" else create_whole(home, options, socket_of(home))

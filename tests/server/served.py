"""What Granian loads in the tests: the application of ``TOUCHLINE_HOME`` with the options of ``OPTIONS``."""

import json
import os

from touchline.server.application import Application, create
from touchline.server.options import ServerOptions
from touchline.settings import home_from


def __getattr__(name: str) -> Application:
    """The application, made when Granian asks for it and not when the module is looked at."""
    if name != "application":
        raise AttributeError(name)
    return create(home_from(), ServerOptions(**json.loads(os.environ["OPTIONS"])))

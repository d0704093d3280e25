"""What Granian loads in the tests: the application of ``TOUCHLINE_HOME`` with the options of ``OPTIONS``."""

import json
import os

from touchline.server.application import create
from touchline.server.options import ServerOptions
from touchline.settings import home_from

application = create(home_from(), ServerOptions(**json.loads(os.environ["OPTIONS"])))

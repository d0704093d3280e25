"""``listening`` in the log, and to systemd: said once every worker takes requests, and not before."""

import threading
from collections.abc import Callable
from multiprocessing.synchronize import Semaphore

import structlog

from touchline.server.http.options import ServerOptions
from touchline.server.process.service_manager import say
from touchline.settings import environment

log = structlog.get_logger("touchline.server")


def announce(
    is_started: Semaphore, options: ServerOptions, url: str, on_ready: Callable[[], object] = lambda: None
) -> None:
    """Log ``listening``, and report it to systemd, from a thread of its own, when all workers have started.

    :param is_started: released by each worker when its application takes requests.
    :param on_ready: called after that.
    """
    threading.Thread(target=_announced, args=(is_started, options, url, on_ready), daemon=True).start()


def _announced(is_started: Semaphore, options: ServerOptions, url: str, on_ready: Callable[[], object]) -> None:
    for _ in range(options.workers):
        is_started.acquire()
    log.info("Listening", url=url, workers=options.workers)
    say(environment(), READY=1, STATUS=f"Listening at {url}.")
    on_ready()

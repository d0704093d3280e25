"""``listening`` in the log: written once every worker takes requests, and not before."""

import socket
import threading
import time
from multiprocessing.synchronize import Semaphore

import structlog

from touchline.server.http.options import ServerOptions

_RETRY_SECONDS = 0.05
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - addresses to connect to, not to listen at

log = structlog.get_logger("touchline.server")


def announce(is_started: Semaphore, options: ServerOptions, url: str) -> None:
    """Log ``listening`` from a thread of its own, when all workers have started and the port accepts connections.

    :param is_started: released by each worker when its application takes requests.
    """
    threading.Thread(target=_announced, args=(is_started, options, url), daemon=True).start()


def _announced(is_started: Semaphore, options: ServerOptions, url: str) -> None:
    for _ in range(options.workers):
        is_started.acquire()
    while not _accepts(options.host, options.port):
        time.sleep(_RETRY_SECONDS)
    log.info("Listening", url=url, workers=options.workers)


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((_ANY.get(host, host), port), timeout=1).close()
    except OSError:
        return False
    return True

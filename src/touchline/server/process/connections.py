"""How many connections a worker has, and how long one may be silent: what Granian and the system are told.

Only HTTP/1.1 is spoken. Where HTTP/2 is allowed as well, Granian never ends a connection that has sent nothing yet, nor
an idle one of HTTP/2. A reverse proxy in front of the server can speak HTTP/2 and 3 to browsers.
"""

import resource
from typing import Any

from granian.constants import HTTPModes
from granian.http import HTTP1Settings

IDLE_SECONDS = 30
"""After so long without a whole request head, at first or between two requests, a connection is ended."""
MOST_DESCRIPTORS = 65_536
"""The system may allow a billion; nobody needs them."""
OWN_DESCRIPTORS = 256
"""Left for the ledger, Redis, logs and libraries."""
_BACKLOG = 4_096
_HEAD_BYTES = 64 * 1024


def raise_descriptors() -> int:
    """Raise the soft limit of open files to the hard one, and return it; later processes inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return wanted if soft == resource.RLIM_INFINITY else soft


def granian_settings(descriptors: int, *, idle_seconds: float = IDLE_SECONDS) -> dict[str, Any]:
    """Granian's settings for connections.

    More than ``backpressure`` are not accepted, but wait in the system's queue: a worker that ran out of descriptors
    could open no file either.

    >>> granian_settings(1_024)["backpressure"]
    768
    """
    return {
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=round(1_000 * idle_seconds), max_buffer_size=_HEAD_BYTES),
        "backlog": _BACKLOG,
        "backpressure": max(OWN_DESCRIPTORS, descriptors - OWN_DESCRIPTORS),
    }

"""systemd's watchdog: the server says that it is well, and is restarted where it no longer does.

Well is a server whose workers' event loops turn, and whose keeper is at work: the keeper replaces a river that dies or
stands still, and nothing in the server would replace the keeper or a loop. See docs/decisions/listening-socket.md.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import structlog

from touchline.numerals import whole_of
from touchline.server.process.service_manager import say
from touchline.server.watch.keeper_record import read_record, record_of
from touchline.server.watch.loop_turns import LoopTurns

_SHARE = 0.5
"""Of the time after which systemd acts: so often the server says that it is well."""
_LOOK_SECONDS = 1.0
"""How often it looks, so that one moment in which it is not well delays what it says, and skips nothing."""
LEAST_STILL_SECONDS = 5.0
"""A loop counts as standing still after half of the time after which systemd acts, and not before this."""

log = structlog.get_logger("touchline.server")


def watchdog_seconds(environment: Mapping[str, str]) -> float:
    """After how many seconds without a word systemd acts; 0 where it does not watch this process.

    >>> watchdog_seconds({"WATCHDOG_USEC": "60000000"}), watchdog_seconds({})
    (60.0, 0.0)
    """
    micros = whole_of(environment.get("WATCHDOG_USEC", "")) or 0
    is_meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return max(0, micros) / 1e6 if is_meant else 0.0


def what_stands_still(socket_file: Path, turns: LoopTurns | None, seconds: float) -> str:
    """Which part of the server stands still, so that only another start helps; ``""``: none.

    :param socket_file: where the river's process listens.
    :param seconds: how long a loop may not have turned.
    """
    kept = read_record(record_of(socket_file))
    if kept is None or not kept.is_kept:
        return "The keeper of the river stands still."
    if kept.state == "stuck":
        return f"The river stands still, and does not end: {kept.reason}"
    return turns.standing_still(seconds) if turns else ""


@contextmanager
def watched(environment: Mapping[str, str], is_ready: threading.Event, still: Callable[[float], str]) -> Iterator[None]:
    """Say that the server is well, for as long as it is, until the block ends; nothing where systemd does not watch.

    :param environment: what systemd says to the process.
    :param is_ready: set once the server has started; systemd waits for nothing before.
    :param still: which part stands still, given how long a loop may not have turned; ``""``: none.
    """
    seconds = watchdog_seconds(environment)
    if not seconds:
        yield
        return
    is_over = threading.Event()
    speaking = threading.Thread(target=_keep_saying, args=(environment, seconds, is_ready, still, is_over), daemon=True)
    speaking.start()
    try:
        yield
    finally:
        is_over.set()
        speaking.join()


def _keep_saying(
    environment: Mapping[str, str], seconds: float, is_ready: threading.Event, still: Callable[[float], str],
    is_over: threading.Event,
) -> None:  # fmt: skip
    interval = seconds * _SHARE
    said_at, was_still = -math.inf, ""
    while not is_over.wait(min(_LOOK_SECONDS, interval / 2)):
        if not is_ready.is_set():
            continue
        is_still = still(max(LEAST_STILL_SECONDS, interval))
        if is_still and not was_still:
            log.error("watchdog_withheld", reason=is_still)
        was_still = is_still
        if not is_still and time.monotonic() - said_at >= interval:
            said_at = time.monotonic()
            say(environment, WATCHDOG=1)

"""A time limit for statements, of engines that stop them by an interrupt of the client's."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupted_after(seconds: float | None, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call ``interrupt`` from another thread if the block takes longer; ``None``: it may take any time."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

"""Answers that read the river's numbers: each has a time limit, and a limited number run at a time."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from touchline.server.http.problems import Problem

RETRY_SECONDS = 5
"""What ``Retry-After`` says where the river does not answer."""
MOST_AT_ONCE = 8

T = TypeVar("T")


class RiverReads:
    """Runs what may block in threads of its own, so that a river or an engine that hangs blocks nothing else.

    :param seconds: how long an answer may take.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running = 0

    async def answer(self, work: Callable[[], T]) -> T:
        """What ``work`` returns, in a thread that nobody waits for at the server's end.

        :raises Problem: 503 if it takes too long, or as many as may are worked on already.
        """
        if self._running >= MOST_AT_ONCE:
            raise _unavailable("Too many reports are running.")
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[T] = loop.create_future()
        self._running += 1
        threading.Thread(target=self._work, args=(loop, answered, work), daemon=True).start()
        done, _ = await asyncio.wait({answered}, timeout=self.seconds)
        if not done:
            raise _unavailable(f"The numbers could not be read within {self.seconds:g} seconds.")
        return answered.result()

    def _work(self, loop: asyncio.AbstractEventLoop, answered: "asyncio.Future[T]", work: Callable[[], T]) -> None:
        result: T | None = None
        failure: Exception | None = None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - the caller handles it
            failure = error

        def settle() -> None:
            self._running -= 1
            if failure is not None:
                answered.set_exception(failure)
                answered.exception()  # where nobody waits any more, nobody is to be told that nobody asked
            else:
                answered.set_result(result)  # type: ignore[arg-type]

        loop.call_soon_threadsafe(settle)


def _unavailable(why: str) -> Problem:
    return Problem(503, "busy", why, "Try again soon; /readyz shows the status of the river.",
                   headers=[("retry-after", str(RETRY_SECONDS))])  # fmt: skip

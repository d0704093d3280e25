"""How much of what a part of the network sends is refused: beyond a limit, it is refused before its body is read.

Each process counts for itself, without a way to Redis: the point is to spend nothing.
"""

from touchline.amounts import counted
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import CLIENT, InMemory, Limit

BYTES_OF_AN_EVENT = 1_000
MOST_WEIGHT = 100
"""As many as a request can have events."""


class Refusals:
    """Counts refused requests by where they come from, each as the events that its bytes could hold.

    :param per_minute: how many a part of the network may send; the same number as of its events.
    """

    def __init__(self, per_minute: int) -> None:
        self._counts = InMemory()
        self._per_minute = per_minute

    def check(self, client_prefix: str) -> None:
        """Let a request of this part of the network go on.

        :raises Problem: 429 if too much of it was refused.
        """
        if self._counts.is_empty:  # as nearly always: it is asked at every request
            return
        seconds = self._counts.seconds_until_room(Limit(CLIENT + client_prefix, self._per_minute))
        if seconds:
            raise Problem(
                429, "too_many_refused", "Too many requests from your network were rejected.",
                f"Fix the request (key, page, format, or rate), and send it again in {counted(seconds, 'second')}.",
                headers=[("retry-after", str(seconds))],
            )  # fmt: skip

    def count(self, client_prefix: str, size_bytes: int) -> None:
        """Record a refused request with a body of this many bytes, as far as it was read.

        >>> refusals = Refusals(per_minute=100)
        >>> refusals.count("a", 250_000)
        >>> refusals.check("b")
        >>> refusals.check("a")
        Traceback (most recent call last):
            ...
        touchline.server.http.problems.Problem: 429 too_many_refused: ...
        """
        self._counts.add(CLIENT + client_prefix, min(MOST_WEIGHT, 1 + size_bytes // BYTES_OF_AN_EVENT))

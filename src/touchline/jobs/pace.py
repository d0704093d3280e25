"""Long work on the ledger in short transactions, with pauses in which others write."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from touchline.jobs.ownership import is_served
from touchline.settings import Home

AIM_SECONDS = 0.05
"""How long a transaction may keep others from writing, as far as it can be foreseen."""
SERVED_PAUSE_SECONDS = 0.015
"""Between two transactions while a server writes to the same file: three times as long as it waits to try again."""
PAUSE_SECONDS = 0.004
"""Between two transactions while none does: other commands try again, too, and less often."""
_LEAST_REST_SECONDS = 0.01
"""After a transaction of patient work, whatever the database: writers who wait look again every 5 ms."""
_MOST_GROWTH = 2.0

AfterSlice = Callable[[], None]
"""Called after each transaction; where it raises, the rest is left for later."""


def ignore_slices() -> None:
    """For callers that wait until all is done."""


class Pace:
    """How much one transaction takes, and when the next one begins.

    :param first: rows of the first transaction; ``fewest`` and ``most`` of any.
    :param aim_seconds: how long one should take.
    :param is_patient: whether others get as long after each as it took, on every database.

    >>> from pathlib import Path
    >>> pace = Pace(Home(Path("nowhere")), first=100, most=1_000)
    >>> with pace.transaction():
    ...     pass
    >>> pace.size
    200
    """

    def __init__(
        self, home: Home, *, first: int, most: int, fewest: int = 1, aim_seconds: float = AIM_SECONDS,
        is_patient: bool = False, after_slice: AfterSlice = ignore_slices,
    ) -> None:  # fmt: skip
        self.size = first
        """Rows that the next transaction should take."""
        self._home = home
        self._fewest, self._most = fewest, most
        self._aim_seconds = aim_seconds
        self._is_patient = is_patient
        self._after_slice = after_slice

    @contextmanager
    def transaction(self, rows: int | None = None) -> Iterator[None]:
        """Time what is inside, then let others write; a size that took too long, or a short time, changes.

        :param rows: how many it takes, where that may be fewer than :attr:`size`: then it says nothing of larger ones.
        """
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        growth = min(self._aim_seconds / max(seconds, 1e-6), _MOST_GROWTH)
        if growth < 1 or rows is None or rows >= self.size:
            self.size = min(max(round(self.size * growth), self._fewest), self._most)
        self._after_slice()
        self._rest(seconds)

    def _rest(self, seconds: float) -> None:
        pause = max(_LEAST_REST_SECONDS, seconds) if self._is_patient else 0.0
        if not self._home.database_url:  # a SQLite file has one writer at a time
            pause = max(pause, SERVED_PAUSE_SECONDS if is_served(self._home) else PAUSE_SECONDS)
        if pause:
            time.sleep(pause)

"""Long work on the ledger in short transactions, with pauses in which others write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from touchline.jobs.ownership import is_served
from touchline.settings import Home

AIM_SECONDS = 0.05
"""How long a transaction may keep others from writing, as far as it can be foreseen."""
SERVED_PAUSE_SECONDS = 0.015
"""Between two transactions while a server writes to the same file: three times as long as it waits to try again."""
PAUSE_SECONDS = 0.004
"""Between two transactions while none does: other commands try again, too, and less often."""
_MOST_GROWTH = 2.0


class Pace:
    """How much one transaction takes, and when the next one begins.

    >>> from pathlib import Path
    >>> pace = Pace(Home(Path("nowhere")), first=100, most=1_000)
    >>> with pace.transaction():
    ...     pass
    >>> pace.size
    200
    """

    def __init__(self, home: Home, *, first: int, most: int) -> None:
        self.size = first
        """Rows that the next transaction should take."""
        self._home = home
        self._most = most

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Time what is inside, then let others write; a size that took too long, or a short time, changes."""
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        growth = min(AIM_SECONDS / max(seconds, 1e-6), _MOST_GROWTH)
        self.size = min(max(round(self.size * growth), 1), self._most)
        if not self._home.database_url:  # a SQLite file has one writer at a time
            time.sleep(SERVED_PAUSE_SECONDS if is_served(self._home) else PAUSE_SECONDS)

"""Who keeps a statement waiting on PostgreSQL: asked while it waits, since afterwards the server no longer knows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from adbc_driver_manager import Error

LOCK_SECONDS = 3.0
"""How long a statement waits for a lock. Others that want the same lock wait behind it, readers too."""

_LOOK_SECONDS = 0.5

_BLOCKERS = """
select pid, application_name as application, usename as name, state, xact_start at time zone 'UTC' as since
from pg_stat_activity
where pid = any(pg_blocking_pids({pid}))
order by xact_start, pid
"""


class LockWatch:
    """Looks, from a thread and a connection of its own, at who blocks the session ``pid``.

    :param connect: makes that connection; it is made once something has taken :data:`_LOOK_SECONDS`.
    """

    def __init__(self, connect: Callable[[], Any], pid: int) -> None:
        self._connect = connect
        self._pid = pid
        self.blocker = ""
        """Who was last seen to block the session since the watch began; ``""``: nobody."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look until the block ends."""
        self.blocker = ""
        is_over = threading.Event()
        thread = threading.Thread(target=self._look, args=(is_over,), name="touchline-locks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _look(self, is_over: threading.Event) -> None:
        if is_over.wait(_LOOK_SECONDS):
            return
        with suppress(Error), closing(self._connect()) as connection:
            while not is_over.wait(_LOOK_SECONDS):
                self.blocker = self._seen(connection) or self.blocker

    def _seen(self, connection: Any) -> str:
        with connection.cursor() as cursor:
            cursor.execute(_BLOCKERS.format(pid=self._pid))
            found = cursor.fetch_arrow_table().to_pylist()
        return " and ".join(_described(**row) for row in found)


def _described(
    pid: int, application: str | None, name: str | None, state: str | None, since: datetime | None
) -> str:  # fmt: skip
    """One session, for people; what the server does not show to this user is left out.

    >>> _described(4711, "psql", "bi", "idle in transaction", datetime(2026, 3, 2, 9, 5))
    'process 4711 (psql, user bi, idle in transaction, since 2026-03-02 09:05:00 UTC)'
    >>> _described(4711, "", "bi", None, None)
    'process 4711 (user bi)'
    """
    began = None if since is None else f"since {since.replace(tzinfo=UTC):%F %T} UTC"
    details = [application, name and f"user {name}", state, began]
    return f"process {pid} ({', '.join(filter(None, details))})"

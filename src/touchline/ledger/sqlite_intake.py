"""The intake of a ledger in a SQLite file.

Rows are inserted on the event loop, and only the commit, which waits for the disk, has a thread: the driver lets go of
the interpreter lock for every row, and a thread that inserts during a busy loop would wait for it at every row.
"""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from touchline.errors import StorageError
from touchline.ledger import store
from touchline.ledger.arrivals import adding_arrivals
from touchline.ledger.event_rows import EventInserter
from touchline.ledger.file_in_place import FileInPlace
from touchline.ledger.intake import (
    ERASED_AFTER,
    HASH_KEY,
    REVOKED,
    STANDING,
    Columns,
    Entries,
    Erased,
    Keying,
    Offered,
    Prepare,
    adding_consents,
)
from touchline.ledger.rows import Key, Row
from touchline.ledger.sqlite import PAGES_OF_LOG, SQLite, configure, refuses_value
from touchline.ledger.sqlite_once import EventsOnce
from touchline.ledger.storable import UnstorableError
from touchline.ledger.verdicts import Verdict
from touchline.memory import MOST_CACHE_BYTES

AT_ONCE = 250
"""Rows after which the loop looks after others."""
_RETRY_SECONDS = 0.005


class SQLiteIntake:
    """One connection, opened when it is first used and again after a failure."""

    def __init__(self, file: Path, columns: Columns, cache_bytes: int = MOST_CACHE_BYTES) -> None:
        """:param cache_bytes: kept at most of the file's pages: digests, and the index of ids that come in no order."""
        self._file = file
        self._cache_bytes = cache_bytes
        self._connection: sqlite3.Connection | None = None
        self._place = FileInPlace(file, with_log=True)
        self._abandoned: sqlite3.Connection | None = None
        self._once: EventsOnce
        self._columns = tuple(columns.events)
        self._thread = ThreadPoolExecutor(1, "commit")
        names, values = ", ".join(columns.rejected), ", ".join("?" * len(columns.rejected))
        self._add_rejected = f"insert into rejected_events ({names}) values ({values})"
        self._consents = columns.consents
        self._entries = Entries()
        self._known_as: tuple[int, ...] | None = None
        self.revoked: Mapping[str, int] = {}
        self._all_columns = columns
        self._keying: Keying

    def keyed(self, text: str) -> str:
        """A text as it is stored."""
        return self._keying.key.keyed(text)

    async def take(self, prepare: Prepare) -> Sequence[Verdict] | None:
        """Write and commit."""
        with SQLite.explaining(self._file):
            try:
                connection = self._connected()
                self._place.check()
                await _begin(connection)
                offered = prepare(self._erased(connection))
                verdicts = await self._written(connection, offered)
                await asyncio.get_running_loop().run_in_executor(self._thread, connection.commit)
                self._place.check_committed()
            except BaseException as error:
                if not refuses_value(error):
                    self._forget()
                    raise
                self._roll_back()
                raise UnstorableError(str(error)) from error
        return verdicts

    async def close(self) -> None:
        """Let go of the file."""
        self._forget()
        self._thread.shutdown()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            uri = f"{self._file.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(
                uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=16
            )
            self._place.opened()
            self._place.log_is_new()
            configure(self._connection)
            self._connection.execute(f"pragma wal_autocheckpoint = {PAGES_OF_LOG}")
            self._connection.execute(f"pragma cache_size = {-self._cache_bytes // 1024}")
            self._once = self._new_once(self._connection)
            self._keying = Keying(self._connection.execute(HASH_KEY).fetchone()[0], self._all_columns)
        return self._connection

    def _new_once(self, connection: sqlite3.Connection) -> EventsOnce:
        return EventsOnce(connection, self._columns, EventInserter(connection, self._columns))

    def _roll_back(self) -> None:
        """Roll back what is not committed; the digests are counted again."""
        if self._connection is not None:
            self._connection.rollback()
            self._once = self._new_once(self._connection)

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and self._is_in_place():
            connection.close()  # takes back what is not committed
        elif connection is not None:
            self._abandoned = connection  # SQLite would remove the log of the file that stands there now

    def _is_in_place(self) -> bool:
        with suppress(StorageError):
            self._place.check()
            return True
        return False

    def _erased(self, connection: sqlite3.Connection) -> Erased:
        """Who is erased, with what is new of that, and the ended keys, read again where one changed."""
        standing = connection.execute(STANDING).fetchone()
        if standing != self._known_as:
            after = self._entries.begin(standing[0])
            self._entries.add(connection.execute(ERASED_AFTER.format("?"), (after,)), standing[0])
            self.revoked = dict(connection.execute(REVOKED).fetchall())
            self._known_as = standing
        return self._entries.known

    async def _written(self, connection: sqlite3.Connection, offered: Offered) -> Sequence[Verdict] | None:
        before = self._once.newest() if offered.events else 0
        clashing, events, keying = set[Key](), list[Row](), self._keying
        for start in range(0, len(offered.events), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            part = keying.events.of(offered.events[start : start + AT_ONCE])
            events += part
            clashing |= self._once.add(part)
        connection.executemany(self._add_rejected, keying.rejected.of(offered.rejected))
        if offered.consents:
            connection.executemany(*adding_consents(self._consents, keying.consents.of(offered.consents), "?"))
        for statement, counts in ((_COUNT, offered.unkept), (_COUNT_UNREAD, offered.unread)):
            connection.executemany(statement, [(*key, count) for key, count in counts.items()])
        verdicts = self._once.judge(events, before, clashing) if clashing else None
        connection.executemany(*adding_arrivals(self._columns, offered.events, verdicts, offered.arrived, "?"))
        return verdicts


_COUNT = """
    insert into unkept_rejections (site_id, reason, minute_at, count) values (?, ?, ?, ?)
    on conflict do update set count = count + excluded.count
"""
_COUNT_UNREAD = """
    insert into unread_fields (site_id, field, counted_at, count) values (?, ?, ?, ?)
    on conflict do update set count = count + excluded.count
"""


async def _begin(connection: sqlite3.Connection) -> None:
    """Wait for the turn to write without keeping the loop."""
    loop = asyncio.get_running_loop()
    until = loop.time() + store.WAIT_SECONDS
    while True:
        try:
            connection.execute("begin immediate")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or loop.time() > until:
                raise
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return

"""The intake of a ledger in PostgreSQL: the store's own statements, by a driver that waits without a thread."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql import asyncpg as dialect

from touchline.errors import BusyError, HomeError, StorageError
from touchline.ledger import months, numbers, postgres, postgres_once, store
from touchline.ledger.arrivals import adding_arrivals
from touchline.ledger.event_rows import whole_rows
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
from touchline.ledger.move_marks import went
from touchline.ledger.rows import Rows
from touchline.ledger.storable import UnstorableError
from touchline.ledger.verdicts import Judged, Places, Verdict

_UNSTORABLE = (
    asyncpg.DataError, asyncpg.ProgramLimitExceededError, asyncpg.NotNullViolationError, asyncpg.CheckViolationError,
    OverflowError, UnicodeError,
)  # fmt: skip
"""As in :mod:`touchline.ledger.postgres`, and what the driver finds itself while it encodes."""
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
"""How long the server may take for one statement; what it did by then is not known, and does not matter."""


class PostgresIntake:
    """One connection, opened when it is first used and again after a failure."""

    def __init__(self, url: str, columns: Columns) -> None:
        self._store = postgres.Postgres(url)
        self._url = self._store.libpq_url
        self._columns = columns
        self._places = Places(columns.events)
        self._received_at = columns.events.index("received_at")
        self._connection: asyncpg.Connection | None = None
        self._months: set[str] = set()
        self._entries = Entries()
        self._known_as: tuple[int, ...] | None = None
        self.revoked: Mapping[str, int] = {}
        self._keying: Keying

    def keyed(self, text: str) -> str:
        """A text as it is stored."""
        return self._keying.key.keyed(text)

    async def take(self, prepare: Prepare) -> Sequence[Verdict] | None:
        """Write and commit."""
        try:
            connection = await self._connected()
            await connection.execute(_OPENING)
            offered = prepare(await self._erased(connection))
            verdicts = await self._written(connection, offered)
            await connection.execute("commit")
        except _UNSTORABLE as error:
            await self._roll_back()
            raise UnstorableError(str(error)) from error
        except BaseException as error:
            self._forget()
            meant = self._meant(error)
            if meant is None:
                raise
            raise meant from error
        return verdicts

    async def close(self) -> None:
        """Let go of the server."""
        self._forget()
        self._store.close()

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None:
            self._connection = await asyncpg.connect(
                self._url, timeout=_CONNECT_SECONDS, command_timeout=_ANSWER_SECONDS,
                server_settings={"application_name": "touchline"},
            )  # fmt: skip
            await self._connection.execute(f"select pg_advisory_lock_shared({postgres.SERVING})")
            self._keying = Keying(await self._connection.fetchval(HASH_KEY), self._columns)
        return self._connection

    async def _roll_back(self) -> None:
        """Take back what is not committed, and keep the connection: who sends such values must not cost one each."""
        try:
            if self._connection is not None:
                await self._connection.execute("rollback")
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        """Let the connection fall, and with it what is not committed."""
        connection, self._connection = self._connection, None
        self._months.clear()
        if connection is not None:
            connection.terminate()

    def _meant(self, error: BaseException) -> Exception | None:
        """The error in a person's words; ``None``: it is a fault of ours, or nobody wants to know."""
        name = self._store.name
        if getattr(error, "sqlstate", None) == postgres.MOVED_STATE:
            return went(name)
        if isinstance(error, asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError):
            return BusyError(f"Other processes locked {name} for too long.", "Send it again.")
        if isinstance(error, asyncpg.InsufficientResourcesError | asyncpg.ReadOnlySQLTransactionError):
            return StorageError(f"The ledger cannot write {name}: {error}.", "Fix the reported problem.")
        if isinstance(
            error, TimeoutError | OSError | ssl.SSLError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError
            | asyncpg.OperatorInterventionError | asyncpg.InvalidAuthorizationSpecificationError,
        ):  # fmt: skip
            return HomeError(f"The ledger at {name} does not answer.", "Fix the server or DATABASE_URL.")
        return None

    async def _erased(self, connection: asyncpg.Connection) -> Erased:
        """Who is erased, with what is new of that, and the ended keys, read again where one changed."""
        standing = tuple(await connection.fetchrow(STANDING))
        if standing != self._known_as:
            after = self._entries.begin(standing[0])
            self._entries.add(await connection.fetch(ERASED_AFTER.format("$1"), after), standing[0])
            self.revoked = {row[0]: row[1] for row in await connection.fetch(REVOKED)}
            self._known_as = standing
        return self._entries.known

    async def _written(self, connection: asyncpg.Connection, offered: Offered) -> Sequence[Verdict] | None:
        verdicts, keying = None, self._keying
        if offered.events:
            verdicts = await self._add(connection, keying.events.of(offered.events))
        if offered.rejected:
            await connection.copy_records_to_table(
                "rejected_events", records=keying.rejected.of(offered.rejected), columns=self._columns.rejected
            )
        if offered.consents:
            consents = keying.consents.of(offered.consents)
            await connection.executemany(*adding_consents(self._columns.consents, consents, "$"))
        for statement, counts in ((_COUNT, offered.unkept), (_COUNT_UNREAD, offered.unread)):
            if counts:  # in one order, so that two writers do not deadlock
                await connection.executemany(statement, [(*key, count) for key, count in sorted(counts.items())])
        statement, days = adding_arrivals(self._columns.events, offered.events, verdicts, offered.arrived, "$")
        if days:  # last, as other writers of the same slot wait for these rows
            await connection.executemany(statement, days)
        return verdicts

    async def _add(self, connection: asyncpg.Connection, events: Rows) -> Sequence[Verdict] | None:
        """The keys decide what is new; what is new is copied into its month."""
        keys = postgres_once.taken_keys(self._columns.events, events, self._places)
        statement, names = _STATEMENTS[postgres_once.TAKE_KEYS]
        said = await connection.execute(statement, *(keys[name] for name in names))
        await self._ensure_months({event[self._received_at] for event in events})
        if said == f"INSERT 0 {len(events)}":
            await self._copy(connection, events)
            return None
        judged = await _carried_out(connection, postgres_once.settled(self._columns.events, events, self._places))
        await self._copy(connection, list(judged.winners.values()))
        return judged.verdicts

    async def _copy(self, connection: asyncpg.Connection, events: Rows) -> None:
        if events:
            whole = whole_rows(tuple(self._columns.events), events)
            await connection.copy_records_to_table("tracking_events", records=whole, columns=self._columns.events)

    async def _ensure_months(self, received: set[int]) -> None:
        wanted = {months.name_of(micros): micros for micros in received}
        missing = [micros for name, micros in wanted.items() if name not in self._months]
        if missing:
            await asyncio.to_thread(self._make_months, missing)
            self._months.update(wanted)

    def _make_months(self, received: list[int]) -> None:
        with self._store.engine.connect() as connection:
            months.ensure(connection, received)


def _numbered(clause: TextClause) -> tuple[str, Sequence[str]]:
    """A statement with the driver's numbered parameters, and their names in that order."""
    compiled = clause.compile(dialect=dialect.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), compiled.positiontup or ()


_STATEMENTS = {clause: _numbered(clause) for clause in postgres_once.ALL}


async def _carried_out(connection: asyncpg.Connection, steps: postgres_once.Steps) -> Judged:
    """Execute a generator's statements, each with the rows of the one before."""
    try:
        clause, parameters = next(steps)
        while True:
            statement, names = _STATEMENTS[clause]
            rows = await connection.fetch(statement, *(parameters[name] for name in names))
            clause, parameters = steps.send(rows)
    except StopIteration as end:
        judged: Judged = end.value
        return judged


_OPENING = "; ".join(
    (
        "begin",
        str(postgres.SETTLE).replace(":wait", f"'{round(store.WAIT_SECONDS * 1000)}ms'"),
        str(numbers.ANNOUNCE),
        postgres.HOLD_SHARED,
    )
)
"""All that a transaction has to do first, in one way to the server and back."""
_COUNT = """
    insert into unkept_rejections (site_id, reason, minute_at, count) values ($1, $2, $3, $4)
    on conflict (site_id, reason, minute_at) do update set count = unkept_rejections.count + excluded.count
"""
_COUNT_UNREAD = """
    insert into unread_fields (site_id, field, counted_at, count) values ($1, $2, $3, $4)
    on conflict (site_id, field, counted_at) do update set count = unread_fields.count + excluded.count
"""

"""The ledger in a PostgreSQL database."""

import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial

import adbc_driver_manager
import psycopg
import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, Table, create_engine, delete, make_url, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from touchline import tables
from touchline.amounts import counted
from touchline.errors import BusyError, HomeError, StorageError
from touchline.ledger import feed, months, numbers, postgres_once, schema, store
from touchline.ledger.event_rows import whole_rows
from touchline.ledger.lookout import Lookout
from touchline.ledger.move_marks import refuse, went
from touchline.ledger.rows import Rows
from touchline.ledger.storable import UnstorableError
from touchline.ledger.store import DATABASE_URL, ClashError, StillAlone
from touchline.ledger.verdicts import Judged, Places, Verdict
from touchline.table import Table as River

SERVING = f"{numbers.NAMESPACE}, 3"
"""The lock that each connection of a server shares which takes events in."""
MOVED_STATE = "TL001"
"""What a database answers that refuses to write because its ledger was moved."""
_CLASH = "23"
_LOCK_TOOK_TOO_LONG = "55P03"
_HOLD_WAIT_MILLISECONDS, _HOLD_PAUSE_SECONDS = 100, 0.05
_BUSY = ("40", "55P03", "53300", "55006")
"""Deadlocks and lost races, a lock that took too long, too many connections, an object in use."""
_DISK = ("53100", "53200", "58", "25006")
"""Full, out of memory, input or output failed, read-only (a standby)."""
_REFUSED_VALUES = ("22", "23502", "23514", "54")
"""A value that its column cannot have, NULL where none may be, one against a rule, or one too large for an index."""
_AWAY = ("08", "57P", "28", "3D", "42501")
"""A broken or refused connection, a server that stops, no such user or database, too few rights."""


class Postgres:
    """A database by its URL, over any number of servers' and commands' connections at a time."""

    migration_guard = f"select pg_advisory_xact_lock({numbers.NAMESPACE}, 0)"
    servers = f"select pg_try_advisory_xact_lock({SERVING})"

    def __init__(self, url: str, setting: str = DATABASE_URL) -> None:
        """:param setting: what the URL was given by, for errors."""
        parsed = _parsed(url, setting)
        self._setting = setting
        self.name = parsed.render_as_string(hide_password=True)
        self._password = parsed.password or ""
        self.libpq_url = parsed.render_as_string(hide_password=False)
        self.engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED", pool_pre_ping=True, hide_parameters=True,
            connect_args={"connect_timeout": 10, "application_name": "touchline"},
        )  # fmt: skip

        self.reading: Engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lookout = Lookout(self.engine)

    def make(self) -> None:
        """Nothing: the database is there, and the migrations fill it."""

    def find(self) -> None:
        """Refuse to make tables by opening a database."""
        with self.engine.connect() as connection:
            if connection.scalar(text("select to_regclass('alembic_version')")) is None:
                raise HomeError(f"There is no ledger in {self.name}.", f"Run `touchline init`, or fix {self._setting}.")

    def check_unmoved(self) -> None:
        """By its marks."""
        with self.explained(), self.engine.connect() as connection:
            refuse(connection)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """PostgreSQL says what is wrong by SQLSTATE."""
        try:
            yield
        except (DBAPIError, psycopg.Error, adbc_driver_manager.Error) as error:
            meant = self._meant(error)
            if meant is None:
                raise
            raise meant from error

    def _meant(self, error: Exception) -> Exception | None:
        """The error in a person's words, without the password; ``None``: it is a fault of ours."""
        said = error.orig if isinstance(error, DBAPIError) and error.orig else error
        state = getattr(said, "sqlstate", None) or ""
        words = " ".join(str(said).split())
        words = words.replace(self._password, "***") if self._password else words
        if state == MOVED_STATE:
            return went(self.name)
        if state.startswith(_CLASH):
            return ClashError(words)
        if state.startswith(_BUSY):
            return BusyError(
                f"Others are writing to {self.name} and did not finish in {store.WAIT_SECONDS:g} seconds: {words}",
                "Run the command again when they are done; nothing is stored twice.",
            )
        if state.startswith(_DISK):
            return StorageError(
                f"The ledger cannot write {self.name}: {words}",
                "Fix the reported problem and run the command again; nothing is stored twice.",
            )
        has_no_answer = not state and isinstance(said, psycopg.OperationalError | adbc_driver_manager.OperationalError)
        if has_no_answer or state.startswith(_AWAY):
            unreached = f"The ledger at {self.name} cannot be reached: {words}"
            return HomeError(unreached, f"Fix the server or {self._setting}.")
        return None

    def begin(self, connection: Connection) -> None:
        """Settle how long to wait and what a commit means, and announce the numbers that may be taken."""
        connection.execute(SETTLE, {"wait": f"{round(store.WAIT_SECONDS * 1000)}ms"})
        numbers.announce(connection)

    def committed(self) -> None:
        """Nothing: a server knows where its files are."""

    def attempt(self, connection: Connection) -> AbstractContextManager[object]:
        """A savepoint."""
        return connection.begin_nested()

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """By the server's codes, or the driver's own errors."""
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            said = error.orig if isinstance(error, DBAPIError) else error
            if not (getattr(said, "sqlstate", None) or "").startswith(_REFUSED_VALUES):
                raise
            raise UnstorableError(str(said)) from error
        except (OverflowError, UnicodeError) as error:
            raise UnstorableError(str(error)) from error

    def inserting(self, table: Table) -> Insert:
        """PostgreSQL's insert."""
        return insert(table)

    def add_rows(self, connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
        """By ``COPY``."""
        _copy(connection, table, columns, rows)

    def add_events(self, connection: Connection, columns: Sequence[str], rows: Rows) -> Sequence[Verdict] | None:
        """The keys decide what is new, in one statement; what is new is copied into its month."""
        places = Places(columns)
        keys = postgres_once.taken_keys(columns, rows, places)
        taken = {(row[0], row[1]) for row in connection.execute(postgres_once.TAKE_AND_TELL, keys)}
        if len(taken) == len(rows):
            self._copy_events(connection, columns, rows)
            return None
        judged = _carried_out(connection, postgres_once.settled(columns, rows, places, taken))
        self._copy_events(connection, columns, list(judged.winners.values()))
        return judged.verdicts

    @staticmethod
    def _copy_events(connection: Connection, columns: Sequence[str], rows: Rows) -> None:
        received_at = columns.index("received_at")
        months.ensure(connection, {row[received_at] for row in rows})
        _copy(connection, schema.TRACKING_EVENTS, columns, whole_rows(tuple(columns), rows))

    def remove_events(self, connection: Connection, sequences: Sequence[int]) -> Sequence[int]:
        """From all months; a trigger takes their keys."""
        column = schema.TRACKING_EVENTS.c.sequence
        removing = delete(schema.TRACKING_EVENTS).where(column.in_(sequences)).returning(column)
        return connection.execute(removing).scalars().all()

    def pulse(self) -> tuple[int, ...]:
        """The numbers up to which a run would follow."""
        return numbers.settled(self._lookout, *numbers.ALL)

    def fingerprint(self, *tables: Table) -> str:
        """A hash of the rows."""
        rows = (f"(select string_agg(t::text, ',' order by t::text) from {table.name} as t)" for table in tables)
        return str(self._lookout.ask(text(f"select md5(concat_ws(';', {', '.join(rows)}))"))[0])

    def close(self) -> None:
        """Let go of all connections."""
        self._lookout.close()
        self.engine.dispose()

    def size_bytes(self) -> int:
        """Of the whole database, indexes and all."""
        with self.engine.connect() as connection:
            return int(connection.execute(text("select pg_database_size(current_database())")).scalar_one())

    def damage(self) -> str:
        """Whether there is a key for each event, and an event for each key; the rest is the server's to watch."""
        with self.engine.connect() as connection:
            count = text("select (select count(*) from tracking_events), (select count(*) from event_keys)")
            found, keys = connection.execute(count).one()
        return "" if found == keys else f"{counted(found, 'event has', 'events have')} {counted(keys, 'key')}"

    def events_after(self, sequence: int) -> pa.RecordBatchReader:
        """Events from ``sequence`` up to the last number that no running transaction can still take."""
        return self._after(sequence, numbers.EVENTS, tables.TRACKING_EVENTS, feed.events)

    def cost_rows_after(self, load_number: int) -> pa.RecordBatchReader:
        """Rows of the loads from ``load_number`` up to the last settled one."""
        return self._after(load_number, numbers.LOADS, tables.COST_ROWS, feed.cost_rows)

    def rates_after(self, number: int) -> pa.RecordBatchReader:
        """Rates from ``number`` up to the last settled one."""
        return self._after(number, numbers.RATES, tables.REPORTING_RATES, feed.rates)

    def erased_after(self, tombstone: int) -> pa.RecordBatchReader:
        """Tombstones from ``tombstone`` up to the last settled one."""
        return self._after(tombstone, numbers.TOMBSTONES, tables.ERASED_EVENTS, feed.erased)

    def claims_after(self, claim: int) -> pa.RecordBatchReader:
        """Claims from ``claim`` up to the last settled one."""
        return self._after(claim, numbers.CLAIMS, tables.IDENTITY_CLAIMS, feed.claims)

    def withdrawn_after(self, tombstone: int) -> pa.RecordBatchReader:
        """Tombstones of claims from ``tombstone`` up to the last settled one."""
        return self._after(tombstone, numbers.WITHDRAWN, tables.WITHDRAWN_CLAIMS, feed.withdrawn)

    def _after(
        self, number: int, followed: numbers.Followed, table: River, query: Callable[[int, int], str]
    ) -> pa.RecordBatchReader:
        """What is new; where nothing is, no connection is opened, which takes longer than to read some rows."""
        (settled,) = numbers.settled(self._lookout, followed)
        return feed.reader(table, self._batches(query(number, settled)) if settled > number else ())

    def hold(self, connection: Connection, *, is_alone: bool) -> None:
        """An advisory lock: intakes share it, an erasure holds it exclusively.

        A process that waits for it exclusively keeps out intakes that come later. So it waits for a tenth of a second
        at a time: another transaction, such as an import's, may take long.
        """
        if not is_alone:
            connection.execute(text(HOLD_SHARED))
            return
        until = time.monotonic() + store.WAIT_SECONDS
        while True:
            try:
                with connection.begin_nested():
                    connection.execute(text(f"set local lock_timeout = '{_HOLD_WAIT_MILLISECONDS}ms'"))
                    connection.execute(text(_HOLD_ALONE))
                    connection.execute(SETTLE, {"wait": f"{round(store.WAIT_SECONDS * 1000)}ms"})
                return
            except OperationalError as error:
                if time.monotonic() > until or getattr(error.orig, "sqlstate", None) != _LOCK_TOOK_TOO_LONG:
                    raise
                time.sleep(_HOLD_PAUSE_SECONDS)

    def hold_loads(self, connection: Connection) -> None:
        """The table's own lock: reading goes on, inserts of others wait."""
        connection.execute(text(f"lock table {schema.AD_COST_LOADS.name} in share row exclusive mode"))

    @contextmanager
    def alone(self, what: str) -> Iterator[StillAlone]:
        """An advisory lock on a separate connection, which the server releases when the client is gone."""
        lock = f"{numbers.ALONE}, {zlib.crc32(what.encode()) - 2**31}"
        with self.explained():
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with self.explained():
                is_taken = connection.scalar(text(f"select pg_try_advisory_lock({lock})"))
            if not is_taken:
                raise store.taken(what)
            try:
                yield partial(self._still, connection)
            finally:
                with suppress(SQLAlchemyError):  # at once; a server notices some time later that a client is gone
                    connection.execute(text(f"select pg_advisory_unlock({lock})"))
        finally:
            connection.invalidate()  # so that in no case the next one gets a connection with the lock
            connection.close()

    def _still(self, connection: Connection) -> None:
        """A connection that was lost has lost its lock, and says so."""
        with self.explained():
            connection.execute(text("select 1"))

    def settle(self) -> bool:
        """Nothing: the server's own log and vacuum are its administrator's."""
        return True

    def compact(self) -> None:
        """A vacuum, which takes deleted rows out of the tables while others read and write."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"vacuum {', '.join(table.name for table in _OF_PERSONS)}"))

    def _batches(self, statement: str) -> Iterator[pa.RecordBatch]:
        from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]  # noqa: PLC0415 - as in SQLite's

        with (
            self.explained(),
            dbapi.connect(self.libpq_url) as connection,
            connection.cursor() as cursor,
        ):
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            cursor.execute(statement)
            yield from cursor.fetch_record_batch()


_OF_PERSONS = (
    schema.TRACKING_EVENTS, schema.REJECTED_EVENTS, schema.IDENTITY_CLAIMS, schema.ERASURE_NAMES,
    schema.ERASURE_ORDERS, schema.ERASURE_REQUESTS,
)  # fmt: skip
"""Tables with rows about persons; ``tracking_events`` stands for its months."""
_HOLD_ALONE = f"select pg_advisory_xact_lock({numbers.NAMESPACE}, 2)"
HOLD_SHARED = f"select pg_advisory_xact_lock_shared({numbers.NAMESPACE}, 2)"
_BATCH_BYTES = 16 * 1024 * 1024
SETTLE = text("""
    select
        set_config('lock_timeout', :wait, true),
        case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end
""")


def _parsed(url: str, setting: str) -> URL:
    """The URL for libpq; what is wrong with it is said without it, as it holds a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise HomeError(f"{setting} cannot be read as a URL.", f"{setting} is {_SHAPE}") from None
    if not re.fullmatch(r"postgres(ql)?(\+\w+)?", parsed.drivername):
        said = f"The ledger can be in PostgreSQL or in a file, not in {parsed.drivername}."
        raise HomeError(said, f"{setting} is {_SHAPE}")
    return parsed.set(drivername="postgresql")


_SHAPE = "postgresql://user:password@host:5432/database."


def _carried_out(connection: Connection, steps: postgres_once.Steps) -> Judged:
    """Execute a generator's statements, each with the rows of the one before."""
    try:
        statement, parameters = next(steps)
        while True:
            result = connection.execute(statement, parameters)
            statement, parameters = steps.send(result.all() if result.returns_rows else ())
    except StopIteration as end:
        judged: Judged = end.value
        return judged


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 — the engine was made with this driver
    with (
        driver.cursor() as cursor,
        cursor.copy(f"copy {table.name} ({', '.join(columns)}) from stdin") as copying,
    ):
        for row in rows:
            copying.write_row(row)

"""The ledger in a SQLite file: WAL, every commit on the disk before it is acknowledged."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from types import NoneType
from urllib.parse import quote
from weakref import WeakKeyDictionary

import pyarrow as pa
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from touchline import tables
from touchline.amounts import counted
from touchline.errors import BusyError, HomeError, StorageError
from touchline.ledger import feed, schema, store
from touchline.ledger.digests import WITHOUT_ORDER, Digests, has_no_order
from touchline.ledger.event_rows import EventInserter
from touchline.ledger.file_in_place import FileInPlace
from touchline.ledger.move_marks import REFUSED, refuse, went
from touchline.ledger.rows import Rows
from touchline.ledger.sqlite_once import EventsOnce
from touchline.ledger.storable import UnstorableError
from touchline.ledger.store import ClashError, StillAlone
from touchline.ledger.verdicts import Verdict
from touchline.table import Kind
from touchline.table import Table as River

# Python asks every value that is no text and no number how it wants to be bound, and takes 0.3 µs to hear nothing.
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(NoneType, {}.get)  # type: ignore[arg-type] # nothing for nothing, faster than a lambda

PAGE_BYTES = 8_192
"""Of a new file. A row of an event has 900 bytes; of each page that a commit touches, all goes to the log."""
PAGES_OF_LOG = 8_000
"""Pages after which the log is carried into the file: more of them meet there than at 1,000, as ids are random."""
_CACHE_BYTES = 64 * 1024 * 1024
"""Of a command's connection, at most, where SQLite takes 2 MB: the digests that stand apart have 5 MB."""
SETTLE_SECONDS = 15.0
"""How long a log is waited for that others read."""
_SETTLE_WAIT_SECONDS, _SETTLE_PAUSE_SECONDS = 0.05, 0.25
_COUNTED = f"""
    select
        (select count(*) from tracking_events where {WITHOUT_ORDER}),
        (select count(*) from id_digests) + (select count(*) from new_id_digests)
"""
_RULES_OF_VALUES = {sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL}
_STORED = {Kind.INTEGER: "0", Kind.BOOLEAN: "0", Kind.TIMESTAMP: "0"}


class SQLite:
    """A file; SQLite lets one transaction write at a time, so numbers rise in commit order without further locks."""

    migration_guard = ""
    servers = ""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.reading = self.engine = connected(file)
        self._place = FileInPlace(file)
        self._once: WeakKeyDictionary[Connection, EventsOnce] = WeakKeyDictionary()

    def make(self) -> None:
        """An empty file that only its owner may read."""
        self.file.touch(mode=0o600)
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute(f"pragma page_size = {PAGE_BYTES}")
            connection.execute("pragma journal_mode = wal")  # from here on the size stands
        self._place.opened()

    def find(self) -> None:
        """Refuse to make a file by opening it."""
        if not self.file.is_file():
            raise HomeError(f"There is no ledger at {self.file}.", "Run `touchline init` there, or set TOUCHLINE_HOME.")
        self._place.opened()

    def check_unmoved(self) -> None:
        """By its marks."""
        with self.explained(), self.engine.connect() as connection:
            refuse(connection)

    def explained(self) -> AbstractContextManager[None]:
        """Errors of SQLite in a person's words."""
        return self.explaining(self.file)

    @staticmethod
    @contextmanager
    def explaining(file: Path) -> Iterator[None]:
        """SQLite says what is wrong in its messages only."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            text = str(error.orig if isinstance(error, DBAPIError) else error)
            if REFUSED in text:
                raise went(str(file)) from error
            if isinstance(error, IntegrityError):
                raise ClashError(text) from error
            if "locked" in text:
                raise BusyError(
                    f"Another process is writing to {file} and did not finish in {store.WAIT_SECONDS:g} seconds.",
                    "Run the command again when it is done; nothing is stored twice.",
                ) from error
            if "not a database" in text or "malformed" in text:
                raise HomeError(f"{file} is not a ledger: {text}.", "Restore it from a backup.") from error
            if any(sign in text for sign in ("full", "readonly", "read-only", "I/O", "unable to open")):
                raise StorageError(
                    f"The ledger cannot write {file}: {text}.",
                    "Free some space (or fix the permissions) and run the command again; nothing is stored twice.",
                ) from error
            raise

    def begin(self, _connection: Connection) -> None:
        """The driver begins at the first write; nothing may be written to a file that stands nowhere."""
        self._place.check()

    def committed(self) -> None:
        """Nothing that went into a file that stands nowhere may count as stored."""
        self._place.check()

    @contextmanager
    def attempt(self, connection: Connection) -> Iterator[None]:
        """A savepoint inside of the transaction: one that opened the transaction would commit at its end."""
        driver = _driver(connection)
        if not driver.in_transaction:
            driver.execute("begin immediate")
        driver.execute("savepoint attempt")
        try:
            yield
        except Exception:
            self._once.pop(connection, None)  # it has counted what is taken back
            if driver.in_transaction:  # a full disk ends the whole transaction, savepoints included
                driver.execute("rollback to attempt")
                driver.execute("release attempt")
            raise
        driver.execute("release attempt")

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """By the driver's own errors, or SQLite's codes."""
        try:
            yield
        except Exception as error:
            if not refuses_value(error):
                raise
            raise UnstorableError(str(error)) from error

    def inserting(self, table: Table) -> Insert:
        """SQLite's insert."""
        return insert(table)

    def add_rows(self, connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
        """One prepared statement for all rows."""
        names, values = ", ".join(columns), ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"insert into {table.name} ({names}) values ({values})", rows)

    def add_events(self, connection: Connection, columns: Sequence[str], rows: Rows) -> Sequence[Verdict] | None:
        """The unique index on site and id decides, or the digests, where ids come in no order."""
        driver = _driver(connection)
        if not driver.in_transaction:
            driver.execute("begin immediate")  # what is found not to stand must not stand until it is written
        once = self._once_of(connection, columns)
        before = once.newest()
        clashing = once.add(rows)
        return once.judge(rows, before, clashing) if clashing else None

    def _once_of(self, connection: Connection, columns: Sequence[str]) -> EventsOnce:
        """One for all events of a transaction: a new one counts the digests first."""
        known = self._once.get(connection)
        if known is None or known.columns != tuple(columns):
            driver = _driver(connection)
            known = self._once[connection] = EventsOnce(driver, columns, EventInserter(driver, tuple(columns)))
        return known

    def remove_events(self, connection: Connection, sequences: Sequence[int]) -> Sequence[int]:
        """With their digests."""
        columns = schema.TRACKING_EVENTS.c
        removing = delete(schema.TRACKING_EVENTS).where(columns.sequence.in_(sequences))
        gone = connection.execute(removing.returning(columns.sequence, columns.site_id, columns.event_id)).all()
        self._once.pop(connection, None)  # it has counted what goes now
        Digests(_driver(connection)).forget(
            ((site_id, event_id), sequence) for sequence, site_id, event_id in gone if has_no_order(event_id)
        )
        return [row[0] for row in gone]

    def pulse(self) -> tuple[int, ...]:
        """The newest numbers; what can be seen is committed."""
        self._place.check()
        keys = (
            schema.TRACKING_EVENTS.c.sequence, schema.AD_COST_LOADS.c.load_number, schema.ERASED_EVENTS.c.tombstone,
            schema.IDENTITY_CLAIMS.c.claim, schema.WITHDRAWN_CLAIMS.c.tombstone,
            schema.REPORTING_RATES.c.number,
        )  # fmt: skip
        with self.engine.connect() as connection:
            return tuple(connection.scalar(select(func.max(key))) or 0 for key in keys)

    def size_bytes(self) -> int:
        """Of the file and its log."""
        log = self.file.with_name(f"{self.file.name}-wal")
        return sum(file.stat().st_size for file in (self.file, log) if file.exists())

    def fingerprint(self, *_tables: Table) -> str:
        """Nothing is known: to read all rows of a file costs as little."""
        return ""

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def damage(self) -> str:
        """What ``pragma quick_check`` finds, and whether each id without order has its digest."""
        with self.engine.connect() as connection:
            found = [" ".join(str(row[0]).split()) for row in connection.exec_driver_sql("pragma quick_check(1)")]
            if found != ["ok"]:
                return "; ".join(found)
            events, digests = connection.exec_driver_sql(_COUNTED).one()
        told = counted(events, "event whose id comes in no order has", "events whose ids come in no order have")
        return "" if events == digests else f"{told} {counted(digests, 'digest')}"

    def events_after(self, sequence: int) -> pa.RecordBatchReader:
        """Every committed event after ``sequence``."""
        return self._read(tables.TRACKING_EVENTS, feed.events(sequence))

    def cost_rows_after(self, load_number: int) -> pa.RecordBatchReader:
        """Every committed row of the loads after ``load_number``."""
        return self._read(tables.COST_ROWS, feed.cost_rows(load_number))

    def rates_after(self, number: int) -> pa.RecordBatchReader:
        """Every committed rate after ``number``."""
        return self._read(tables.REPORTING_RATES, feed.rates(number))

    def erased_after(self, tombstone: int) -> pa.RecordBatchReader:
        """Every committed tombstone after ``tombstone``."""
        return self._read(tables.ERASED_EVENTS, feed.erased(tombstone))

    def claims_after(self, claim: int) -> pa.RecordBatchReader:
        """Every committed claim after ``claim``."""
        return self._read(tables.IDENTITY_CLAIMS, feed.claims(claim))

    def withdrawn_after(self, tombstone: int) -> pa.RecordBatchReader:
        """Every committed tombstone of a claim after ``tombstone``."""
        return self._read(tables.WITHDRAWN_CLAIMS, feed.withdrawn(tombstone))

    def hold(self, connection: Connection, *, is_alone: bool) -> None:  # noqa: ARG002 - one writes at a time anyway
        """A write that changes nothing: SQLite lets one transaction write at a time."""
        connection.execute(update(schema.ERASURES).where(schema.ERASURES.c.erasure < 0).values(identifier=""))

    def hold_loads(self, connection: Connection) -> None:
        """The same."""
        self.hold(connection, is_alone=True)

    @contextmanager
    def alone(self, what: str) -> Iterator[StillAlone]:
        """An exclusive lock on an empty file next to the ledger's, which the system releases when a process dies.

        Whatever is done alone with this ledger is done one at a time.
        """
        place = self.file.with_name(f"{self.file.name}.lock")
        with self.explained():
            if not place.exists():
                place.touch(mode=0o600)
            connection = sqlite3.connect(place, timeout=0, isolation_level=None, check_same_thread=False)
        with closing(connection):
            try:
                connection.execute("begin exclusive")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise store.taken(what) from error
                raise StorageError(f"{place} cannot be locked: {error}.", "Fix its permissions.") from error
            yield lambda: None

    def settle(self) -> bool:
        """Carry what is committed from the log into the file, and empty the log.

        A checkpoint that empties it keeps writers out while it waits for readers, so it waits for a moment at a time,
        and nearly everything has been carried over before.
        """
        until = time.monotonic() + SETTLE_SECONDS
        with closing(sqlite3.connect(self.file, timeout=_SETTLE_WAIT_SECONDS, isolation_level=None)) as connection:
            configure(connection)
            while True:
                connection.execute("pragma wal_checkpoint(passive)").fetchall()
                try:
                    is_busy = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error):
                        raise
                    is_busy = 1
                if not is_busy or time.monotonic() > until:
                    return not is_busy
                time.sleep(_SETTLE_PAUSE_SECONDS)

    def compact(self) -> None:
        """Nothing: what is deleted is wiped at once."""

    def _read(self, table: River, select: str) -> pa.RecordBatchReader:
        """Stream ``select``.

        SQLite has values with types, not columns, and the driver takes a column's type from the first rows: a first row
        of one typed value each, dropped on arrival, settles it where those rows are NULL.
        """
        typed = ", ".join(f"{_STORED.get(column.kind, repr('x'))} as {column.name}" for column in table.columns)
        return feed.reader(table, self._batches(f"select {typed} union all {select}"))

    def _batches(self, statement: str) -> Iterator[pa.RecordBatch]:
        from adbc_driver_sqlite import dbapi  # noqa: PLC0415 - it imports pandas, where there is one: half of all the rest

        with (
            dbapi.connect(f"file:{quote(str(self.file))}?mode=ro") as connection,
            connection.cursor() as cursor,
        ):
            # A reader, too, waits for the process that recovers the log or closes the file last.
            cursor.execute(f"pragma busy_timeout = {store.WAIT_SECONDS * 1000:.0f}")
            cursor.fetchone()
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(feed.CHUNK)})
            cursor.execute(statement)
            batches = cursor.fetch_record_batch()
            yield next(batches).slice(1)
            yield from batches


def connected(file: Path) -> Engine:
    """A SQLAlchemy engine whose every connection commits to the disk, and wipes what it deletes."""
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": store.WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        configure(connection)
        connection.execute(f"pragma wal_autocheckpoint = {PAGES_OF_LOG}")
        connection.execute(f"pragma cache_size = {-_CACHE_BYTES // 1024}")

    return engine


def refuses_value(error: BaseException) -> bool:
    """Whether the error says that a value cannot be stored, and nothing about the file or about others.

    It is an integer beyond 64 bits, an unpaired surrogate, too long a text, or one against a column's rule.

    >>> refuses_value(OverflowError()), refuses_value(sqlite3.OperationalError("disk full"))
    (True, False)
    """
    said = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(said, sqlite3.IntegrityError):
        return said.sqlite_errorcode in _RULES_OF_VALUES
    return isinstance(said, (OverflowError, UnicodeError, sqlite3.DataError))


def configure(connection: sqlite3.Connection) -> None:
    """Let every commit reach the disk, and what is deleted be wiped."""
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "secure_delete = on"):
        connection.execute(f"pragma {pragma}")


def _driver(connection: Connection) -> sqlite3.Connection:
    """What SQLAlchemy's connection drives."""
    return connection.connection.driver_connection  # type: ignore[return-value]

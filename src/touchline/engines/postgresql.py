"""PostgreSQL: the river's tables in a schema of their own, on a server that several processes share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi  # type: ignore[import-untyped]
import pyarrow as pa
from adbc_driver_manager import Error

from touchline.engines.dialect import REMOVED, Words, bounded, in_scope, rendered, rendered_with_relations
from touchline.engines.postgresql_locks import LOCK_SECONDS, LockWatch
from touchline.engines.postgresql_publishing import (
    SCHEMA,
    Statements,
    define,
    describe,
    make_schema,
    make_table,
    reshape,
)
from touchline.engines.protocol import Arrow, Capabilities, batches
from touchline.errors import (
    BlockedError,
    BusyError,
    HomeError,
    MemoryLimitError,
    StorageError,
    TouchlineError,
    too_slow,
)
from touchline.memory import Memory
from touchline.table import Table
from touchline.view import View

WORDS = Words(
    "postgres",
    {
        "micros": "cast(extract(epoch from {0}) * 1000000 as bigint)",
        "micros_between": "cast(extract(epoch from ({0}) - ({1})) * 1000000 as bigint)",
        "days_between": "{0} - {1}",
        "local_date": "cast(timezone({1}, timezone('UTC', {0})) as date)",
        "local_time": "timezone({1}, timezone('UTC', {0}))",
        "total": "cast(sum({0}) as numeric(38, 0))",
        "bounded": bounded("cast({0} as bigint)"),
        "quotient": "cast(div({0}, {1}) as numeric(38, 0))",
        "at_rate": (
            "cast(div(2 * cast({0} as numeric) * {1} + case when {0} < 0 then -{2} else {2} end,"
            " 2 * cast({2} as numeric)) as numeric(38, 0))"
        ),
        "letters_of": f"regexp_replace(lower({{0}}), '{REMOVED}', '', 'g')",
    },
)
"""As in :mod:`touchline.engines.duckdb`; ``extract`` is exact, a numeric."""

_MOST_WORK_BYTES, _SORTS = 256 * 2**20, 16
"""What one sort or hash table may hold, and how many a statement may have at a time; a hash table takes twice that."""

_WIDE_TYPMOD = b"%d" % ((38 << 16) + 4)
"""How the server names a numeric of 38 digits and none after the point."""

_RUN = 8_107_544
"""The number of the lock that a run holds; any would do."""

_MANY = 10_000
"""Rows that change what the planner ought to know."""

_STORED_SAMPLE, _KEPT_SAMPLE = 100, 10
"""Statistics targets; the server samples 300 rows for each unit. A kept table lives for one run, and a full sample
takes as long as making it."""

_SETTINGS = {
    "jit": "off",
    "timezone": "'UTC'",
    "client_min_messages": "warning",
    "default_statistics_target": _KEPT_SAMPLE,
    "application_name": "'touchline'",
    "lock_timeout": f"'{LOCK_SECONDS:g}s'",
}

_CANCELED = "57014"


class PostgreSQL:
    """An engine on a PostgreSQL server.

    :param url: as libpq takes it, e.g. ``postgresql://user:password@host:5432/database``.
    :param memory: how much a run may hold; sorts and hash tables of the session keep to a part of it.
    :param is_read_only: whether nothing is to be written.
    :raises HomeError: if the server cannot be reached or refuses.
    """

    layout = ""
    can = Capabilities(increment=True, transactions=True)

    def __init__(self, url: str, *, memory: Memory | None = None, is_read_only: bool = False) -> None:
        connect = partial(adbc_driver_postgresql.dbapi.connect, url, autocommit=True)
        self._locks: LockWatch | None = None
        self._seconds: float | None = None
        with self._explained():
            self._connection = connect()
        try:
            self._prepare(connect, memory, is_read_only=is_read_only)
        except BaseException:
            self._connection.close()
            raise
        self._sought: set[str] = set()
        """Tables of which a run seeks rows by an index, and the views that do so."""

    def _prepare(self, connect: Callable[[], Any], memory: Memory | None, *, is_read_only: bool) -> None:
        for setting, value in {**_SETTINGS, **_limits(memory)}.items():
            self._run(f"set {setting} = {value}")
        if is_read_only:
            self._run("set default_transaction_read_only = on")
        else:
            make_schema(self._statements, SCHEMA)
            self._locks = LockWatch(connect, self._rows("select pg_backend_pid() as pid")[0]["pid"])
        self._run(f"set search_path = {SCHEMA}")

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet, with its key and its indexes."""
        make_table(self._statements, table)
        if table.sought or table.sums:
            self._sought.add(table.name)

    def reshape(self, tables: Sequence[Table], views: Iterable[View]) -> None:
        """Give each of ``tables`` its declared columns and no rows, and define ``views``."""
        reshape(self._statements, tables, views, WORDS)
        self._sought |= {table.name for table in tables if table.sought or table.sums}

    def describe(self, table: Table, meaning: str, columns: Mapping[str, str]) -> None:
        """Say in the catalog what ``table`` is, and what its columns mean."""
        describe(self._statements, "table", f"{SCHEMA}.{table.name}", meaning, columns)

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""
        added = sum(self._ingest(table, batch) for batch in batches(rows) if batch.num_rows)
        if added >= _MANY:
            self._analyze(table)
        return added

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows of ``scope`` that ``select`` yields in the place of those that stand."""
        self.remove(table, scope)
        columns = ", ".join(table.column_names)
        body = rendered(select, WORDS, views)
        within = "" if scope is None else f" where {in_scope(table.unit, scope, 'made')}"
        with self._planned(is_whole=scope is None):
            made = self._counted(f"insert into {table.name} ({columns}) select {columns} from ({body}) as made{within}")
        if made >= _MANY:
            self._analyze(table)
        return made

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""
        if scope is None:
            self._run(f"delete from {table.name}")  # readers go on with what stands, which TRUNCATE would not let them
        else:
            self._run(f"delete from {table.name} where {in_scope(table.unit, scope, table.name)}")

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name`` until the connection closes; returns how many rows."""
        body, relations = rendered_with_relations(select, WORDS, views)
        with self._planned(is_whole=self._sought.isdisjoint(relations)):
            self._run(f"create temp table {name}_new as {body}")
        self._run(f"drop table if exists pg_temp.{name} cascade")
        self._run(f"alter table pg_temp.{name}_new rename to {name}")
        self._run(f"analyze pg_temp.{name}")
        return int(self.select(f"select count(*) as kept from {name}")["kept"][0].as_py())

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        """Hold ``rows``, which are outside, under ``name`` until the connection closes; returns how many."""
        self._run(f"drop table if exists pg_temp.{name} cascade")
        self._run(f"create temp table {name} as select {', '.join(table.column_names)} from {table.name} where false")
        held = self._ingest(table, rows, name) if rows.num_rows else 0
        self._run(f"analyze pg_temp.{name}")
        return held

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:
        """Let ``view`` stand for the rows of ``table`` whose columns ``by`` stand in ``scope``."""
        self._sought.add(view)
        within = " and ".join(f"s.{column} = t.{column}" for column in by)
        columns = ", ".join(f"t.{column}" for column in table.column_names)  # in the order of the declaration
        self.bind(
            view, f"select {columns} from {table.name} as t where exists (select 1 from {scope} as s where {within})"
        )

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` until the connection closes."""
        self._run(f"drop view if exists pg_temp.{name}")
        self._run(f"create temp view {name} as {select}")

    def define(self, view: View) -> None:
        """Let ``view`` stand for every reader, permanently; grants on it and views over it stay."""
        define(self._statements, view, WORDS)

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        body = rendered(select, WORDS, views, _spelled(parameters or {}))
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(body, list(given.values()) or None)
            return _with_wide_numbers(cursor.fetch_arrow_table())

    @contextmanager
    def reader(self, select: str) -> Iterator[pa.RecordBatchReader]:
        """As :meth:`select`, a part of the rows at a time."""
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(rendered(select, WORDS))
            came = cursor.fetch_record_batch()
            schema = _with_wide_numbers(came.schema.empty_table()).schema
            parts = (_with_wide_numbers(pa.Table.from_batches([part])) for part in came)
            yield pa.RecordBatchReader.from_batches(schema, (part for rows in parts for part in rows.to_batches()))

    def stop_after(self, seconds: float) -> None:
        """Let every statement from now on fail that takes longer; the server ends it."""
        self._seconds = seconds
        self._run(f"set statement_timeout = {round(seconds * 1000)}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens inside, or nothing; one at a time.

        :raises BusyError: if another process is inside one.
        :raises BlockedError: if a lock that a reader or an administrator holds is not released in time.
        """
        with self._watched():
            self._run("begin")
            try:
                self._claim()
                yield
                self._run("commit")
            except BaseException:
                self._run("rollback")
                raise

    def compact(self, copy: Path) -> bool:  # noqa: ARG002 - the protocol's
        """Rewrite every table; the server's own log is its administrator's."""
        own = "select table_name, table_type from information_schema.tables where table_schema = $schema"
        for row in self.select(own, parameters={"schema": SCHEMA}).to_pylist():
            if row["table_type"] == "BASE TABLE":
                self._run(f"vacuum (full) {SCHEMA}.{row['table_name']}")
        return False

    def size_bytes(self) -> int:
        """Of the whole database, indexes and all."""
        return int(self.select("select pg_database_size(current_database()) as size")["size"][0].as_py())

    def interrupt(self) -> None:
        """Nothing: a server has limits of its own for statements that nobody waits for."""

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()

    def _watched(self) -> AbstractContextManager[None]:
        return nullcontext() if self._locks is None else self._locks.watching()

    @contextmanager
    def _planned(self, *, is_whole: bool) -> Iterator[None]:
        """Keep the planner from nested loops in a statement that reads all rows of what it joins.

        It takes a step of a longer statement for a row or two where it cannot know better, and then compares each of
        ten thousand rows with each of ten thousand others.
        """
        if not is_whole:
            yield
            return
        self._run("set enable_nestloop = off")
        try:
            yield
        except BaseException:
            # A failed transaction accepts no statement, and its rollback restores the setting.
            with suppress(Error):
                self._run("set enable_nestloop = on")
            raise
        self._run("set enable_nestloop = on")

    def _claim(self) -> None:
        claimed = self.select(f"select pg_try_advisory_xact_lock({_RUN}) as claimed")["claimed"][0].as_py()
        if not claimed:
            raise BusyError(
                "Another process writes to the engine.", "Wait for it to finish, and run the command again."
            )

    def _ingest(self, table: Table, rows: pa.RecordBatch | pa.Table, held: str = "") -> int:
        """Add rows to ``table``, or to what is held under a name."""
        place = {"temporary": True} if held else {"db_schema_name": SCHEMA}
        with self._explained(), self._connection.cursor() as cursor:
            columns = rows.select(list(table.column_names))
            return int(cursor.adbc_ingest(held or table.name, columns, mode="append", **place))

    def _analyze(self, table: Table) -> None:
        """Collect statistics of a stored table, from a larger sample than a kept one's; not while it is vacuumed."""
        self._run(f"set default_statistics_target = {_STORED_SAMPLE}")
        self._run(f"analyze (skip_locked) {table.name}")
        self._run(f"set default_statistics_target = {_KEPT_SAMPLE}")

    @property
    def _statements(self) -> Statements:
        return Statements(self._run, self._rows)

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a statement in the server's own words."""
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(statement)
            found: list[dict[str, Any]] = cursor.fetch_arrow_table().to_pylist()
        return found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn driver errors that a person can fix into clear messages; all others pass unchanged."""
        try:
            yield
        except Error as error:
            if self._seconds is not None and error.sqlstate == _CANCELED:
                raise too_slow(self._seconds) from error
            explained = _in_words(error, self._locks.blocker if self._locks else "")
            if explained is None:
                raise
            raise explained from error

    def _run(self, statement: str) -> None:
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _counted(self, statement: str) -> int:
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)


def _with_wide_numbers(rows: pa.Table) -> pa.Table:
    """``rows`` with numbers where the driver gives the digits of wide ones as text."""
    for place, field in enumerate(rows.schema):
        if (field.metadata or {}).get(b"POSTGRESQL:typmod") == _WIDE_TYPMOD:
            digits = rows.column(place).cast(pa.string())
            rows = rows.set_column(place, field.name, digits.cast(pa.decimal128(38, 0)))
    return rows


def _limits(memory: Memory | None) -> dict[str, str]:
    """What goes to the server's disk: of a small allowance the sixteenth part, since a statement has many sorts."""
    share = _MOST_WORK_BYTES if memory is None else min(_MOST_WORK_BYTES, memory.engine_bytes // _SORTS)
    return {"work_mem": f"'{share // 1024}kB'"}


def _spelled(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Each parameter by its number and type, since the server does not guess; the driver cannot bind a NULL.

    >>> _spelled({"a": 7, "b": None, "c": "x"})
    {'a': 'CAST($1 AS BIGINT)', 'b': 'NULL', 'c': 'CAST($2 AS TEXT)'}
    """
    given = [name for name, value in parameters.items() if value is not None]
    numbered = {name: f"CAST(${number} AS {_VALUES[type(parameters[name])]})" for number, name in enumerate(given, 1)}
    return {name: numbered.get(name, "NULL") for name in parameters}


_VALUES = {str: "TEXT", bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE PRECISION", date: "DATE"}


def _in_words(error: Error, blocker: str) -> TouchlineError | None:
    """The driver's error, if it is one that a person can fix."""
    text = str(error).splitlines()[0]
    if any(lost in str(error) for lost in _LOST):
        return HomeError(f"The engine's server does not answer: {text}.", "Check TOUCHLINE_ENGINE.")
    if error.sqlstate == "55P03" and blocker:
        return BlockedError(
            f"A lock on the engine's server is held by {blocker}.",
            "Let that session end its transaction, or end the session with pg_terminate_backend.",
        )
    if error.sqlstate is None or error.sqlstate not in _IN_WORDS:
        return None
    kind, said, hint = _IN_WORDS[error.sqlstate]
    return kind(f"{said}: {text}.", hint)


_LOST = ("could not connect", "connection to server", "server closed the connection", "no connection to the server")
_LOCKED = BusyError, "Another process has locked the engine's tables", "Run it again later."
_CANNOT_WRITE = StorageError, "The engine's server cannot write", "Free some space there."
_IN_WORDS: Mapping[str, tuple[type[TouchlineError], str, str]] = {
    "42P01": (HomeError, "There are no numbers on the engine's server yet", "Run `touchline run`."),
    "42501": (
        HomeError,
        "The engine's server refuses",
        "Grant its user what docs/howto/run-on-postgresql-or-clickhouse.md lists.",
    ),
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "53200": (MemoryLimitError, "The engine's server ran out of memory", "Give it more."),
    "53100": _CANNOT_WRITE,
    "25006": _CANNOT_WRITE,
}
"""By SQLSTATE: the error, what is said before the server's own words, and what to do."""

"""DuckDB, the embedded default: one file, one owner, set at a time on every core."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from touchline.engines.compacting import write_compact
from touchline.engines.dialect import REMOVED, Words, bounded, in_scope, rendered, rendered_in
from touchline.engines.duckdb_rows import LARGE_SCOPE, SCHEMA, declared, found, insertion, listed, selection, stored
from touchline.engines.private import private_files
from touchline.engines.protocol import PART_ROWS, Arrow, Capabilities
from touchline.engines.spilling import release_folder, take_folder
from touchline.engines.stopping import interrupted_after
from touchline.errors import BusyError, HomeError, MemoryLimitError, StorageError, too_slow
from touchline.memory import LEAST_BYTES, VARIABLE, Memory
from touchline.table import Table
from touchline.view import PUBLIC, View

WORDS = Words(
    "duckdb",
    {
        "micros": "epoch_us({0})",
        "micros_between": "epoch_us({0}) - epoch_us({1})",
        "days_between": "{0} - {1}",
        "local_date": "cast(timezone({1}, timezone('UTC', {0})) as date)",
        "local_time": "timezone({1}, timezone('UTC', {0}))",
        "total": "cast(sum({0}) as decimal(38, 0))",
        "bounded": bounded("cast({0} as bigint)"),
        "quotient": "cast(cast({0} as hugeint) // cast({1} as hugeint) as decimal(38, 0))",
        "at_rate": (
            "cast((2 * cast({0} as hugeint) * {1} + case when {0} < 0 then -{2} else {2} end)"
            " // (2 * cast({2} as hugeint)) as decimal(38, 0))"
        ),
        "letters_of": f"regexp_replace(lower({{0}}), '{REMOVED}', '', 'g')",
    },
)
"""What the portable subset cannot say: microseconds since 1970, microseconds from the second time to the first, days
from the second date to the first, the date and the time that a clock in a time zone shows at a UTC time, a sum of
integers that no number of them overflows, what 64 bits hold of it, a whole quotient of integers of 128 bits, an amount
times one number by another, rounded half away from zero, and a text in lower case without the punctuation and spaces of
ASCII."""


_THERE = (
    "select table_schema, table_name, table_type from information_schema.tables"
    f" where table_schema in ('main', 'keyed', '{SCHEMA}') and table_catalog <> 'temp'"
)
"""Where this release keeps tables, and where earlier ones did."""

_SOUGHT = f"""
select table_name,
  string_agg(column_name, ', ' order by column_index) filter (data_type not in ('UHUGEINT', 'UINTEGER')) as columns
from duckdb_columns()
where schema_name = '{SCHEMA}'
group by table_name
having bool_or(data_type = 'UHUGEINT')
"""
"""The stored tables that have numbers, with their declared columns."""


class DuckDB:
    """An engine on a DuckDB file, or in memory where ``file`` is ``None``.

    What does not fit into its share of ``memory`` goes to files next to its own. ``None`` is DuckDB's own limit.

    :raises BusyError: if another process owns the file.
    :raises HomeError: if it is no DuckDB file.
    :raises StorageError: when the disk is full or failing.
    :raises MemoryLimitError: when a statement needs more memory than there may be.
    """

    layout = "keys and 24 bits of them, in a schema"
    can = Capabilities(increment=True, transactions=True)

    def __init__(self, file: Path | None = None, *, memory: Memory | None = None, is_read_only: bool = False) -> None:
        self._file = file
        self._memory = memory
        self._standing: dict[str, str] = {}
        self._kept: dict[str, int] = {}
        self._seconds: float | None = None
        self._spill = None if file is None else take_folder(file)
        try:
            self._connection = self._connected(is_read_only=is_read_only)
        except BaseException:
            self._release()
            raise

    def _connected(self, *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
        """A connection; all of one file in one process share its memory, its threads and its folder."""
        config: dict[str, str | bool | int | float | list[str]] = {}
        if self._spill is not None:
            config["temp_directory"] = str(self._spill)
        if self._memory is not None:
            config |= {"memory_limit": f"{self._memory.engine_bytes}B", "threads": self._memory.threads(_processors())}
        with self._at_work():
            connection = duckdb.connect(str(self._file or ":memory:"), read_only=is_read_only, config=config)
            connection.execute("set preserve_insertion_order = false")
            connection.execute("set timezone = 'UTC'")
            # A process of multiprocessing looks like a person at a prompt to it, who would like to see one in the log.
            connection.execute("set enable_progress_bar = false")
            _see_tables(connection, is_read_only=is_read_only)
        return connection

    def _release(self) -> None:
        if self._file is not None and self._spill is not None:
            release_folder(self._file)
            self._spill = None

    def _at_work(self) -> AbstractContextManager[None]:
        return _at_work(self._file, self._memory)

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet."""
        self._run(f"create table if not exists {stored(table)} ({declared(table)})")
        if table.sought:
            self._run(_seen(table.name, listed(table)))

    def reshape(self, tables: Sequence[Table], views: Iterable[View]) -> None:
        """Create each of ``tables`` again, empty, however an earlier release kept it, and define ``views``."""
        self._standing.clear()  # what stands on a table goes with it
        names = {table.name for table in tables}
        for row in self.select(_THERE).to_pylist():
            if row["table_name"] in names:
                kind = "view" if row["table_type"] == "VIEW" else "table"
                self._run(f"drop {kind} if exists {row['table_schema']}.{row['table_name']} cascade")
        for table in tables:
            self._run(f"drop view if exists temp.{table.name}")
            self.create(table)
        for view in views:
            self.define(view)

    def describe(self, table: Table, meaning: str, columns: Mapping[str, str]) -> None:
        """Say in the catalog what ``table`` is, and what its columns mean."""
        self._describe("table", stored(table), meaning, columns)

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""
        portions = [rows] if self._memory is None else _portions(rows, self._memory.engine_bytes * _PORTION)
        return sum(self._counted(insertion(table, "arrow_rows"), arrow_rows=portion) for portion in portions)

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows of ``scope`` that ``select`` yields in the place of those that stand."""
        self.remove(table, scope)
        within = "" if scope is None else f" where {in_scope(table.unit, scope, 'made')}"
        return self._counted(insertion(table, f"({rendered(select, WORDS, views)}) as made{within}"))

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""
        within = "" if scope is None else f" where {found(table, table.unit, scope, is_large=self._is_large(scope))}"
        self._run(f"delete from {stored(table)} as t{within}")

    def register(self, name: str, rows: pa.Table) -> None:
        """Let ``name`` stand for rows that live outside, until the connection closes; embedded engines alone can."""
        self._connection.register(name, rows)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name`` until the connection closes; returns how many rows."""
        self._kept[name] = self._counted(f"create or replace temp table {name} as {rendered(select, WORDS, views)}")
        return self._kept[name]

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        """Hold ``rows``, which are outside, under ``name`` until the connection closes; returns how many."""
        statement = f"create or replace temp table {name} as select {listed(table)} from arrow_rows"
        self._kept[name] = self._counted(statement, arrow_rows=rows)
        return self._kept[name]

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:
        """Let ``view`` stand for the rows of ``table`` whose columns ``by`` stand in ``scope``."""
        self.bind(view, selection(table, by, scope, is_large=self._is_large(scope)))

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` until the connection closes: a view, unless it made the same before."""
        if self._standing.get(name) != select:
            self._run(f"create or replace temp view {name} as {select}")
            self._standing[name] = select

    def define(self, view: View) -> None:
        """Let ``view`` stand for every reader, permanently."""
        name = f"{PUBLIC if view.is_public else 'main'}.{view.spelled}"
        self._run(f"create schema if not exists {PUBLIC}")
        self._run(f"create or replace view {name} as {rendered_in(SCHEMA, view.select, WORDS)}")
        self._describe("view", name, view.meaning, view.columns)

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""
        body = rendered(select, WORDS, views)
        with self._at_work(), self._stopped_in_time():
            return self._connection.sql(body, params=dict(parameters or {})).to_arrow_table()

    @contextmanager
    def reader(self, select: str) -> Iterator[pa.RecordBatchReader]:
        """As :meth:`select`, a part of the rows at a time."""
        with self._at_work(), self._stopped_in_time():
            yield self._connection.sql(rendered(select, WORDS)).to_arrow_reader(PART_ROWS)

    def stop_after(self, seconds: float) -> None:
        """Let every ``select`` from now on fail that takes longer."""
        self._seconds = seconds

    @contextmanager
    def _stopped_in_time(self) -> Iterator[None]:
        try:
            with interrupted_after(self._seconds, self.interrupt):
                yield
        except duckdb.InterruptException as error:
            if self._seconds is None:
                raise
            raise too_slow(self._seconds) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens inside, or nothing."""
        self._run("begin transaction")
        try:
            yield
            self._run("commit")
        except BaseException:
            self._standing.clear()
            with _quietly():
                self._connection.execute("rollback")
            raise

    def compact(self, copy: Path) -> bool:
        """Write what the file has to ``copy``, and nothing of removed rows."""
        with self._at_work():
            write_compact(self._connection, copy)
        return True

    def size_bytes(self) -> int:
        """Of the file and its log."""
        files = () if self._file is None else (self._file, self._file.with_name(f"{self._file.name}.wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def interrupt(self) -> None:
        """Let the statement that another thread runs fail; such as one that nobody waits for any more."""
        self._connection.interrupt()

    def close(self) -> None:
        """Let go of the files."""
        try:
            with self._at_work():
                self._connection.close()
        finally:
            self._release()

    def _is_large(self, scope: str) -> bool:
        return self._kept.get(scope, 0) >= LARGE_SCOPE

    def _describe(self, kind: str, name: str, meaning: str, columns: Mapping[str, str]) -> None:
        said = [f"comment on column {name}.{column} is {_quoted(text)}" for column, text in columns.items()]
        self._run("; ".join([f"comment on {kind} {name} is {_quoted(meaning)}", *said]))

    def _run(self, statement: str) -> None:
        with self._at_work():
            self._connection.execute(statement)

    def _counted(self, statement: str, **relations: Arrow) -> int:
        with self._at_work():
            for name, rows in relations.items():
                self._connection.register(name, rows)
            try:
                answer = self._connection.execute(statement).fetchone()
            finally:
                with _quietly():
                    for name in relations:
                        self._connection.unregister(name)
        return int(answer[0]) if answer else 0


def _see_tables(connection: duckdb.DuckDBPyConnection, *, is_read_only: bool) -> None:
    """Let bare names mean the tables first, and then the older views."""
    if not is_read_only:
        connection.execute(f"create schema if not exists {SCHEMA}")
    try:
        connection.execute(f"set search_path = '{SCHEMA},main'")
    except duckdb.CatalogException:  # a file of an earlier release, or one without a run, that is only read
        return
    connection.execute("; ".join(_seen(*sought) for sought in connection.execute(_SOUGHT).fetchall()))


def _seen(name: str, columns: str) -> str:
    """Lets the bare name of a table mean its declared columns, on one connection."""
    return f"create or replace temp view {name} as select {columns} from {SCHEMA}.{name}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_PORTION = 4
"""How many times as large as the engine's memory the rows may be that are sorted at once.

A sort of a dozen times its memory runs out of it while it merges. Rows of several portions lie together by portion, as
rows of several runs do.
"""


def _portions(rows: Arrow, most_bytes: int) -> Iterator[Arrow]:
    """``rows``, one after the other, in parts of about this many bytes, read on demand."""
    if not isinstance(rows, pa.RecordBatchReader):
        yield rows
        return
    batches, is_over = iter(rows), False

    def portion() -> Iterator[pa.RecordBatch]:
        nonlocal is_over
        taken = 0
        for batch in batches:
            yield batch
            taken += batch.nbytes
            if taken >= most_bytes:
                return
        is_over = True

    while not is_over:  # DuckDB reads, so that it says what is wrong with what it reads
        yield pa.RecordBatchReader.from_batches(rows.schema, portion())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _quietly() -> Iterator[None]:
    """After a failure inside a transaction the driver refuses to tidy up, and the failure is what matters."""
    try:
        yield
    except duckdb.Error:
        return


@contextmanager
def _at_work(file: Path | None, memory: Memory | None) -> Iterator[None]:
    """While DuckDB does something: it makes logs and spills as it goes, and no setting of it says for whom."""
    with nullcontext() if file is None else private_files(), _explained(file, memory):
        yield


_DISK_SIGNS = ("No space left", "Read-only file system", "Could not write", "Permission", "max_temp_directory_size")


@contextmanager
def _explained(file: Path | None, memory: Memory | None) -> Iterator[None]:
    """Turn driver errors that a person can fix into clear messages; all others pass unchanged."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error)
        if isinstance(error, duckdb.OutOfMemoryException) and "max_temp_directory_size" not in text:
            raise _too_little(memory) from error
        if "Conflicting lock" in text or "Could not set lock" in text:
            raise BusyError(
                f"Another process has locked {file}.",
                "Wait for it to finish, or stop it: the engine file can have only one owner.",
            ) from error
        if "disk image is malformed" in text:
            raise HomeError(
                "The engine cannot read the ledger: its file is damaged.",
                "Run `touchline doctor`, and restore the ledger from a backup.",
            ) from error
        if "not a valid DuckDB" in text:
            raise HomeError(
                f"{file} is not an engine file.",
                "Move it away and run `touchline run --rebuild`: all its data is derived.",
            ) from error
        if any(sign in text for sign in _DISK_SIGNS):
            raise StorageError(
                f"The engine cannot write {file}: {text.splitlines()[0]}",
                "Free some space (or fix the permissions) and run the command again; no partial data was written.",
            ) from error
        raise


def _too_little(memory: Memory | None) -> MemoryLimitError:
    if memory is None:
        return MemoryLimitError(
            "The engine needs more memory than is available.", "Free some memory, or request less data at once."
        )
    least = Memory(max(memory.total_bytes * 2, LEAST_BYTES))
    return MemoryLimitError(
        f"The engine ran out of the {memory} that {VARIABLE} allows.",
        f"Set {VARIABLE} to {least} or more and run the command again; no partial data was written.",
    )

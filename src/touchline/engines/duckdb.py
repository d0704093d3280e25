"""DuckDB, the embedded default: one file, one owner, set at a time on every core."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from touchline.engines.compacting import write_compact
from touchline.engines.dialect import Words, bounded, in_scope, rendered
from touchline.engines.private import private_files
from touchline.engines.protocol import Arrow, Capabilities
from touchline.engines.spilling import release_folder, take_folder
from touchline.errors import BusyError, HomeError, MemoryLimitError, StorageError
from touchline.memory import LEAST_BYTES, VARIABLE, Memory
from touchline.table import Column, Table

WORDS = Words(
    "duckdb",
    {
        "micros": "epoch_us({0})",
        "micros_between": "epoch_us({0}) - epoch_us({1})",
        "local_date": "cast(timezone({1}, timezone('UTC', {0})) as date)",
        "total": "cast(sum({0}) as decimal(38, 0))",
        "bounded": bounded("cast({0} as bigint)"),
    },
)
"""What the portable subset cannot say: microseconds since 1970, microseconds from the second time to the first, the
date that a clock in a time zone shows at a UTC time, and a sum of integers that no number of them
overflows, and what 64 bits hold of it."""

KEYED = "keyed"
"""The schema of the tables that have, in addition to the public columns, a number for each set that is sought.

The number is the MD5 of the columns' text, so that rows are found by comparing numbers. It has to be as good a name as
the text: DuckDB's own ``hash`` has too few bits for that, and gives other numbers after an upgrade.
"""


OWN_ROWS = 36_028_797_018_960_000
"""The first row number that DuckDB gives to what the open transaction has added.

Together with the numbers of existing rows, it makes their range so wide that the filter which DuckDB makes of them lets
twenty strangers through for every row.
"""


_THERE = (
    "select table_schema, table_name, table_type from information_schema.tables"
    f" where table_schema in ('main', '{KEYED}') and table_catalog <> 'temp'"
)


class DuckDB:
    """An engine on a DuckDB file, or in memory where ``file`` is ``None``.

    What does not fit into its share of ``memory`` goes to files next to its own. ``None`` is DuckDB's own limit.

    Raises :class:`BusyError` if another process owns the file, :class:`HomeError` if it is no DuckDB file,
    :class:`StorageError` when the disk is full or failing, and :class:`MemoryLimitError` when a statement needs more
    memory than there may be.
    """

    layout = "keys and 24 bits of them"
    can = Capabilities(increment=True, transactions=True)

    def __init__(self, file: Path | None = None, *, memory: Memory | None = None, is_read_only: bool = False) -> None:
        self._file = file
        self._memory = memory
        self._standing: dict[str, tuple[str, str]] = {}
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
        return connection

    def _release(self) -> None:
        if self._file is not None and self._spill is not None:
            release_folder(self._file)
            self._spill = None

    def _at_work(self) -> AbstractContextManager[None]:
        return _at_work(self._file, self._memory)

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet."""
        columns = [_declared(column) for column in table.columns]
        columns += [f"{_key(by)} UHUGEINT" for by in table.sought]
        columns += [f"{_prefix(by)} UINTEGER" for by in table.sought]
        if table.sought:
            self._run(f"create schema if not exists {KEYED}")
        self._run(f"create table if not exists {stored(table)} ({', '.join(columns)})")
        if table.sought:
            self._run(f"create view if not exists {table.name} as select {_listed(table)} from {stored(table)}")

    def drop(self, *tables: Table) -> None:
        """Forget those of ``tables`` that are there, in whatever way an earlier release kept them."""
        self._standing.clear()  # what stands on a table goes with it
        names = {table.name for table in tables}
        for row in self.select(_THERE).to_pylist():
            if row["table_name"] in names:
                kind = "view" if row["table_type"] == "VIEW" else "table"
                self._run(f"drop {kind} if exists {row['table_schema']}.{row['table_name']} cascade")

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""
        portions = [rows] if self._memory is None else _portions(rows, self._memory.engine_bytes * _PORTION)
        return sum(self._counted(_insert(table, "arrow_rows"), arrow_rows=portion) for portion in portions)

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows of ``scope`` that ``select`` yields in the place of those that stand."""
        self.remove(table, scope)
        within = "" if scope is None else f" where {in_scope(table.unit, scope, 'made')}"
        return self._counted(_insert(table, f"({rendered(select, WORDS, views)}) as made{within}"))

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""
        within = "" if scope is None else f" where {_found(table, table.unit, scope)}"
        self._run(f"delete from {stored(table)} as t{within}")

    def register(self, name: str, rows: pa.Table) -> None:
        """Let ``name`` stand for rows that live outside, until the connection closes; embedded engines alone can."""
        self._connection.register(name, rows)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name`` until the connection closes; returns how many rows."""
        return self._counted(f"create or replace temp table {name} as {rendered(select, WORDS, views)}")

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:
        """Let ``view`` stand for the rows of ``table`` whose columns ``by`` stand in ``scope``."""
        rows = f"select {_listed(table)} from {stored(table)} as t where"
        if by in table.sought:
            own = f"t.rowid >= {OWN_ROWS} and t.{_key(by)} in (select {_number(by)} from {scope})"
            rows += f" {_found(table, by, scope, among=f't.rowid < {OWN_ROWS}')} union all {rows} {own}"
        else:
            rows += f" {in_scope(by, scope, 't')}"
        self.bind(view, rows)

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` until the connection closes."""
        self._stand("temp view", name, select)

    def define(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` for every reader, permanently."""
        self._stand("view", name, rendered(select, WORDS))

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""
        body = rendered(select, WORDS, views)
        with self._at_work():
            return self._connection.sql(body, params=dict(parameters or {})).to_arrow_table()

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

    def _stand(self, kind: str, name: str, select: str) -> None:
        """Make a view, which takes a millisecond, unless this connection made the same before."""
        if self._standing.get(name) != (kind, select):
            self._run(f"create or replace {kind} {name} as {select}")
            self._standing[name] = kind, select

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


def stored(table: Table) -> str:
    """Where the rows of ``table`` lie; by its bare name one sees the declared columns alone.

    >>> from touchline.table import table
    >>> stored(table("visits", "text: id", key="id", sought="id")), stored(table("shops", "text: id", key="id"))
    ('keyed.visits', 'shops')
    """
    return f"{KEYED}.{table.name}" if table.sought else table.name


def _declared(column: Column) -> str:
    packed = " using compression uncompressed" if column.is_loose else ""
    return f"{column.name} {column.kind}{packed}{'' if column.is_nullable else ' not null'}"


def _key(by: tuple[str, ...]) -> str:
    """The column of the numbers.

    >>> _key(("site_id", "order_id"))
    'site_id_order_id_key'
    """
    return f"{'_'.join(by)}_key"


def _number(by: tuple[str, ...]) -> str:
    """The number of the columns ``by``, which are text; ``NULL`` where one is.

    Lengths keep ``a`` and ``bc`` apart from ``ab`` and ``c``.

    >>> _number(("site_id", "order_id"))
    "md5_number(length(site_id) || ':' || site_id || order_id)"
    """
    said = [*(f"length({column}) || ':' || {column}" for column in by[:-1]), by[-1]]
    return f"md5_number({' || '.join(said)})"


def _prefix(by: tuple[str, ...]) -> str:
    """The column of the numbers' first 24 bits.

    >>> _prefix(("site_id", "order_id"))
    'site_id_order_id_prefix'
    """
    return f"{'_'.join(by)}_prefix"


def _first_bits(number: str) -> str:
    return f"cast({number} >> 104 as uinteger)"


def _found(table: Table, by: tuple[str, ...], scope: str, *, among: str = "true") -> str:
    """The condition that the columns ``by`` of a row ``t`` stand in ``scope``; ``among`` says which rows to look at.

    First come the rows whose numbers begin alike: of a few bits DuckDB makes a filter that lets no stranger through, of
    whole numbers one that lets a hundredth of all rows through, whose text would be unpacked. Rows that begin alike lie
    side by side, so the few that are no more than alike cost nothing.
    """
    seeking = next((columns for columns in table.sought if {*columns} <= {*by}), None)
    if seeking is None:
        return in_scope(by, scope, "t")
    numbers = f"select {_number(seeking)} as number from {scope}"
    alike = f"t.{_prefix(seeking)} in (select {_first_bits('number')} from ({numbers}) as numbers)"
    near = f"select t.rowid from {stored(table)} as t where {among} and {alike}"
    found = f"t.rowid in ({near}) and t.{_key(seeking)} in ({numbers})"
    return found if seeking == by else f"{found} and {in_scope(by, scope, 't')}"


def _listed(table: Table) -> str:
    return ", ".join(table.column_names)


def _insert(table: Table, rows: str) -> str:
    """Insert ``rows`` in the order of what is sought first: what is sought together then lies together."""
    names = [*table.column_names, *map(_key, table.sought), *map(_prefix, table.sought)]
    numbers = [_number(by) for by in table.sought]
    values = [*table.column_names, *numbers, *map(_first_bits, numbers)]
    order = f" order by {len(table.columns) + 1}" if table.sought else ""
    return f"insert into {stored(table)} ({', '.join(names)}) select {', '.join(values)} from {rows}{order}"


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

"""DuckDB, the embedded default: one file, one owner, set at a time on every core."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from touchline.engines.dialect import Words, in_scope, rendered
from touchline.engines.protocol import Arrow
from touchline.errors import BusyError, HomeError, StorageError
from touchline.tables import Table

WORDS = Words(
    "duckdb",
    {
        "micros": "epoch_us({0})",
        "micros_between": "epoch_us({0}) - epoch_us({1})",
        "local_date": "cast(timezone({1}, timezone('UTC', {0})) as date)",
    },
)
"""What the portable subset cannot say: microseconds since 1970, microseconds from the second time to the first, and
the date that a clock in a time zone shows at a UTC time."""


class DuckDB:
    """An engine on a DuckDB file, or in memory where ``file`` is ``None``.

    Raises :class:`BusyError` if another process owns the file, :class:`HomeError` if it is no DuckDB file, and
    :class:`StorageError` when the disk is full or failing.
    """

    name = "duckdb"

    def __init__(self, file: Path | None = None, *, is_read_only: bool = False) -> None:
        self._file = file
        with _explained(file):
            self._connection = duckdb.connect(str(file or ":memory:"), read_only=is_read_only)
            self._connection.execute("set preserve_insertion_order = false")
            self._connection.execute("set timezone = 'UTC'")

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet."""
        columns = ", ".join(f"{c.name} {c.kind}{'' if c.is_nullable else ' not null'}" for c in table.columns)
        self._run(f"create table if not exists {table.name} ({columns})")

    def drop(self, table: Table) -> None:
        """Forget ``table`` where it is there."""
        self._run(f"drop table if exists {table.name} cascade")

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""
        columns = ", ".join(table.column_names)
        return self._counted(f"insert into {table.name} ({columns}) select {columns} from arrow_rows", arrow_rows=rows)

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows of ``scope`` that ``select`` yields in the place of those that stand."""
        self.remove(table, scope)
        columns = ", ".join(table.column_names)
        body = rendered(select, WORDS, views)
        within = "" if scope is None else f" where {in_scope(table, scope, 'made')}"
        return self._counted(f"insert into {table.name} ({columns}) select {columns} from ({body}) as made{within}")

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""
        if scope is None:
            self._run(f"delete from {table.name}")
            return
        self._run(f"delete from {table.name} where {in_scope(table, scope, table.name)}")

    def register(self, name: str, rows: pa.Table) -> None:
        """Let ``name`` stand for rows that live outside, until the connection closes; embedded engines alone can."""
        self._connection.register(name, rows)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name`` until the connection closes; returns how many rows."""
        return self._counted(f"create or replace temp table {name} as {rendered(select, WORDS, views)}")

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` until the connection closes."""
        self._run(f"create or replace temp view {name} as {select}")

    def define(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` for every reader, for good."""
        self._run(f"create or replace view {name} as {select}")

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""
        body = rendered(select, WORDS, views)
        with _explained(self._file):
            return self._connection.sql(body, params=dict(parameters or {})).to_arrow_table()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens inside, or nothing."""
        self._run("begin transaction")
        try:
            yield
            self._run("commit")
        except BaseException:
            with _quietly():
                self._connection.execute("rollback")
            raise

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()

    def _run(self, statement: str) -> None:
        with _explained(self._file):
            self._connection.execute(statement)

    def _counted(self, statement: str, **relations: Arrow) -> int:
        with _explained(self._file):
            for name, rows in relations.items():
                self._connection.register(name, rows)
            try:
                answer = self._connection.execute(statement).fetchone()
            finally:
                with _quietly():
                    for name in relations:
                        self._connection.unregister(name)
        return int(answer[0]) if answer else 0


@contextmanager
def _quietly() -> Iterator[None]:
    """After a failure inside a transaction the driver refuses to tidy up, and the failure is what matters."""
    try:
        yield
    except duckdb.Error:
        return


@contextmanager
def _explained(file: Path | None) -> Iterator[None]:
    """Driver errors that a person can mend, in a person's words; all others pass as they are."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error)
        if "Conflicting lock" in text or "Could not set lock" in text:
            raise BusyError(
                f"Another process holds {file}.", "Wait for it to end, or stop it: the engine file has one owner."
            ) from error
        if "disk image is malformed" in text:
            raise HomeError(
                "What the engine was to take over cannot be read: its file is damaged.",
                "Run `touchline doctor`, and restore the ledger from a backup.",
            ) from error
        if "not a valid DuckDB" in text:
            raise HomeError(
                f"{file} is no engine file.", "Move it away and run `touchline run --rebuild`: all of it is derived."
            ) from error
        if any(sign in text for sign in ("No space left", "Read-only file system", "Could not write", "Permission")):
            raise StorageError(
                f"The engine cannot write {file}: {text.splitlines()[0]}",
                "Free some space (or mend the permissions) and run the command again; nothing was half-written.",
            ) from error
        raise

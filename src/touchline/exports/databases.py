"""Tables of a database of the user's own: what an export made is replaced, and nothing else is touched.

``touchline_exports`` in that database lists what exports made there, with the columns of each. A table of another
origin is never written to. All tables of a command are written in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

import pyarrow as pa

from touchline.errors import UsageError
from touchline.exports.format import Rows, Written

LIST = "touchline_exports"
_LISTED = (
    f"create table if not exists {LIST} (table_name varchar(255) primary key, exported_at varchar(40) not null,"
    " row_count bigint not null, columns text not null)"
)


class Database(Protocol):
    """An open database, inside a transaction."""

    types: ClassVar[dict[str, str]]
    """By the Arrow type of a column, as text, what it is declared as."""

    def rows(self, sql: str, *values: str | int) -> Sequence[Sequence[Any]]:
        """Run a statement; ``?`` stands for a value."""

    listing: ClassVar[str]
    """Asks for the table or view of a name where an export would make it."""

    def ingest(self, name: str, rows: Rows) -> None:
        """Add rows to a table."""


OF_SCHEMA = "select 1 from information_schema.tables where table_schema = current_schema() and table_name = ?"
"""The ``listing`` of a database that has the schema of the SQL standard."""


@dataclass(frozen=True)
class Tables:
    """The sink of a database.

    :param prefix: before the names of tables.
    """

    database: Database
    prefix: str = ""

    def write(self, name: str, rows: Rows) -> Written:
        """Put the rows in the place of those of an earlier export.

        :raises UsageError: if no export made the table of this name.
        """
        table, database = f"{self.prefix}{name}", self.database
        columns = [f"{quoted(field.name)} {database.types[str(field.type)]}" for field in rows.schema]
        self._prepare(table, columns)
        counted = _Counted(rows)
        database.ingest(table, counted.reader)
        database.rows(f"delete from {LIST} where table_name = ?", table)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        database.rows(f"insert into {LIST} values (?, ?, ?, ?)", table, now, counted.rows, ", ".join(columns))
        return Written(table, counted.rows)

    def _prepare(self, table: str, columns: Sequence[str]) -> None:
        """An empty table with these columns."""
        database, made = self.database, f"create table {quoted(table)} ({', '.join(columns)})"
        database.rows(_LISTED)
        before = [row[0] for row in database.rows(f"select columns from {LIST} where table_name = ?", table)]
        if not database.rows(database.listing, table):
            database.rows(made)
        elif not before:
            raise UsageError(
                f"There is a table {table} that no export made.",
                "It is left as it is. Give --prefix for other names, such as --prefix touchline_.",
            )
        elif before == [", ".join(columns)]:
            database.rows(f"delete from {quoted(table)}")
        else:
            database.rows(f"drop table {quoted(table)}")
            database.rows(made)


class _Counted:
    """Rows on their way, counted."""

    def __init__(self, rows: Rows) -> None:
        self.rows = 0
        self.reader = pa.RecordBatchReader.from_batches(rows.schema, map(self._count, rows))

    def _count(self, part: pa.RecordBatch) -> pa.RecordBatch:
        self.rows += part.num_rows
        return part


def quoted(name: str) -> str:
    """A name in SQL.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'

"""ClickHouse: the river's tables past one machine, through its HTTP server, or in this process (chdb) for tests."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import clickhouse_connect
import pyarrow as pa
from sqlglot import exp

from touchline.engines.clickhouse_errors import explained
from touchline.engines.clickhouse_system import size_of, tables_of
from touchline.engines.dialect import REMOVED, Words, bounded, in_scope, rendered
from touchline.engines.protocol import Arrow, Capabilities, batches
from touchline.memory import Memory
from touchline.table import Column, Kind, Table
from touchline.view import PUBLIC, View

WORDS = Words(
    "clickhouse",
    {
        "micros": "toUnixTimestamp64Micro({0})",
        "micros_between": "toUnixTimestamp64Micro({0}) - toUnixTimestamp64Micro({1})",
        "days_between": "dateDiff('day', {1}, {0})",
        "local_date": "toDate32(left(toString({0}, {1}), 10))",
        "local_time": "toDateTime64(toString({0}, {1}), 6, 'UTC')",
        "total": "sum(toDecimal128({0}, 0))",
        "bounded": bounded("toInt64({0})"),
        "quotient": "toDecimal128(intDiv(toInt256({0}), toInt256({1})), 0)",
        "at_rate": (
            "toDecimal128(intDiv(2 * toInt256({0}) * {1} + case when {0} < 0 then -{2} else {2} end,"
            " 2 * toInt256({2})), 0)"
        ),
        "letters_of": f"replaceRegexpAll(lower({{0}}), '{REMOVED}', '')",
    },
    {
        exp.DType.TIMESTAMP: "DateTime64(6, 'UTC')",
        exp.DType.TIMESTAMPNTZ: "DateTime64(6, 'UTC')",
        exp.DType.DATE: "Date32",
    },
)
"""As in :mod:`touchline.engines.duckdb`, with times to the microsecond in UTC and dates past 2149; a time zone that
differs from row to row is known to ``toString`` alone."""

_TYPES = {
    Kind.TEXT: "String",
    Kind.INTEGER: "Int64",
    Kind.WIDE: "Decimal(38, 0)",
    Kind.BOOLEAN: "Bool",
    Kind.TIMESTAMP: "DateTime64(6, 'UTC')",
    Kind.DATE: "Date32",
    Kind.DOUBLE: "Float64",
}

DATABASE = "river"

_FOR_READERS = (
    "settings join_use_nulls = 1, prefer_column_name_to_alias = 1, allow_nonconst_timezone_arguments = 1,"
    " union_default_mode = 'DISTINCT'"
)
"""What a view needs of :data:`_SETTINGS`; its readers have other ones."""

LEFT_AFTER_SECONDS = 24 * 60 * 60
"""How long nothing has changed in the database of a run that counts as dead."""

_SETTINGS = {
    "join_use_nulls": 1,  # an outer join's missing side is NULL, not 0 and ''
    "union_default_mode": "DISTINCT",
    "prefer_column_name_to_alias": 1,  # sum(x) as x means the sum of the column
    "allow_nonconst_timezone_arguments": 1,
    "allow_experimental_correlated_subqueries": 1,
    "lightweight_deletes_sync": 2,  # a statement sees what the one before it removed
    "mutations_sync": 2,
}


class ClickHouse:
    """An engine on a ClickHouse server.

    It has no transactions: what a run that is cut off has written stands, and the next run makes everything again. Nor
    has it temporary tables that views could read: what a run holds lies in a database of that run's own, which goes
    when the run ends. Where a run died, a later one drops it.

    :param url: ``clickhouse://user:password@host:8123/database``, ``clickhouses://…`` over TLS; ``chdb:///folder`` or
        ``chdb://`` (in memory) for the engine in this process. Where no database is named it is ``river``.
    :param memory: how much a run may hold; each statement on the server keeps to the engine's share of it.
    :param is_read_only: whether nothing is to be written.
    :raises HomeError: if the server cannot be reached or refuses.
    """

    layout = ""
    can = Capabilities(increment=True, transactions=False)

    def __init__(self, url: str, *, memory: Memory | None = None, is_read_only: bool = False) -> None:
        self._held: set[str] = set()
        self._kept: dict[str, int] = {}
        self._bench: str | None = None
        self._is_read_only = is_read_only
        self._seconds: float | None = None
        settings = {**_SETTINGS, **_limits(memory)}
        parts = urlsplit(url)
        is_embedded = parts.scheme == "chdb"
        self._database = DATABASE if is_embedded else parts.path.strip("/") or DATABASE
        with explained():
            if is_embedded:
                self._client = clickhouse_connect.get_client(
                    interface="chdb", path=parts.path or None, settings=settings
                )
            else:
                self._client = clickhouse_connect.get_client(dsn=parts._replace(path="").geturl(), settings=settings)
        if not is_read_only:
            self._run(f"create database if not exists {self._database}")
        self._client.database = self._database

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet, in the order of its unit."""
        columns = ", ".join(f"{column.name} {_type(column)}" for column in table.columns)
        order = ", ".join(dict.fromkeys((*table.unit, *table.key)))
        self._run(
            f"create table if not exists {self._stored(table)} ({columns}) engine = MergeTree order by ({order})"
            " settings allow_nullable_key = 1"
        )

    def reshape(self, tables: Sequence[Table], views: Iterable[View]) -> None:
        """Create each of ``tables`` again, empty, and define ``views``."""
        self._run(f"drop table if exists {', '.join(map(self._stored, tables))}")
        for table in tables:
            self.create(table)
        for view in views:
            self.define(view)

    def describe(self, table: Table, meaning: str, columns: Mapping[str, str]) -> None:
        """Say in the catalog what ``table`` is, and what its columns mean."""
        self._describe(self._stored(table), meaning, columns)

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""
        return self._insert(table, rows, table.name, self._database)

    def _insert(self, table: Table, rows: Arrow, name: str, database: str) -> int:
        added = 0
        for batch in filter(len, batches(rows)):
            _refuse_nulls(table, batch)
            columns = pa.Table.from_batches([batch]).select(list(table.column_names))
            with explained():
                self._client.insert_arrow(name, columns, database=database)
            added += batch.num_rows
        return added

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows of ``scope`` that ``select`` yields in the place of those that stand."""
        if scope is not None and not self._rows_of(scope):
            return 0  # what changed nothing would be worked out all the same, and at length
        self._clear(table, scope)
        columns = ", ".join(table.column_names)
        body = self._rendered(select, views)
        within = "" if scope is None else f" where {in_scope(table.unit, self._placed(scope), 'made')}"
        before = 0 if scope is None else self._count(self._stored(table))
        self._run(f"insert into {self._stored(table)} ({columns}) select {columns} from ({body}) as made{within}")
        return self._count(self._stored(table)) - before

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""
        if scope is None or self._rows_of(scope):
            self._clear(table, scope)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name`` until the run ends; returns how many rows."""
        body = self._rendered(select, views)
        self._run(f"create or replace table {self._own()}.{name} engine = Memory as {body}")
        self._held.add(name)
        self._kept[name] = self._count(self._placed(name))
        return self._kept[name]

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        """Hold ``rows``, which are outside, under ``name`` until the run ends; returns how many."""
        self.keep(name, f"select {', '.join(table.column_names)} from {table.name} where 1 = 0")
        self._kept[name] = self._insert(table, rows, name, self._own())
        return self._kept[name]

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:
        """Let ``view`` stand for the rows of ``table`` whose columns ``by`` stand in ``scope``."""
        self.bind(view, f"select t.* from {table.name} as t where {in_scope(by, scope, 't')}")

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` until the run ends."""
        body = self._rendered(select)
        self._run(f"create or replace view {self._own()}.{name} as {body}")
        self._held.add(name)

    def define(self, view: View) -> None:
        """Let ``view`` stand for every reader, permanently."""
        database = self._public if view.is_public else self._database
        self._run(f"create database if not exists {database}")
        self._run(f"create or replace view {database}.{view.name} as {self._rendered(view.select)} {_FOR_READERS}")
        self._describe(f"{database}.{view.name}", view.meaning, view.columns)

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""
        body = self._rendered(select, views, _spelled(parameters or {}))
        with explained(self._seconds):
            return _without_zones(self._client.query_arrow(body, parameters=dict(parameters or {})))

    @contextmanager
    def reader(self, select: str) -> Iterator[pa.RecordBatchReader]:
        """As :meth:`select`, a part of the rows at a time."""
        body = self._rendered(select)
        with explained(self._seconds), self._client.query_arrow_stream(body) as came:
            first = next(came, None)
            if first is None:  # a stream without rows has no columns either
                yield self.select(select).to_reader()
                return
            tables = (_without_zones(pa.Table.from_batches([part])) for part in chain([first], came))
            head = next(tables)
            parts = (part for rows in chain([head], tables) for part in rows.to_batches())
            yield pa.RecordBatchReader.from_batches(head.schema, parts)

    def stop_after(self, seconds: float) -> None:
        """Let every statement from now on fail that takes longer; the server ends it."""
        self._seconds = seconds
        self._client.set_client_setting("max_execution_time", seconds)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What happens inside is one run; there is no way back."""
        if not self._is_read_only:
            self._drop_left()
        try:
            yield
        except BaseException:
            with suppress(Exception):  # the failure is what matters, and a later run drops what is left
                self._forget()
            raise
        self._forget()

    def compact(self, copy: Path) -> bool:  # noqa: ARG002 - the protocol's
        """Rewrite every table; the server deletes the parts that were replaced some minutes later."""
        for name in tables_of(self._client, self._database):
            self._run(f"optimize table {self._database}.{name} final")
        return False

    def size_bytes(self) -> int:
        """Of all its tables."""
        return size_of(self._client, self._database)

    def interrupt(self) -> None:
        """Nothing: a server has limits of its own for statements that nobody waits for."""

    def close(self) -> None:
        """Forget what was kept and bound, and let go of the server."""
        try:
            self._forget()
        finally:
            self._client.close()

    def _own(self) -> str:
        """The database with what this run holds; its name tells when it was made."""
        if self._bench is None:
            made_at = self._client.query("select toUnixTimestamp(now())").result_rows[0][0]
            name = f"{self._database}_run_{made_at}_{uuid4().hex}"
            self._run(f"create database {name} comment '{_OF_RUN}'")
            self._bench = self._client.database = name
        return self._bench

    def _forget(self) -> None:
        """Drop what the run holds."""
        bench, self._bench, self._client.database = self._bench, None, self._database
        self._held.clear()
        self._kept.clear()
        if bench is not None:
            self._run(f"drop database if exists {bench}")

    def _drop_left(self) -> None:
        """Drop what runs held that are dead by now; a run in progress keeps making tables."""
        left = _LEFT.format(prefix=f"{self._database}_run_", seconds=LEFT_AFTER_SECONDS)
        for (name,) in self._client.query(left).result_rows:
            self._run(f"drop database if exists {name}")

    def _describe(self, name: str, meaning: str, columns: Mapping[str, str]) -> None:
        said = [f"comment column {column} {_quoted(text)}" for column, text in columns.items()]
        self._run(f"alter table {name} {', '.join([f'modify comment {_quoted(meaning)}', *said])}")

    @property
    def _public(self) -> str:
        """The database of the views that people query; each database of tables has its own."""
        return PUBLIC if self._database == DATABASE else f"{self._database}_{PUBLIC}"

    def _stored(self, table: Table) -> str:
        return f"{self._database}.{table.name}"

    def _placed(self, relation: str) -> str:
        """``relation`` with the database that it is in: what is held stands before what is stored."""
        return f"{self._bench if relation in self._held else self._database}.{relation}"

    def _rendered(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None
    ) -> str:
        """``select`` in ClickHouse's words.

        What is stored is named with its database, which is the same for every run, and what is held is found in the
        default one: so the text of a statement that was rendered before serves again.
        """
        seen = {name: (views or {}).get(name, name) for name in _words_of(select)}
        placed = {name: held if held in self._held else f"{self._database}.{held}" for name, held in seen.items()}
        return rendered(select, WORDS, placed, parameters)

    def _clear(self, table: Table, scope: str | None) -> None:
        if scope is None:
            self._run(f"truncate table {self._stored(table)}")
        else:
            within = in_scope(table.unit, self._placed(scope), table.name)
            self._run(f"delete from {self._stored(table)} where {within}")

    def _rows_of(self, scope: str) -> int:
        """What is kept does not change, and was counted."""
        return self._kept[scope] if scope in self._kept else self._count(self._placed(scope))

    def _count(self, name: str) -> int:
        return int(self._client.query(f"select count() from {name}").result_rows[0][0])

    def _run(self, statement: str) -> None:
        with explained():
            self._client.command(statement)


@lru_cache(maxsize=512)
def _words_of(select: str) -> frozenset[str]:
    """The words of a statement: what it reads is among them, and to find out which takes as long as translating it."""
    return frozenset(re.findall(r"\w+", select))


_OF_RUN = "What a run of Touchline holds"

_LEFT = f"""
select d.name
from system.databases as d
left join (select database, max(metadata_modification_time) as changed_at from system.tables group by database) as t
  on t.database = d.name
where startsWith(d.name, '{{prefix}}') and d.comment = '{_OF_RUN}'
  and greatest(toUInt32OrZero(splitByChar('_', d.name)[-2]), coalesce(toUnixTimestamp(t.changed_at), 0))
    < toUnixTimestamp(now()) - {{seconds}}
"""
"""The databases of runs in which nothing has changed for so long."""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _limits(memory: Memory | None) -> dict[str, int]:
    """What a statement may hold, and when it goes to the server's disk instead: joins do so automatically, at half."""
    if memory is None:
        return {}
    half = memory.engine_bytes // 2
    return {
        "max_memory_usage": memory.engine_bytes,
        "max_bytes_before_external_group_by": half,
        "max_bytes_before_external_sort": half,
    }


def _type(column: Column) -> str:
    plain = _TYPES[column.kind]
    return f"Nullable({plain})" if column.is_nullable else plain


def _refuse_nulls(table: Table, rows: pa.RecordBatch) -> None:
    """The server would put 0 and '' in the place of NULL without a word."""
    for column in table.columns:
        if not column.is_nullable and rows[column.name].null_count:
            raise ValueError(f"{table.name}.{column.name} may not be NULL.")


def _spelled(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Each parameter by its name and type.

    >>> _spelled({"a": 7, "b": None})
    {'a': '{a: Int64}', 'b': 'NULL'}
    """
    return {name: "NULL" if v is None else f"{{{name}: {_VALUES[type(v)]}}}" for name, v in parameters.items()}


_VALUES = {str: "String", bool: "Bool", int: "Int64", float: "Float64", date: "Date32"}


def _without_zones(rows: pa.Table) -> pa.Table:
    """Times as every engine gives them: UTC, and no zone attached."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            rows = rows.set_column(index, field.name, rows.column(index).cast(pa.timestamp("us")))
    return rows

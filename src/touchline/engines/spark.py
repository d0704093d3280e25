"""Spark, and what speaks its protocol (Spark Connect): the river's tables as Parquet, on many machines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from sqlglot import exp

from touchline.engines.dialect import REMOVED, Words, bounded, rendered_with_relations
from touchline.engines.protocol import PART_ROWS, Arrow, Capabilities
from touchline.engines.spark_client import AnalysisException, DataFrame, SparkSession, session_at, streamed
from touchline.engines.spark_errors import MARK, explained, is_lost, is_missing
from touchline.engines.spark_rows import TYPES, WIDE, parts, without_zones
from touchline.engines.spark_versions import PLACES, Standing, Version, free_folder, version_of
from touchline.engines.stopping import interrupted_after
from touchline.errors import HomeError, UsageError
from touchline.memory import Memory
from touchline.table import Table
from touchline.view import PUBLIC, View

_REMOVED = REMOVED.replace("@[-", r"@\\[-")


def _exact(dividend: str, divisor: str) -> str:
    """A whole quotient where a division of decimals is rounded: what remains is taken away before."""
    return f"cast(({dividend} - mod({dividend}, {divisor})) / {divisor} as {WIDE})"


WORDS = Words(
    "spark",
    {
        "micros": "unix_micros({0})",
        "micros_between": "unix_micros({0}) - unix_micros({1})",
        "days_between": "datediff({0}, {1})",
        "local_date": "to_date(from_utc_timestamp({0}, {1}))",
        "local_time": "from_utc_timestamp({0}, {1})",
        "total": f"cast(sum(cast({{0}} as {WIDE})) as {WIDE})",
        "bounded": bounded("cast({0} as bigint)"),
        "quotient": _exact(f"cast({{0}} as {WIDE})", f"cast({{1}} as {WIDE})"),
        "at_rate": _exact(
            f"(2 * cast({{0}} as {WIDE}) * {{1}} + case when {{0}} < 0 then -{{2}} else {{2}} end)",
            f"(2 * cast({{2}} as {WIDE}))",
        ),
        "letters_of": f"regexp_replace(lower({{0}}), '{_REMOVED}', '')",
    },
    {exp.DType.TIMESTAMP: "TIMESTAMP", exp.DType.TIMESTAMPNTZ: "TIMESTAMP"},
    are_names_first=True,
)
"""As in :mod:`touchline.engines.duckdb`; the session's clock is UTC, so that times have one meaning."""

_TABLES = "tables="
"""The part of the URL that says where the tables are kept."""
_SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "false"}
_CATALOG = ("information_schema.tables", "information_schema.views")
_VERSION = "number bigint, content string"


class Spark:
    """An engine on a server of Spark Connect.

    It keeps tables and runs statements; which units changed, no run can ask it for, so that every run is a rebuild. A
    run writes new folders and publishes them together (:mod:`touchline.engines.spark_versions`).

    :param url: ``sc://host:15002/;tables=s3a://bucket/touchline``: the folder must be one that every worker sees. What
        else is written there is Spark's, such as ``token=…`` and ``use_ssl=true``.
    :param memory: nothing here: the server's executors have limits of their own.
    :param is_read_only: whether nothing is to be written.
    :raises UsageError: if the URL names no folder.
    :raises HomeError: if the server cannot be reached.
    """

    layout = "versions"
    can = Capabilities(increment=False, transactions=True)

    def __init__(self, url: str, *, memory: Memory | None = None, is_read_only: bool = False) -> None:  # noqa: ARG002
        server, self._folder = _parts_of(url)
        self._is_read_only = is_read_only
        self._seconds: float | None = None
        self._is_inside = False
        self._seen: dict[str, object] = {}
        self._server = server
        self._session = self._begun()
        self._older = self._published = self._now = Version()
        self._made: set[str] = set()
        self._current()

    def _begun(self) -> SparkSession:
        """A session with the settings that statements need, and a mark of it."""
        with explained():
            session = session_at(self._server, _SETTINGS)
            session.sql("select 1 as stands").createOrReplaceTempView(MARK)
        return session

    def _begin_again(self) -> None:
        """Take a new session for one that the server has lost."""
        self.close()
        self._session = self._begun()
        self._seen.clear()

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet."""
        with self._at_once():
            if table.name not in self._now.tables:
                self._now = self._now.with_table(table)

    def reshape(self, tables: Sequence[Table], views: Iterable[View]) -> None:
        """Create each of ``tables`` again, empty, and define ``views``."""
        with self._at_once():
            for table in tables:
                self._now = self._now.with_table(table)
            for view in views:
                self.define(view)

    def describe(self, table: Table, meaning: str, columns: Mapping[str, str]) -> None:
        """Say nothing: files have no catalog."""

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""
        added = 0
        with self._at_once():
            self.create(table)
            for part in parts(table, rows):
                standing = self._now.tables[table.name].folders
                begun = next((folder for folder in standing if folder in self._made), None)
                folder = begun or self._new_folder(table)
                with explained():
                    self._write(self._session.createDataFrame(part), folder, is_new=begun is None)
                if begun is None:
                    self._now = self._now.with_table(table, (*standing, folder))
                self._seen.pop(table.name, None)
                added += part.num_rows
        return added

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows that ``select`` yields in the place of all that stand."""
        _refuse(scope)
        columns = ", ".join(f"cast({c.name} as {TYPES[c.kind]}) as {c.name}" for c in table.columns)
        with self._at_once():
            body, folder = self._rendered(select, views), self._new_folder(table)
            with explained():
                self._write(self._session.sql(f"select {columns} from ({body}) as made"), folder, is_new=True)
            self._now = self._now.with_table(table, (folder,))
            return self._counted(table)

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away all rows."""
        _refuse(scope)
        with self._at_once():
            if table.name not in self._now.tables or self._now.tables[table.name].folders:
                self._now = self._now.with_table(table)

    def define(self, view: View) -> None:
        """Let ``view`` stand for every reader, permanently."""
        with self._at_once():
            self._now = self._now.with_view(view.name, view.select, is_public=view.is_public)

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""
        self._current()
        body = self._rendered(select, views, {name: f":{name}" for name in parameters or {}})
        with explained(self._seconds), interrupted_after(self._seconds, self.interrupt):
            return without_zones(self._session.sql(body, args=dict(parameters or {})).toArrow())

    @contextmanager
    def reader(self, select: str) -> Iterator[pa.RecordBatchReader]:
        """As :meth:`select`, a part of the rows at a time, as the server sends them."""
        self._current()
        body = self._rendered(select)
        with explained(self._seconds), interrupted_after(self._seconds, self.interrupt):
            schema, came = streamed(self._session.sql(body))
            head = without_zones(schema.empty_table())
            batches = (batch for rows in came for batch in without_zones(rows).to_batches(PART_ROWS))
            yield pa.RecordBatchReader.from_batches(head.schema, batches)

    def stop_after(self, seconds: float) -> None:
        """Let every ``select`` from now on fail that takes longer."""
        self._seconds = seconds

    def transaction(self) -> AbstractContextManager[None]:
        """All of what happens inside, or nothing: it is published at the end."""
        return self._at_once()

    def compact(self, copy: Path) -> bool:  # noqa: ARG002 - the protocol's
        """Empty the folders that only the version before the last one has."""
        self._current()
        gone, self._older = self._older.folders - self._published.folders, self._published
        self._prune(gone)
        return False

    def size_bytes(self) -> int:
        """Of the files of the tables that are read now; 0 where the server does not say how large files are."""
        sizes = "select distinct _metadata.file_path as path, _metadata.file_size as size from parquet"
        files = [f"{sizes}.`{self._path(folder)}`" for folder in sorted(self._current().folders)]
        if not files:
            return 0
        try:
            with explained():
                answer = self._session.sql(f"select sum(size) as size from ({' union '.join(files)}) as f").toArrow()
        except AnalysisException:
            return 0
        return int(answer["size"][0].as_py() or 0)

    def interrupt(self) -> None:
        """Let the statements that run fail."""
        with suppress(Exception):
            self._session.interruptAll()

    def close(self) -> None:
        """Let go of the server."""
        with suppress(Exception):
            self._session.stop()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """What happens inside becomes one version; a block inside another one is a part of it."""
        if self._is_inside:
            yield
            return
        self._current()
        self._is_inside = True
        try:
            yield
            if self._now != self._published:
                self._publish()
        except BaseException as error:
            self._now = self._published
            if not isinstance(error, HomeError):  # a later run writes to these folders again
                with suppress(Exception):
                    self._prune(self._made - self._published.folders)
            raise
        finally:
            self._is_inside = False
            self._made.clear()

    def _publish(self) -> None:
        """Let the version be the one that is read, and keep the one before for those who read it now."""
        new = replace(self._now, number=self._published.number + 1)
        gone = (self._older.folders | self._made) - self._published.folders - new.folders
        with explained():
            row = pa.table({"number": [new.number], "content": [new.text]})
            self._write(self._marked(self._session.createDataFrame(row)), new.place, is_new=True)
        self._older, self._published, self._now = self._published, new, new
        self._prune(gone)

    def _prune(self, folders: Iterable[str]) -> None:
        """Leave no rows in folders: Spark removes files where it writes others in their place."""
        for folder in sorted(folders):
            with explained():
                self._write(self._session.sql("select 1 as nothing where 1 = 0"), folder, is_new=True)

    def _current(self) -> Version:
        """The version that is read: inside a transaction its own, else the last one that was published."""
        if not self._is_inside:
            try:
                versions = [*self._found()]
            except Exception as error:
                if not is_lost(error):
                    raise
                self._begin_again()
                versions = [*self._found()]
            found = sorted(versions, key=lambda version: version.number)
            if found and found[-1].number != self._published.number:
                self._older, self._published = found[-2] if len(found) > 1 else Version(), found[-1]
                self._now = self._published
        return self._now

    def _found(self) -> Iterator[Version]:
        """The versions that are written; one that is being replaced may be missing."""
        for place in PLACES:
            try:
                with explained():
                    rows = self._marked(self._session.read.schema(_VERSION).parquet(self._path(place))).toArrow()
            except Exception as error:
                if is_lost(error) or not is_missing(error):
                    raise
            else:
                yield from (version_of(text) for text in rows["content"].to_pylist())

    def _marked(self, version: DataFrame) -> DataFrame:
        """The same, or an error where the session is not the one that was begun.

        Sail gives a client that comes back to a server that was started again a session without settings and views,
        and says nothing. So no version is read in such a session, nor written after a run that went on in one.
        """
        return version.crossJoin(self._session.table(MARK)).drop("stands")

    def _new_folder(self, table: Table) -> str:
        """A folder that no version has; what a run that died left there goes when it is written to."""
        taken = self._older.folders | self._published.folders | self._now.folders | self._made
        folder = free_folder(table, taken)
        self._made.add(folder)
        return folder

    def _write(self, frame: DataFrame, folder: str, *, is_new: bool) -> None:
        frame.write.mode("overwrite" if is_new else "append").parquet(self._path(folder))

    def _path(self, folder: str) -> str:
        return f"{self._folder}/{folder}"

    def _rendered(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None
    ) -> str:
        """``select`` in Spark's words; what it reads is shown to the session first."""
        for catalog in _CATALOG:
            select = select.replace(catalog, catalog.replace(".", "_"))
        body, relations = rendered_with_relations(select, WORDS, views, parameters)
        with explained():
            for name in relations:
                self._show(name)
        return body

    def _show(self, name: str) -> None:
        """Let the session know a table, a view or the catalog by its name, as it is in this version."""
        if name in self._now.tables:
            standing: Any = self._now.tables[name]
            if self._seen.get(name) != standing:
                self._frame(standing).createOrReplaceTempView(name)
                self._seen[name] = standing
        elif name in self._now.views:
            body = self._rendered(self._now.views[name].select)
            self._session.sql(body).createOrReplaceTempView(name)
        elif name in {catalog.replace(".", "_") for catalog in _CATALOG}:
            self._session.createDataFrame(self._catalog(name)).createOrReplaceTempView(name)

    def _catalog(self, name: str) -> pa.Table:
        """The names of tables, or of views, as databases with a catalog list them."""
        if name.endswith("tables"):
            listed = [("river", table) for table in self._now.tables]
        else:
            listed = [(PUBLIC if view.is_public else "river", name) for name, view in self._now.views.items()]
        schemas, names = ([row[place] for row in listed] for place in (0, 1))
        return pa.table({"table_schema": pa.array(schemas, pa.string()), "table_name": pa.array(names, pa.string())})

    def _frame(self, standing: Standing) -> DataFrame:
        columns = standing.declared
        if not standing.folders:
            nothing = ", ".join(f"cast(null as {TYPES[column.kind]}) as {column.name}" for column in columns)
            return self._session.sql(f"select {nothing} where 1 = 0")
        declared = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in columns)
        return self._session.read.schema(declared).parquet(*map(self._path, standing.folders))

    def _counted(self, table: Table) -> int:
        """The rows of a table.

        :raises ValueError: if a column is NULL that may not be.
        """
        self._show(table.name)
        required = [column.name for column in table.columns if not column.is_nullable]
        nulls = ", ".join(f"count(*) - count({name}) as {name}" for name in required)
        with explained():
            answer = self._session.sql(f"select count(*) as rows_of_it{', ' * bool(nulls)}{nulls} from {table.name}")
            [counts] = answer.toArrow().to_pylist()
        empty = [name for name in required if counts[name]]
        if empty:
            raise ValueError(f"{table.name}.{empty[0]} may not be NULL.")
        return int(counts["rows_of_it"])


def _parts_of(url: str) -> tuple[str, str]:
    """The server's URL as Spark's client takes it, and the folder of the tables."""
    parts = urlsplit(url)
    given = [one for one in parts.path.lstrip("/").split(";") if one]
    folders = [one.removeprefix(_TABLES) for one in given if one.startswith(_TABLES)]
    if len(folders) != 1 or not folders[0].strip("/"):
        raise UsageError(
            "TOUCHLINE_ENGINE does not say in which folder Spark keeps the tables.",
            "Write, for example, sc://host:15002/;tables=s3a://bucket/touchline, a folder that every worker sees.",
        )
    others = "".join(f";{one}" for one in given if not one.startswith(_TABLES))
    return f"{parts.scheme}://{parts.netloc}/{others}", folders[0].rstrip("/")


def _refuse(scope: str | None) -> None:
    if scope is not None:
        raise NotImplementedError("This engine replaces whole tables alone.")

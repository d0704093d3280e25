"""The tables that the capture library's SQL recorders keep in somebody else's database: read, never written.

They are read in chunks, each in a statement of its own. One long reading would keep the writers of a SQLite file
waiting, and PostgreSQL from cleaning up. What is written meanwhile may be missed, and comes with the next import.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, Column, Connection, Engine, MetaData, Select, create_engine, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError
from sqlalchemy.pool import NullPool

from attribution_campaign_context.recorders.tables import Tables
from touchline.errors import InputError

Row = Mapping[str, Any]
CHUNK = 5_000
"""Rows that are read at a time."""
_NO_VALUES = (ValueError, TypeError, OverflowError, DataError)
"""What the drivers raise for a value that is none of its column's type: no JSON, or no time that Python knows."""


class Unreadable(NamedTuple):
    """A row of which some value cannot be read."""

    id: str
    message: str


class Captured:
    """One open database with the capture library's tables in it; made by :func:`captured`.

    A touch is of its own tenant, and a link of its touch's; where that touch is gone, of its subject's.
    """

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._touches, self._links = tables.touches, tables.links

    def tenants(self) -> list[str]:
        """Whose touches there are; ``""`` is the tenant of an app that has none."""
        tenant = self._touches.c.tenant_id
        return list(self._connection.scalars(select(tenant).distinct().order_by(tenant)))

    def count(self, tenant: str) -> int:
        """How many rows :meth:`touches` and :meth:`conversions` have."""
        parts = (self._touches_of(tenant), self._conversions_of(tenant))
        counted = (select(func.count()).select_from(part.subquery()) for part in parts)
        return sum(int(self._connection.scalar(one) or 0) for one in counted)

    def touches(self, tenant: str) -> Iterator[Row | Unreadable]:
        """Every touch of a tenant, by id, as the columns of ``attribution_touches``."""
        return self._rows(self._touches_of(tenant), self._touches.c.id)

    def conversions(self, tenant: str) -> Iterator[Row | Unreadable]:
        """Every link of the relation ``conversion``, by id: its columns, and whose its touch was.

        ``known_touch_id``, ``visitor_id`` and ``session_id`` are ``None`` where the touch is gone.
        """
        return self._rows(self._conversions_of(tenant), self._links.c.id)

    def _touches_of(self, tenant: str) -> Select[Any]:
        return select(self._touches).where(self._touches.c.tenant_id == tenant)

    def _conversions_of(self, tenant: str) -> Select[Any]:
        touches, links = self._touches, self._links
        whose = (touches.c.id.label("known_touch_id"), touches.c.visitor_id, touches.c.session_id)
        return (
            select(links, *whose)
            .outerjoin(touches, touches.c.id == links.c.touch_id)
            .where(
                links.c.relation == "conversion",
                func.coalesce(touches.c.tenant_id, links.c.subject_tenant_id, "") == tenant,
            )
        )

    def _rows(self, chosen: Select[Any], key: Column[Any]) -> Iterator[Row | Unreadable]:
        last: str | None = None
        while True:
            following = (chosen if last is None else chosen.where(key > last)).order_by(key).limit(CHUNK)
            rows = self._chunk(following, chosen, key)
            yield from rows
            if len(rows) < CHUNK:
                return
            last = rows[-1].id if isinstance(rows[-1], Unreadable) else rows[-1]["id"]

    def _chunk(self, following: Select[Any], chosen: Select[Any], key: Column[Any]) -> Sequence[Row | Unreadable]:
        """Its rows; one by one where a value of one cannot be read, so that the others can."""
        try:
            return self._read(following)
        except _NO_VALUES:
            return [self._one(chosen, key, name) for name in self._connection.scalars(following.with_only_columns(key))]

    def _one(self, chosen: Select[Any], key: Column[Any], name: str) -> Row | Unreadable:
        try:
            found = self._read(chosen.where(key == name))
        except _NO_VALUES as error:
            return Unreadable(name, " ".join(str(getattr(error, "orig", None) or error).split()))
        return found[0] if found else Unreadable(name, "it was deleted meanwhile")

    def _read(self, statement: Select[Any]) -> Sequence[Row]:
        return [dict(row) for row in self._connection.execute(statement).mappings()]


@contextmanager
def captured(place: str, *, prefix: str = "", schema: str | None = None) -> Iterator[Captured]:
    """Open a database of SQLite (a file, or its URL) or PostgreSQL for reading.

    ``place`` may name the driver that the app itself uses (``postgresql+asyncpg://``); ours is used in its place.
    ``prefix`` and ``schema`` are those that the app gave its ``Tables``.

    :raises InputError: if there is no such database, it cannot be read, or nothing was ever captured there.
    """
    url = _url(place)
    tables = Tables.make(MetaData(schema=schema), prefix)
    with _explained(url):
        engine = _engine(url)
        try:
            with engine.connect() as connection:
                _check(connection, tables, _name(url))
                yield Captured(connection, tables)
        finally:
            engine.dispose()


def _url(place: str) -> URL:
    if "://" not in place:
        return URL.create("sqlite", database=place)
    try:
        return make_url(place)
    except (ArgumentError, ValueError) as error:
        # Not with its text: a URL that cannot be read may have a password anywhere.
        raise InputError("The database's URL cannot be read.", "Expected postgresql://user@host/database.") from error


def _engine(url: URL) -> Engine:
    kind = url.get_backend_name()
    if kind == "sqlite":
        file = Path(url.database or "")
        if not file.is_file():
            raise InputError(f"There is no database {file}.", "Name the file that the app's recorder writes to.")
        reading = f"file:{quote(str(file))}?mode=ro"
        return create_engine("sqlite://", creator=lambda: _opened(reading), poolclass=NullPool)
    if kind != "postgresql":
        raise InputError(f"Expected a database of SQLite or PostgreSQL, got {kind}.", "The recorders know these two.")
    options = {"connect_timeout": 10, "application_name": "touchline"}
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"), connect_args=options, poolclass=NullPool, hide_parameters=True,
            isolation_level="AUTOCOMMIT",
        )  # fmt: skip
    except ModuleNotFoundError as error:
        raise InputError(
            f"The touches are in PostgreSQL, and {error.name} is not installed.", "Install touchline[postgres]."
        ) from error


def _opened(uri: str) -> sqlite3.Connection:
    """A connection that reads text which is no UTF-8, too: its row is refused later, where the others are not."""
    connection = sqlite3.connect(uri, uri=True)
    connection.text_factory = lambda text: text.decode(errors="surrogateescape")
    return connection


def _check(connection: Connection, tables: Tables, name: str) -> None:
    found = inspect(connection)
    for table in (tables.touches, tables.links):
        if not found.has_table(table.name, schema=table.schema):
            raise InputError(
                f"There is no table {table.fullname} in {name}.",
                "Name the database of the app's SQL recorder; where its tables have a prefix or a schema, that too.",
            )


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        words = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        words = words.replace(str(url.password), "***") if url.password else words
        raise InputError(f"{_name(url)} cannot be read: {words}", "Nothing was imported.") from error


def _name(url: URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)

"""Bringing the tables to the schema of this release, for apps that do not have their own Alembic do it.

Steps go forward only, are numbered from 1, and are applied in one transaction while others wait. The standing
version is kept in ``attribution_schema``. A released step is never edited; a change is another step.
"""

from collections.abc import Callable, Sequence
from zlib import crc32

from sqlalchemy import Connection, inspect, select, text, update
from sqlalchemy.schema import CreateTable

from attribution_campaign_context.recorders.statements import inserting
from attribution_campaign_context.recorders.tables import Tables

Step = Callable[[Connection, Tables], None]

_NAME = "schema"


def _first(connection: Connection, tables: Tables) -> None:
    """Version 1: the tables of release 1.0."""
    later = (tables.versions, tables.sendings)
    tables.metadata.create_all(connection, tables=[table for table in tables.all if table not in later])


def _sendings(connection: Connection, tables: Tables) -> None:
    """Version 2: what waits to be sent to Touchline."""
    tables.metadata.create_all(connection, tables=[tables.sendings])


STEPS: tuple[Step, ...] = (_first, _sendings)
"""In order; the number of a step is the version that it leads to."""


class SchemaError(RuntimeError):
    """The tables that stand are none that this release can take over."""


def upgrade(connection: Connection, tables: Tables, steps: Sequence[Step] = STEPS) -> int:
    """Apply the steps that are missing, in the connection's transaction; returns the version before.

    Twice changes nothing. Several processes may call it at once; all but one wait.

    :raises SchemaError: if the tables were made by a newer release, or by somebody else.
    """
    _wait_for_others(connection, tables)
    standing = _standing(connection, tables)
    if standing > len(steps):
        raise SchemaError(
            f"Expected attribution tables of version {len(steps)} at most, but they have version {standing}. "
            "Install the release of attribution-campaign-context that made it, or a newer one."
        )
    if standing == 0:
        _expect_nothing(connection, tables)
    for step in steps[standing:]:
        step(connection, tables)
    if standing < len(steps):
        connection.execute(update(tables.versions).where(tables.versions.c.name == _NAME).values(version=len(steps)))
    return standing


def _wait_for_others(connection: Connection, tables: Tables) -> None:
    """Until the transaction ends nobody else upgrades: by a lock on PostgreSQL, by the write lock on SQLite."""
    if connection.dialect.name == "postgresql":
        key = crc32(tables.versions.fullname.encode())
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})
    connection.execute(CreateTable(tables.versions, if_not_exists=True))  # looking first would be a race
    insert = inserting(connection, tables.versions).values(name=_NAME, version=0)
    connection.execute(insert.on_conflict_do_nothing(index_elements=[tables.versions.c.name]))


def _standing(connection: Connection, tables: Tables) -> int:
    version: int = connection.scalars(select(tables.versions.c.version).where(tables.versions.c.name == _NAME)).one()
    return version


def _expect_nothing(connection: Connection, tables: Tables) -> None:
    found = set(inspect(connection).get_table_names(schema=tables.metadata.schema))
    there = sorted(table.name for table in tables.all if table is not tables.versions and table.name in found)
    if there:
        raise SchemaError(
            f"Expected no attribution tables without a version, but there are {', '.join(there)}. "
            "Let what made them (the app's own Alembic?) go on making them, or choose another prefix."
        )

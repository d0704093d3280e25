"""Statements that several modules of the SQL recorders make, for SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from attribution_campaign_context.recorders.rows import Row
from attribution_campaign_context.subjects import SubjectRef


def names_subject(table: Table, subject: SubjectRef) -> ColumnElement[bool]:
    """Whether a row of links or of the outbox is about the subject."""
    return and_(
        table.c.subject_id == subject.subject_id,
        table.c.subject_resource == subject.resource,
        table.c.subject_tenant_id.is_not_distinct_from(subject.tenant_id),
    )


def claimed(connection: Connection, due: Select[Any]) -> Select[Any]:
    """The ids that ``due`` selects, for the condition of a ``DELETE``; on PostgreSQL no two writers get the same.

    There it is a common table expression, which runs once whatever the plan. On SQLite it is a subquery, because
    Python's driver begins a transaction only before a statement that starts with ``DELETE``, not ``WITH``; a deletion
    without one would be committed before what follows it.
    """
    if connection.dialect.name != "postgresql":
        return due
    return select(due.with_for_update(skip_locked=True).cte("due").c.id)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> set[str]:
    """Insert the rows whose id is not there; returns the ids of those. What stands first stays."""
    if not rows:
        return set()
    insert = inserting(connection, table).on_conflict_do_nothing(index_elements=[table.c.id]).returning(table.c.id)
    return set(connection.scalars(insert, sorted(rows, key=lambda row: str(row["id"]))))


def formatted(table: Table, vendor: str) -> tuple[SQLCompiler, Dialect]:
    """The insert of one row whose id is not there, with ``%s`` for values, and the dialect that it is written in."""
    insert = _inserting(vendor, table).on_conflict_do_nothing(index_elements=[table.c.id])
    dialect: Dialect = (postgresql if vendor == "postgresql" else sqlite).dialect(paramstyle="format")
    compiled = insert.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what an insert is compiled to
    return compiled, dialect


def inserting(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An insert that may say what happens on conflict.

    :raises ValueError: on another database than SQLite or PostgreSQL.
    """
    return _inserting(connection.dialect.name, table)


def _inserting(name: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    if name == "postgresql":
        return postgresql.insert(table)
    if name == "sqlite":
        return sqlite.insert(table)
    raise ValueError(f"Expected SQLite or PostgreSQL, but the database is {name}. Keep touches in one of the two.")

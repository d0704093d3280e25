"""The tables of the SQL recorders, as SQLAlchemy Core metadata. Needs the extra ``sqlalchemy``."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import JSON, Column, DateTime, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC: ``timestamptz`` on PostgreSQL, sortable text on SQLite. A time without a zone is taken for UTC.

    >>> UtcTime().process_result_value(datetime(2026, 1, 31, 12), None).isoformat()
    '2026-01-31T12:00:00+00:00'
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect | None) -> datetime | None:
        """In UTC; without the zone where the database keeps none."""
        if value is None:
            return None
        moment = in_utc(value)
        return moment.replace(tzinfo=None) if dialect is not None and dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect | None) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """In UTC, with the zone."""
        return None if value is None else in_utc(value)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is taken for UTC.

    >>> in_utc(datetime(2026, 1, 31, 12)).tzname()
    'UTC'
    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@dataclass(frozen=True)
class Tables:
    """The tables of one set, each a SQLAlchemy Core table.

    There is no foreign key: a touch may be deleted, or kept elsewhere, while a link still names it.

    >>> Tables.make(prefix="app_").touches.name
    'app_attribution_touches'
    """

    touches: Table
    """Append-only; grain: one touch."""
    links: Table
    """Append-only; grain: one link of a touch to a subject."""
    visitors: Table
    """Derived from the touches; grain: one visitor of a tenant."""
    sessions: Table
    """Derived from the touches; grain: one session of a tenant."""
    outbox: Table
    """Links that a business transaction has asked for and nobody has written yet; grain: one link."""
    sendings: Table
    """Touches and conversions that Touchline has not been sent yet; grain: one event. Empty where nothing is sent."""
    versions: Table
    """Which schema the set has; used by :mod:`~attribution_campaign_context.recorders.migrations` alone."""

    @classmethod
    def make(cls, metadata: MetaData | None = None, prefix: str = "") -> Self:
        """The tables, in ``metadata`` (for an app whose own Alembic makes them) or in one of their own.

        ``prefix`` stands before every name. A schema is ``MetaData(schema=…)``.
        """
        into = MetaData() if metadata is None else metadata
        made = cls(*(Table(f"{prefix}{name}", into, *columns()) for name, columns in _MADE.items()))
        _add_indexes(made)
        return made

    @property
    def metadata(self) -> MetaData:
        """What the tables are declared in."""
        return self.touches.metadata

    @property
    def all(self) -> tuple[Table, ...]:
        """Every table of the set."""
        return tuple(getattr(self, field.name) for field in fields(self))


# In PostgreSQL ids are compared by code point, as SQLite and Python do, so that ties of time are broken alike.
_ID = String().with_variant(String(collation="C"), "postgresql")


def _id(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, _ID, primary_key=key, nullable=not key)


def _text(name: str) -> Column[Any]:
    return Column(name, Text)


def _time(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, UtcTime, nullable=not required)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _touches() -> list[Column[Any]]:
    return [
        _id("id", key=True), Column("tenant_id", _ID, nullable=False), _id("visitor_id"), _id("session_id"),
        _text("utm_source"), _text("utm_medium"), _text("utm_campaign"), _text("utm_term"), _text("utm_content"),
        _text("utm_id"), _json("click_ids"), _text("landing_path"), _text("landing_url"), _text("referer"),
        _text("user_agent_hash"), _text("ip_hash"), _json("raw_params"), _time("created_at", required=True),
        _time("expires_at"),
    ]  # fmt: skip


def _links() -> list[Column[Any]]:
    return [
        _id("id", key=True), Column("touch_id", _ID, nullable=False), Column("subject_resource", Text, nullable=False),
        Column("subject_id", Text, nullable=False), Column("relation", Text, nullable=False), _text("subject_table"),
        _text("subject_pk_type"), _text("subject_tenant_id"), _json("snapshot"), _time("created_at", required=True),
    ]  # fmt: skip


def _visitors() -> list[Column[Any]]:
    return [
        _id("tenant_id", key=True), _id("visitor_id", key=True), _id("first_touch_id"), _id("last_touch_id"),
        _time("created_at", required=True), _time("last_seen_at", required=True), _json("metadata"),
    ]  # fmt: skip


def _sessions() -> list[Column[Any]]:
    return [
        _id("tenant_id", key=True), _id("session_id", key=True), _id("visitor_id"), _id("first_touch_id"),
        _id("last_touch_id"), _time("started_at", required=True), _time("last_seen_at", required=True),
        _time("expires_at", required=True), _json("metadata"),
    ]  # fmt: skip


def _outbox() -> list[Column[Any]]:
    return [
        _id("id", key=True), Column("touch_id", _ID, nullable=False), Column("subject_resource", Text, nullable=False),
        Column("subject_id", Text, nullable=False), _text("subject_tenant_id"), _json("payload"),
        _time("enqueued_at", required=True), Column("attempts", Integer, nullable=False), _text("last_error"),
        _time("next_attempt_at", required=True), _time("failed_at"),
    ]  # fmt: skip


def _sendings() -> list[Column[Any]]:
    return [
        _id("id", key=True), Column("touch_id", _ID, nullable=False), _id("link_id"), _text("user_agent"),
        _time("enqueued_at", required=True), Column("attempts", Integer, nullable=False), _text("last_error"),
        _time("next_attempt_at", required=True), _time("failed_at"),
    ]  # fmt: skip


def _versions() -> list[Column[Any]]:
    return [Column("name", String(32), primary_key=True), Column("version", Integer, nullable=False)]


_MADE = {
    "attribution_touches": _touches,
    "attribution_subject_links": _links,
    "attribution_visitors": _visitors,
    "attribution_sessions": _sessions,
    "attribution_outbox": _outbox,
    "attribution_sendings": _sendings,
    "attribution_schema": _versions,
}


def _add_indexes(tables: Tables) -> None:
    for table, names in (
        (tables.touches, ("tenant_id", "visitor_id", "created_at", "id")),
        (tables.touches, ("tenant_id", "session_id", "created_at", "id")),
        (tables.touches, ("expires_at",)),
        (tables.links, ("touch_id",)),
        (tables.links, ("subject_id", "subject_resource", "subject_tenant_id")),
        (tables.sessions, ("tenant_id", "visitor_id")),
        (tables.outbox, ("failed_at", "next_attempt_at")),
        (tables.outbox, ("touch_id",)),
        (tables.sendings, ("failed_at", "next_attempt_at")),
        (tables.sendings, ("touch_id",)),
    ):
        Index(f"ix_{table.name}_{names[min(len(names) - 1, 1)]}", *(table.c[name] for name in names))

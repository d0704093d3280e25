"""What the columns of the ledger's tables are made of, on SQLite and PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, String, text
from sqlalchemy.types import TypeEngine

from touchline.table import Kind
from touchline.tracking_event import EventField

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of the ledger."""

Sequence = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only an ``INTEGER PRIMARY KEY``."""


Text = String().with_variant(String(collation="C"), "postgresql")
"""Sorted by its bytes everywhere, whatever the server's locale is or becomes."""


def text_column(name: str, **options: object) -> "Column[str]":
    """A text that is not null."""
    return Column(name, Text, **{"nullable": False, **options})  # type: ignore[arg-type]


def micros_column(name: str, *, nullable: bool = False) -> "Column[int]":
    """A time in microseconds since 1970 (UTC), or money in micros."""
    return Column(name, BigInteger, nullable=nullable)


_OF_KIND: Mapping[Kind, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    Kind.TEXT: Text, Kind.INTEGER: BigInteger, Kind.TIMESTAMP: BigInteger, Kind.BOOLEAN: Boolean,
}  # fmt: skip


def event_column(field: EventField) -> "Column[Any]":
    """An event's field as a column; what holds of an event unless it is denied is what old rows are taken to say."""
    default = text("true") if field.default is True else None
    return Column(field.name, _OF_KIND[field.kind], nullable=field.is_nullable, server_default=default)

"""A ledger with rows in every table that the schema declares, and what it holds as plain values."""

import random
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, Table, delete, insert, select, update
from sqlalchemy.engine import Engine

from tests.ledger.events import COLUMNS, event
from touchline.ledger import Ledger, schema
from touchline.ledger.opening import store_at

ROWS = 6
_OF_KEY = 2
"""Rows of ``secrets`` that each ledger has."""
_MONTH = 31 * 86_400_000_000
Contents = dict[str, list[tuple[Any, ...]]]


def filled(place: Path | str, rows: int = ROWS) -> None:
    """Make a ledger at ``place`` that has ``rows`` rows in each table."""
    with closing(Ledger.create(place)) as ledger:
        for number in range(rows):
            add_event(ledger, number)
        with ledger._store.engine.begin() as connection:
            for table in schema.METADATA.sorted_tables:
                if table is not schema.TRACKING_EVENTS:
                    standing = _OF_KEY if table is schema.SECRETS else 0
                    added = [row_of(table, number) for number in range(rows - standing)]
                    if added:
                        connection.execute(insert(table), added)


def add_event(ledger: Ledger, number: int) -> int:
    """An event by its number, every second one under an id without order; returns how many are new."""
    random_id = str(UUID(int=random.Random(number).getrandbits(128), version=4))
    name = random_id if number % 2 else f"event-{number:06}"
    received_at = 1_700_000_000_000_000 + number % 3 * _MONTH
    row = event(name, received_at=received_at, is_verified=bool(number % 5), title=f"Tür {number}", value_micros=number)
    with ledger.transaction() as entry:
        return entry.add_events(COLUMNS, [row]).accepted


def row_of(table: Table, number: int) -> dict[str, Any]:
    """A row of any table; what it refers to has the same number."""
    return {
        column.name: _value(column, number)
        for column in table.columns
        if not (column.primary_key and table.dialect_options["sqlite"]["autoincrement"])
    }


def _value(column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return number + 1 if isinstance(column.type, Integer) else _value(key.column, number)
    for kind, value in _OF_KIND.items():
        if isinstance(column.type, kind):
            return value(number)
    if column.nullable and number % 3 == 0:
        return None
    return f"{column.table.name}.{column.name} {number} “é”"


_OF_KIND: dict[type, Callable[[int], Any]] = {
    Boolean: lambda number: bool(number % 2),
    Date: lambda number: date(2026, 1, 1) + timedelta(days=number),
    Float: lambda number: number + 0.1,
    Integer: lambda number: 1_000 + number,
}


def change(engine: Engine, chance: random.Random) -> None:
    """Change and remove some rows of tables that nothing else refers to, and change some of the others."""
    tables = schema.METADATA.sorted_tables
    parents = {key.column.table.name for table in tables for key in table.foreign_keys}
    kept = schema.TRACKING_EVENTS, schema.SECRETS  # without its key, no ledger opens
    table = chance.choice([one for one in tables if one not in kept])
    with engine.begin() as connection:
        keys = _keys(connection, table)
        if not keys:
            return
        where = [column == value for column, value in zip(table.primary_key.columns, chance.choice(keys), strict=True)]
        if table.name not in parents and chance.random() < 0.5:
            connection.execute(delete(table).where(*where))
            return
        free = [column for column in table.columns if not column.primary_key and not column.foreign_keys]
        if free:
            column = chance.choice(free)
            connection.execute(update(table).where(*where).values({column: _value(column, chance.randrange(10**6))}))


def _keys(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
    columns = list(table.primary_key.columns)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def held(place: Path | str) -> Contents:
    """All rows of all tables, whether or not the ledger was moved."""
    store = store_at(place)
    try:
        with store.engine.connect() as connection:
            return {
                table.name: [
                    tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                ]
                for table in schema.METADATA.sorted_tables
            }
    finally:
        store.engine.dispose()

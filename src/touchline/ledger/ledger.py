"""The ledger: one object through which everything that was told to us is written and read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from touchline.errors import HomeError
from touchline.ledger import feed, migrate, schema
from touchline.ledger.connection import connected, explained
from touchline.ledger.erasures import Erasing

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Appended:
    """What became of some accepted events: new ones, repeated ids, and of these the ones that say something else."""

    accepted: int
    duplicate: int
    conflicting: int


class Ledger:
    """The ledger in ``file`` (SQLite in WAL mode, ``synchronous = FULL``).

    :raises HomeError: if there is no such file, or it is no ledger.
    :raises BusyError: if another process holds it for too long.
    :raises StorageError: if the disk is full, read-only or failing.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise HomeError(f"There is no ledger at {file}.", "Run `touchline init` there, or set TOUCHLINE_HOME.")
        self._file = file
        with explained(file):
            self._engine = connected(file)
            migrate.upgrade(self._engine)

    @classmethod
    def create(cls, file: Path) -> "Ledger":
        """A new, empty ledger."""
        with explained(file):
            file.touch(mode=0o600)
        return cls(file)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator["Entry"]:
        """Write inside it: all of it is committed at its end, or nothing."""
        with explained(self._file), self._engine.begin() as connection:
            yield Entry(connection)

    def rows(self, table: Table, *, limit: int | None = None, **where: Any) -> list[Row]:
        """The (first) rows of ``table`` in which the given columns have the given values, by primary key."""
        statement = select(table).order_by(*table.primary_key.columns).limit(limit)
        for name, value in where.items():
            statement = statement.where(table.c[name] == value)
        with explained(self._file), self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def counts(self, table: Table, column: str) -> dict[str, int]:
        """How many rows ``table`` has of each value of ``column``."""
        statement = select(table.c[column], func.count()).group_by(table.c[column]).order_by(table.c[column])
        with explained(self._file), self._engine.connect() as connection:
            return {str(value): count for value, count in connection.execute(statement)}

    def damage(self) -> str:
        """What SQLite finds wrong with the file; ``""`` is nothing."""
        with explained(self._file), self._engine.connect() as connection:
            found = [" ".join(str(row[0]).split()) for row in connection.exec_driver_sql("pragma quick_check(1)")]
        return "" if found == ["ok"] else "; ".join(found)

    def events_after(self, sequence: int) -> pa.RecordBatchReader:
        """Accepted events after ``sequence``, in chunks."""
        return feed.events_after(self._file, sequence)

    def cost_rows_after(self, load_number: int) -> pa.RecordBatchReader:
        """Ad costs of the loads after ``load_number``, in chunks."""
        return feed.cost_rows_after(self._file, load_number)

    def erased_after(self, tombstone: int) -> pa.RecordBatchReader:
        """The numbers of erased events after ``tombstone``, in chunks."""
        return feed.erased_after(self._file, tombstone)

    def settle(self) -> None:
        """Carry what is committed from the log into the file itself, so that no trace of erased rows waits there."""
        with explained(self._file), self._engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)").fetchall()


class Entry:
    """What one transaction writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, table: Table, **values: Any) -> int:
        """Add one row; returns its primary key where it is a number."""
        key = self._connection.execute(insert(table).values(**values)).inserted_primary_key
        return int(key[0]) if key and isinstance(key[0], int) else 0

    def put(self, table: Table, **values: Any) -> None:
        """Add one row, or replace the one with its primary key."""
        statement = upsert(table).values(**values)
        changed = {name: value for name, value in values.items() if not table.c[name].primary_key}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)
        )

    def change(self, table: Table, where: Row, **values: Any) -> int:
        """Change the rows in which the columns of ``where`` have its values; returns how many."""
        statement = update(table).values(**values)
        for name, value in where.items():
            statement = statement.where(table.c[name] == value)
        return self._connection.execute(statement).rowcount

    def remove(self, table: Table, **where: Any) -> int:
        """Remove the rows in which the given columns have the given values; returns how many."""
        statement = delete(table)
        for name, value in where.items():
            statement = statement.where(table.c[name] == value)
        return self._connection.execute(statement).rowcount

    def add_many(self, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows given as tuples in the order of ``columns``."""
        if rows:
            self._insert(upsert(table), columns, rows)

    def replaced_cost_days(self, load_number: int) -> int:
        """How many days of a platform's account this load says anew: an earlier load of its source knew them, too."""
        loads, rows = schema.AD_COST_LOADS, schema.AD_COST_ROWS
        earlier, known = loads.alias(), rows.alias()
        said_again = (
            select(rows.c.platform, rows.c.account_id, rows.c.cost_date)
            .distinct()
            .join(loads, loads.c.load_number == rows.c.load_number)
            .join(
                earlier,
                (earlier.c.organization_id == loads.c.organization_id)
                & (earlier.c.source == loads.c.source)
                & (earlier.c.load_number < loads.c.load_number),
            )
            .join(
                known,
                (known.c.load_number == earlier.c.load_number)
                & (known.c.platform == rows.c.platform)
                & (known.c.account_id == rows.c.account_id)
                & (known.c.cost_date == rows.c.cost_date),
            )
            .where(rows.c.load_number == load_number)
        )
        return int(self._connection.execute(select(func.count()).select_from(said_again.subquery())).scalar_one())

    def add_events(self, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Appended:
        """Add accepted events; an id that the site already has is a duplicate, and the first one stands."""
        if not rows:
            return Appended(0, 0, 0)
        accepted = self._insert(upsert(schema.TRACKING_EVENTS).on_conflict_do_nothing(), columns, rows)
        duplicate = len(rows) - accepted
        return Appended(accepted, duplicate, self._conflicting(columns, rows) if duplicate else 0)

    def erasing(self, organization_id: str) -> Erasing:
        """What is, and what is to be, erased of the organization; nobody else writes from now to the end."""
        return Erasing(self._connection, organization_id)

    def _insert(self, statement: Insert, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
        """Pass the rows to the driver as tuples, past SQLAlchemy's types; returns how many were added."""
        compiled = statement.compile(self._connection, column_keys=list(columns))
        in_its_order = itemgetter(*(list(columns).index(name) for name in compiled.positiontup or ()))
        return self._connection.exec_driver_sql(str(compiled), [in_its_order(row) for row in rows]).rowcount

    def _conflicting(self, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
        """How many of the rows stand in the ledger with another payload."""
        site, event, payload = (list(columns).index(name) for name in ("site_id", "event_id", "payload_hash"))
        table, total = schema.TRACKING_EVENTS, 0
        for start in range(0, len(rows), 500):
            said = {(row[site], row[event]): row[payload] for row in rows[start : start + 500]}
            found = select(table.c.site_id, table.c.event_id, table.c.payload_hash).where(
                table.c.site_id.in_({key[0] for key in said}), table.c.event_id.in_([key[1] for key in said])
            )
            total += sum(said.get((s, e), stored) != stored for s, e, stored in self._connection.execute(found))
        return total

"""A PostgreSQL database as one end of a move."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from touchline.errors import BusyError
from touchline.ledger import months
from touchline.ledger.move_marks import CHANGES, FILLING, REFUSED, check_followed, make_marks, put
from touchline.ledger.moving.rows import NUMBERED, TABLES
from touchline.ledger.postgres import MOVED_STATE, Postgres
from touchline.ledger.postgres_once import KEY
from touchline.ledger.rows import Rows
from touchline.ledger.schema import TRACKING_EVENTS
from touchline.ledger.store import Store

_COLUMNS = tuple(TRACKING_EVENTS.columns.keys())
_SEQUENCE, _RECEIVED_AT = _COLUMNS.index("sequence"), _COLUMNS.index("received_at")
_KEY = tuple(map(_COLUMNS.index, KEY))
_LOCK_MILLISECONDS = 300
"""How long the tables' locks are waited for at a time: those who come after a lock that waits, wait, too."""
_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0
"""How long is tried to stop writers: an import's transaction may take long."""
_LOCK_TOOK_TOO_LONG = "55P03"


class PostgresGround:
    """Writers are stopped by locks of the tables, which readers do not feel."""

    def __init__(self, store: Store) -> None:
        assert isinstance(store, Postgres)  # noqa: S101 - the place is a URL
        self.store: Postgres = store
        self.name = store.name

    def is_empty(self) -> bool:
        """Whether the database has no table."""
        with self.store.explained(), self.store.engine.connect() as connection:
            found = text("select count(*) from pg_tables where schemaname = any(current_schemas(false))")
            return not connection.scalar(found)

    def size_bytes(self) -> int:
        """The database's, with its indexes."""
        with self.store.explained(), self.store.engine.connect() as connection:
            return int(connection.scalar(text("select pg_database_size(current_database())")) or 0)

    def begin_filling(self, detail: str) -> None:
        """The mark first; then no other process takes the tables for those of a ledger."""
        with self.store.explained(), self.store.engine.begin() as connection:
            make_marks(connection)
            put(connection, FILLING, detail)

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """A transaction on one snapshot."""
        with self._snapshot() as connection:
            connection.execute(text("select 1"))
            yield connection
            connection.commit()

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with self.store.explained(), self.store.engine.connect() as bare:
            yield bare.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def stopped(self) -> Iterator[Connection]:
        """A transaction that has its snapshot once it has all locks."""
        with self._snapshot() as connection:
            self._lock(connection)
            yield connection
            connection.commit()

    def _lock(self, connection: Connection) -> None:
        names = ", ".join(table.name for table in TABLES)
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                connection.exec_driver_sql(f"set local lock_timeout = '{_LOCK_MILLISECONDS}ms'")  # takes no snapshot
                connection.exec_driver_sql(f"lock table {names} in share row exclusive mode")
            except OperationalError as error:
                connection.rollback()
                if getattr(error.orig, "sqlstate", None) != _LOCK_TOOK_TOO_LONG:
                    raise
                if time.monotonic() > until:
                    raise BusyError(
                        f"Others write to {self.name} in transactions that do not end.",
                        "Run the command again when they are done; it goes on.",
                    ) from error
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def follow(self, connection: Connection) -> None:
        """By a trigger of each table."""
        connection.exec_driver_sql(_NOTE)
        for table in TABLES:
            given = ", ".join(f"'{name}'" for name in (table.name, *table.primary_key.columns.keys()))
            connection.exec_driver_sql(
                f"create trigger note_ledger_change after insert or update or delete on {table.name}"
                f" for each row execute function note_ledger_change({given})"
            )

    def forget_changes(self, view: Connection, up_to: int, token: str) -> None:
        """Those that are seen: a lower number may be committed later."""
        check_followed(view, token)
        view.execute(CHANGES.delete().where(CHANGES.c.number <= up_to))

    def follow_no_more(self, connection: Connection) -> None:
        """Without the triggers nothing notes anything."""
        for table in TABLES:
            connection.exec_driver_sql(f"drop trigger if exists note_ledger_change on {table.name}")
        CHANGES.drop(connection, checkfirst=True)

    def refuse_writing(self, connection: Connection) -> None:
        """By triggers that come before all others."""
        connection.exec_driver_sql(_REFUSE)
        for table in TABLES:
            connection.exec_driver_sql(
                f"create trigger refuse_moved_ledger before insert or update or delete on {table.name}"
                " for each statement execute function refuse_moved_ledger()"
            )
        connection.execute(CHANGES.delete())

    def add_events(self, connection: Connection, rows: Rows) -> None:
        """With their keys, into their months."""
        keys = [(*(row[place] for place in _KEY), row[_SEQUENCE] - 1) for row in rows]
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the engine was made with this driver
        with driver.cursor() as cursor:
            cursor.executemany(_ADD_KEY, keys)
        months.ensure(connection, {row[_RECEIVED_AT] for row in rows})
        self.store.add_rows(connection, TRACKING_EVENTS, _COLUMNS, rows)

    def numbers(self, connection: Connection) -> Mapping[str, int]:
        """What the sequences gave out."""
        found = {}
        for table in NUMBERED:
            number = f"select case when is_called then last_value else 0 end from {_sequence(connection, table.name)}"
            found[table.name] = int(connection.scalar(text(number)) or 0)
        return found

    def set_numbers(self, connection: Connection, numbers: Mapping[str, int]) -> None:
        """By the sequences' own function."""
        for name, number in numbers.items():
            if number:
                setting = text("select setval(cast(:sequence as regclass), :number)")
                connection.execute(setting, {"sequence": _sequence(connection, name), "number": number})


def _sequence(connection: Connection, table: str) -> str:
    (column,) = next(each for each in NUMBERED if each.name == table).primary_key.columns.keys()
    found = connection.scalar(text(f"select pg_get_serial_sequence('{table}', '{column}')"))
    return str(found)


_ADD_KEY = f"insert into event_keys ({', '.join(KEY)}, follows) values (%s, %s, %s, %s, %s, %s)"
_NOTE = f"""
    create or replace function note_ledger_change() returns trigger language plpgsql as $$
    declare
        said jsonb[] := case TG_OP
            when 'INSERT' then array[to_jsonb(new)]
            when 'DELETE' then array[to_jsonb(old)]
            else array[to_jsonb(old), to_jsonb(new)]
        end;
    begin
        insert into {CHANGES.name} (name, key)
        select TG_ARGV[0], cast(
            (
                select jsonb_agg(one -> name order by place)
                from unnest(TG_ARGV) with ordinality as given(name, place)
                where place > 1
            ) as text
        )
        from unnest(said) as one;
        return null;
    end
    $$
"""
_REFUSE = f"""
    create or replace function refuse_moved_ledger() returns trigger language plpgsql as $$
    begin
        raise exception '{REFUSED}' using errcode = '{MOVED_STATE}';
    end
    $$
"""

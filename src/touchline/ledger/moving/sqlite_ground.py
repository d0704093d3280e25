"""A SQLite file as one end of a move."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, text

from touchline.errors import HomeError
from touchline.ledger import migrate
from touchline.ledger.digests import digests_of, has_no_order
from touchline.ledger.drafts import drafted
from touchline.ledger.move_marks import CHANGES, FILLING, REFUSED, check_followed, make_marks, put
from touchline.ledger.moving.rows import NUMBERED, TABLES
from touchline.ledger.rows import Rows
from touchline.ledger.schema import TRACKING_EVENTS
from touchline.ledger.sqlite import SQLite
from touchline.ledger.store import Store

_OPERATIONS = ("insert", "update", "delete")
_COLUMNS = tuple(TRACKING_EVENTS.columns.keys())
_KEY = _COLUMNS.index("site_id"), _COLUMNS.index("event_id"), _COLUMNS.index("sequence")


class SQLiteGround:
    """One process writes at a time, so a transaction that may write stops all others."""

    def __init__(self, store: Store) -> None:
        assert isinstance(store, SQLite)  # noqa: S101 - the place is a file
        self.store: SQLite = store
        self.name = str(store.file)

    def is_empty(self) -> bool:
        """Whether there is no file.

        :raises HomeError: if the log of another ledger is left there, which SQLite would carry into the new file.
        """
        if self.store.file.exists():
            return False
        log = Path(f"{self.name}-wal")
        if log.exists() and log.stat().st_size:
            raise HomeError(f"{log} is left of another ledger.", "Move it to where that ledger is now.")
        return True

    def size_bytes(self) -> int:
        """The file's, with its log."""
        files = (self.store.file, Path(f"{self.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def begin_filling(self, detail: str) -> None:
        """In a draft: SQLite's driver commits each table that a migration makes."""
        with drafted(self.store.file) as draft:
            store = SQLite(draft)
            try:
                store.make()
                migrate.upgrade(store.engine)
                with store.engine.begin() as connection:
                    make_marks(connection)
                    put(connection, FILLING, detail)
            finally:
                store.engine.dispose()
        self.store.find()

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """A transaction that reads: it sees what was committed before its first statement."""
        with self._transaction("begin") as connection:
            connection.exec_driver_sql("select count(*) from sqlite_schema").all()
            yield connection

    @contextmanager
    def stopped(self) -> Iterator[Connection]:
        """The one transaction that writes."""
        with self._transaction("begin immediate") as connection:
            yield connection

    @contextmanager
    def _transaction(self, beginning: str) -> Iterator[Connection]:
        with self.store.explained(), self.store.engine.connect() as connection:
            connection.exec_driver_sql(beginning)
            yield connection
            connection.commit()

    def follow(self, connection: Connection) -> None:
        """By triggers, which any process's statements fire."""
        for table in TABLES:
            for operation in _OPERATIONS:
                connection.exec_driver_sql(_noting(table, operation))

    def forget_changes(self, view: Connection, up_to: int, token: str) -> None:  # noqa: ARG002 - numbers rise as they are committed
        """All up to the number: what is committed later has a higher one; another move's notes have the same ones."""
        with self.stopped() as connection:
            check_followed(connection, token)
            connection.execute(CHANGES.delete().where(CHANGES.c.number <= up_to))

    def follow_no_more(self, connection: Connection) -> None:
        """Without the triggers nothing notes anything."""
        for table in TABLES:
            for operation in _OPERATIONS:
                connection.exec_driver_sql(f"drop trigger if exists {_trigger(table, operation)}")
        CHANGES.drop(connection, checkfirst=True)

    def refuse_writing(self, connection: Connection) -> None:
        """By triggers in the place of those that noted changes."""
        self.follow_no_more(connection)
        for table in TABLES:
            for operation in _OPERATIONS:
                name = _trigger(table, operation)
                refusing = f"begin select raise(abort, '{REFUSED}'); end"
                connection.exec_driver_sql(f"create trigger {name} before {operation} on {table.name} {refusing}")

    def add_events(self, connection: Connection, rows: Rows) -> None:
        """With the digests of ids that come in no order."""
        self.store.add_rows(connection, TRACKING_EVENTS, _COLUMNS, rows)
        site_id, event_id, sequence = _KEY
        unordered = [row for row in rows if has_no_order(row[event_id])]
        if unordered:
            digests = digests_of([(row[site_id], row[event_id]) for row in unordered])
            taken = sorted(zip(digests, (row[sequence] for row in unordered), strict=True))
            connection.exec_driver_sql("insert into id_digests (digest, sequence) values (?, ?)", taken)

    def numbers(self, connection: Connection) -> Mapping[str, int]:
        """What SQLite keeps of them; no row is none yet."""
        found = {row.name: int(row.seq) for row in connection.execute(text("select name, seq from sqlite_sequence"))}
        return {table.name: found.get(table.name, 0) for table in NUMBERED}

    def set_numbers(self, connection: Connection, numbers: Mapping[str, int]) -> None:
        """Rows of SQLite's own table."""
        for name, number in numbers.items():
            connection.execute(text("delete from sqlite_sequence where name = :name"), {"name": name})
            connection.execute(
                text("insert into sqlite_sequence (name, seq) values (:name, :number)"),
                {"name": name, "number": number},
            )


def _trigger(table: Table, operation: str) -> str:
    return f"moving_{table.name}_{operation}"


def _noting(table: Table, operation: str) -> str:
    keys = [column.name for column in table.primary_key.columns]
    rows = {"insert": ("new",), "delete": ("old",), "update": ("old", "new")}[operation]
    said = " union ".join(
        f"select '{table.name}', json_array({', '.join(f'{row}.{key}' for key in keys)})" for row in rows
    )
    adding = f"insert into {CHANGES.name} (name, key) {said}"
    return f"create trigger {_trigger(table, operation)} after {operation} on {table.name} begin {adding}; end"

"""What one transaction writes into the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, update

from touchline.ledger import schema
from touchline.ledger.conditions import having
from touchline.ledger.erasures import Erasing
from touchline.ledger.hash_key import HashKey
from touchline.ledger.keyed_rows import KeyedRows, keyed_values
from touchline.ledger.rows import Row as Values
from touchline.ledger.rows import Rows
from touchline.ledger.storable import UnstorableError, search_refused
from touchline.ledger.store import Store
from touchline.ledger.verdicts import ACCEPTED, Appended, Verdict

Row = Mapping[str, Any]


class Entry:
    """What one transaction writes."""

    def __init__(self, connection: Connection, store: Store, key: HashKey) -> None:
        self._connection = connection
        self._store = store
        self._key = key

    def add(self, table: Table, **values: Any) -> int:
        """Add one row; returns its primary key where it is a number."""
        kept = keyed_values(self._key, table.name, values)
        key = self._connection.execute(insert(table).values(**kept)).inserted_primary_key
        return int(key[0]) if key and isinstance(key[0], int) else 0

    def put(self, table: Table, **values: Any) -> None:
        """Add one row, or replace the one with its primary key."""
        values = keyed_values(self._key, table.name, values)
        statement = self._store.inserting(table).values(**values)
        changed = {name: value for name, value in values.items() if not table.c[name].primary_key}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)
        )

    def change(self, table: Table, where: Row, **values: Any) -> int:
        """Change the rows in which the columns of ``where`` have its values; returns how many."""
        return self._connection.execute(update(table).where(*having(table, where)).values(**values)).rowcount

    def remove(self, table: Table, **where: Any) -> int:
        """Remove the rows in which the given columns have the given values; returns how many."""
        return self._connection.execute(delete(table).where(*having(table, where))).rowcount

    def remove_before(self, table: Table, column: str, before: int, **where: Any) -> int:
        """Remove the rows in which ``column`` is below ``before`` and the given columns have the given values."""
        outlived = delete(table).where(table.c[column] < before, *having(table, where))
        return self._connection.execute(outlived).rowcount

    def add_many(self, table: Table, columns: Sequence[str], rows: Rows) -> None:
        """Add rows given as tuples in the order of ``columns``."""
        if rows:
            kept = KeyedRows(self._key, table.name, columns).of(rows)
            self._store.add_rows(self._connection, table, columns, kept)

    def add_new(self, table: Table, rows: Sequence[Row]) -> int:
        """Add the rows that do not clash with one that stands already; returns how many those were."""
        if not rows:
            return 0
        adding = self._store.inserting(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
        kept = [keyed_values(self._key, table.name, row) for row in rows]
        return len(self._connection.execute(adding, kept).all())

    def add_events(self, columns: Sequence[str], rows: Rows) -> Appended:
        """Add accepted events; an id that the site already has is a duplicate.

        The first report of an id stands, but a verified one takes the place of an unverified one.

        :raises UnstorableError: if the database refuses a value; all that this transaction wrote has to be taken back.
        """
        if not rows:
            return Appended(0, 0, 0)
        with self._store.refusals():
            kept = KeyedRows(self._key, schema.TRACKING_EVENTS.name, columns).of(rows)
            verdicts = self._store.add_events(self._connection, columns, kept)
        count = Counter([Verdict.NEW] * len(rows) if verdicts is None else verdicts)
        accepted = sum(count[verdict] for verdict in ACCEPTED)
        return Appended(accepted, len(rows) - accepted, count[Verdict.CONFLICTING], count[Verdict.SUPERSEDING])

    def add_storable_events(self, columns: Sequence[str], rows: Rows) -> tuple[Appended, list[Values]]:
        """As :meth:`add_events`, but for the rows of which the database refuses a value; returns those, too."""
        added = self._attempted(columns, rows)
        if added is not None:
            return added, []
        total, search = Appended(0, 0, 0), search_refused(rows)
        try:
            part = next(search)
            while True:
                added = self._attempted(columns, part)
                total += added or Appended(0, 0, 0)
                part = search.send(added is not None)
        except StopIteration as end:
            return total, end.value

    def _attempted(self, columns: Sequence[str], rows: Rows) -> Appended | None:
        """What became of the rows; ``None``: nothing, as the database refuses a value."""
        try:
            with self._store.attempt(self._connection):
                return self.add_events(columns, rows)
        except UnstorableError:
            return None

    def hold_loads(self) -> None:
        """Keep others from loading ad costs until the transaction ends; what they loaded before can be read."""
        self._store.hold_loads(self._connection)

    def erasing(self, organization_id: str, *, is_alone: bool = True) -> Erasing:
        """What is, and what is to be, erased of the organization; nobody else erases from now to the end.

        :param is_alone: no other process takes events in, either: to enter an erasure.
        """
        self._store.hold(self._connection, is_alone=is_alone)
        return self.deleting(organization_id)

    def deleting(self, organization_id: str) -> Erasing:
        """As :meth:`erasing`, and nobody waits for it: for the rows of those whose erasure was entered before."""
        return Erasing(self._connection, self._store, organization_id, self._key)

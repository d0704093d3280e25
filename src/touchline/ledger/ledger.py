"""The ledger: one object through which everything that was told to us is written and read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Table, func, select

from touchline.ledger import keying, migrate, schema
from touchline.ledger.arrivals import recent_arrivals
from touchline.ledger.conditions import having, may_be_stored
from touchline.ledger.cost_days import (
    Advertised,
    CostDay,
    CostLoad,
    LoadedDay,
    advertised,
    campaigns_of,
    cost_days,
    cost_loads,
    days_in_other_currencies,
    has_campaign,
    known_days,
    replaced_days,
    rows_of_load,
)
from touchline.ledger.entry import Entry, Row
from touchline.ledger.erasures import Reading
from touchline.ledger.hash_key import NAME, HashKey, is_inside
from touchline.ledger.opening import store_at
from touchline.ledger.person_search import PersonSearch, Sought
from touchline.ledger.store import StillAlone
from touchline.ledger.transactions import Transactions
from touchline.ledger.waiting import Span, Waiting, waiting_after


class Ledger:
    """The ledger at ``place``: a SQLite file, or a database in PostgreSQL by its ``postgresql://`` URL.

    :param key: as of :func:`touchline.ledger.keying.open_key`; so is ``keys_rows``.
    :raises HomeError: if there is none, it is no ledger, the server cannot be reached, or its key is not given.
    :raises BusyError: if another process holds it for too long.
    :raises StorageError: if the disk is full, read-only or failing.
    :raises MovedError: if the ledger was moved from there.
    """

    def __init__(
        self, place: Path | str, *, is_new: bool = False, key: HashKey | None = None, keys_rows: bool = True
    ) -> None:
        self._store = store_at(place)
        self._transactions = Transactions[Entry]()
        try:
            with self._store.explained():
                (self._store.make if is_new else self._store.find)()
                self._store.check_unmoved()
                self.migration = migrate.upgrade(
                    self._store.engine, self._store.migration_guard, self._store.servers, keying.check_key
                )
                self.key = keying.open_key(self._store, key, keys_rows=keys_rows)
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, place: Path | str, key: HashKey | None = None) -> "Ledger":
        """A new, empty ledger."""
        return cls(place, is_new=True, key=key)

    def keyed(self, text: str) -> str:
        """A text as it is stored: :meth:`touchline.ledger.hash_key.HashKey.keyed`."""
        return self.key.keyed(text)

    def has_key_inside(self) -> bool:
        """Whether the key is in the ledger itself, and so in each backup."""
        rows = self.rows(schema.SECRETS, name=NAME)
        return bool(rows) and is_inside(rows[0]["value"])

    def key_rows(self) -> None:
        """Key the rows of an earlier release, where that was left for later."""
        keying.key_rows(self._store, self.key)

    def close(self) -> None:
        """Let go of the file, or of the server."""
        self._store.close()

    @contextmanager
    def transaction(self) -> Iterator[Entry]:
        """Write inside it: all of it is committed at its end, or nothing."""
        with self._transactions.one(self._begun) as entry, self._store.explained():
            yield entry

    def together(self) -> AbstractContextManager[None]:
        """What this thread writes inside, in however many transactions, is one, from the first to the block's end.

        An error of one of them has to end the block.
        """
        return self._transactions.together()

    @contextmanager
    def _begun(self) -> Iterator[Entry]:
        with self._store.explained():
            with self._store.engine.begin() as connection:
                self._store.begin(connection)
                yield Entry(connection, self._store, self.key)
            self._store.committed()

    def rows(self, table: Table, *, limit: int | None = None, is_newest_first: bool = False, **where: Any) -> list[Row]:
        """The (first) rows of ``table`` in which the given columns have the given values, by primary key."""
        order = [column.desc() if is_newest_first else column for column in table.primary_key.columns]
        statement = select(table).where(*having(table, where)).order_by(*order).limit(limit)
        with self._store.explained(), self._store.reading.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def rows_with(self, table: Table, column: str, values: Collection[Any]) -> list[Row]:
        """The rows of ``table`` in which ``column`` has one of ``values``, in no order."""
        storable = [value for value in values if may_be_stored(value)]
        statement = select(table).where(table.c[column].in_(storable))
        with self._store.explained(), self._store.reading.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def newest(self, table: Table, **where: Any) -> Row | None:
        """The last row of ``table``, by primary key, in which the given columns have the given values."""
        order = [column.desc() for column in table.primary_key.columns]
        statement = select(table).where(*having(table, where)).order_by(*order).limit(1)
        with self._store.explained(), self._store.reading.connect() as connection:
            row = connection.execute(statement).mappings().first()
            return None if row is None else dict(row)

    def is_ahead(self) -> bool:
        """Whether a newer release has upgraded it since it was opened, or before, in a way that this one can work with.

        :raises HomeError: if this one cannot.
        """
        with self._store.explained(), self._store.reading.connect() as connection:
            return migrate.is_ahead(connection)

    def pulse(self) -> tuple[int, ...]:
        """Numbers of which one rises whenever something is committed that a run would follow."""
        with self._store.explained():
            return self._store.pulse()

    def fingerprint(self, *tables: Table) -> str:
        """A text that is another one once a row of the tables is; ``""``: nothing is known of that."""
        with self._store.explained():
            return self._store.fingerprint(*tables)

    def counts(self, table: Table, column: str, **where: Any) -> dict[str, int]:
        """How many rows ``table`` has of each value of ``column``, among those with the given values."""
        statement = select(table.c[column], func.count()).group_by(table.c[column]).order_by(table.c[column])
        statement = statement.where(*having(table, where))
        with self._store.explained(), self._store.reading.connect() as connection:
            return {str(value): count for value, count in connection.execute(statement)}

    def recent_arrivals(self, now: int) -> list[Row]:
        """What arrived over HTTP at each site, by day (UTC), up to ``now``: :mod:`touchline.ledger.arrivals`."""
        with self._store.explained(), self._store.engine.connect() as connection:
            return [dict(row) for row in connection.execute(recent_arrivals(schema.ARRIVALS, now)).mappings()]

    def replaced_cost_days(self, load_numbers: Sequence[int]) -> int:
        """How many days of a platform's account these loads of one source replace: an earlier load had them, too."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return replaced_days(connection, load_numbers)

    def known_cost_days(self, organization_id: str, source: str) -> set[tuple[str, str, date]]:
        """The days of the platforms' accounts, as (platform, account, day), that the source has told the spend of."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return known_days(connection, organization_id, source)

    def cost_days(
        self, organization_id: str, platforms: Collection[str], first: date, last: date
    ) -> tuple[list[CostDay], dict[int, CostLoad]]:
        """The standing days of these platforms' costs from ``first`` to ``last``, of every source; and their loads."""
        with self._store.explained(), self._store.reading.connect() as connection:
            days = cost_days(connection, organization_id, platforms, first, last)
            return days, cost_loads(connection, {day.load_number for day in days})

    def has_campaign(self, organization_id: str, platform: str, campaign_id: str) -> bool:
        """Whether any load of the organization has a cost of this campaign."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return has_campaign(connection, organization_id, platform, campaign_id)

    def advertised(self, organization_id: str) -> list[Advertised]:
        """The campaigns of which any load of the organization has a cost, under every name that they had."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return advertised(connection, organization_id)

    def campaigns_of(self, days: Collection[CostDay]) -> dict[tuple[str, str, date], dict[str, int]]:
        """The spend of each campaign on the given days, by platform, account and date."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return campaigns_of(connection, days)

    def days_in_other_currencies(self, organization_id: str, currency: str) -> dict[int, set[LoadedDay]]:
        """By load of costs, in their order, those of its days that stand and have costs in another currency."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return days_in_other_currencies(connection, organization_id, currency)

    def rows_of_load(self, load_number: int) -> list[Row]:
        """The rows of a load of costs, day by day."""
        with self._store.explained(), self._store.reading.connect() as connection:
            return rows_of_load(connection, load_number)

    def size_bytes(self) -> int:
        """How many bytes it takes on its disk."""
        with self._store.explained():
            return self._store.size_bytes()

    def damage(self) -> str:
        """What the database finds wrong with the ledger; ``""`` is nothing."""
        with self._store.explained():
            return self._store.damage()

    def events_after(self, sequence: int) -> pa.RecordBatchReader:
        """Accepted events after ``sequence``, in chunks; no event that is committed later is numbered below them."""
        with self._store.explained():
            return self._store.events_after(sequence)

    def waiting_after(self, sequence: int, spans: Mapping[str, Span], most: int) -> Waiting:
        """Counts of the first ``most`` events after ``sequence``: :func:`~touchline.ledger.waiting.waiting_after`.

        For processes that keep the ledger open, such as a server's workers: a reader of :meth:`events_after` has a
        SQLite of its own, and when it closes the file, Linux drops all locks that this process has on it. Another
        process may then take itself for the last one, and delete the log into which this one writes.
        """
        with self._store.explained(), self._store.reading.connect() as connection:
            return waiting_after(connection, sequence, spans, most)

    def cost_rows_after(self, load_number: int) -> pa.RecordBatchReader:
        """Ad costs of the loads after ``load_number``, in chunks; no load that is committed later is below them."""
        with self._store.explained():
            return self._store.cost_rows_after(load_number)

    def rates_after(self, number: int) -> pa.RecordBatchReader:
        """Rates to the organizations' currencies after ``number``, in chunks."""
        with self._store.explained():
            return self._store.rates_after(number)

    def erased_after(self, tombstone: int) -> pa.RecordBatchReader:
        """The numbers of erased events after ``tombstone``, in chunks."""
        with self._store.explained():
            return self._store.erased_after(tombstone)

    def claims_after(self, claim: int) -> pa.RecordBatchReader:
        """Identity claims after ``claim``, in chunks."""
        with self._store.explained():
            return self._store.claims_after(claim)

    def withdrawn_after(self, tombstone: int) -> pa.RecordBatchReader:
        """The numbers of withdrawn claims after ``tombstone``, in chunks."""
        with self._store.explained():
            return self._store.withdrawn_after(tombstone)

    @contextmanager
    def alone(self, what: str) -> Iterator[StillAlone]:
        """Inside it nobody else who has this ledger does ``what``; a process that is killed inside releases it at once.

        It gives a function that raises where the claim is lost because its server was.

        :raises BusyError: if somebody does it already.
        :raises MovedError: if the ledger was moved since it was opened.
        """
        with self._store.alone(what) as still_alone:
            self._store.check_unmoved()
            yield still_alone

    def settle(self) -> bool:
        """Carry what is committed from the log into the file itself, so that no trace of erased rows waits there.

        False: others read the log for so long that it could not be emptied. It is when nobody has it open any more.
        """
        with self._store.explained():
            return self._store.settle()

    def compact(self) -> None:
        """Give the space of deleted rows back, as far as that keeps nobody waiting."""
        with self._store.explained():
            self._store.compact()

    @contextmanager
    def reading(self, organization_id: str) -> Iterator[Reading]:
        """What an erasure asks before it holds anybody up."""
        with self._store.explained(), self._own_connection() as connection:
            yield Reading(connection, organization_id)

    @contextmanager
    def searching(self, organization_id: str, sought: Sought) -> Iterator[PersonSearch]:
        """A search for what an open request is to delete."""
        with self._store.explained(), self._own_connection() as connection:
            yield PersonSearch(connection, organization_id, sought)

    @contextmanager
    def looking_for(self, organization_id: str, identifiers: Collection[str]) -> Iterator[PersonSearch]:
        """A search for what is kept of these identifiers now, which leaves no trace."""
        with self._store.explained(), self._own_connection() as connection:
            newest = Reading(connection, organization_id).newest()
            yield PersonSearch.of_names(connection, organization_id, newest, identifiers)

    @contextmanager
    def _own_connection(self) -> Iterator[Connection]:
        """One that each statement reads its own moment on, and that nobody else gets afterwards."""
        with self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            yield connection

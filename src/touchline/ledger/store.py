"""What the ledger asks of the database that keeps it; each kind of database is a module next to this one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
from sqlalchemy import Connection, Engine, Table

from touchline.errors import BusyError
from touchline.ledger.rows import Rows
from touchline.ledger.verdicts import Verdict

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = sqlite.Insert | postgresql.Insert

DATABASE_URL = "DATABASE_URL"
"""What a database is usually named by."""

WAIT_SECONDS = 5.0
"""How long one connection waits for another before it gives up."""


StillAlone = Callable[[], None]
"""Raises where what was claimed is held no more."""


class ClashError(Exception):
    """A unique row already exists; the writer knows which, and says so."""


def taken(what: str) -> BusyError:
    """Somebody else does it."""
    return BusyError(
        f"Another process is busy with {what}.",
        "Wait for it to finish and run the command again.",
    )


class Store(Protocol):
    """One database, and everything in which it differs from the others."""

    engine: Engine
    reading: Engine
    """The same, for single statements that only read: no transaction is begun for them and taken back."""
    migration_guard: str
    """A statement that lets one process migrate at a time; ``""`` where a transaction does."""

    servers: str
    """A query whether no server works with the ledger; it keeps new ones waiting until its transaction ends. ``""``
    where nobody can tell."""

    def make(self) -> None:
        """Prepare the place for a new ledger."""

    def find(self) -> None:
        """Make sure that there is a ledger.

        :raises HomeError: if there is none.
        """

    def check_unmoved(self) -> None:
        """Make sure that the ledger is in use here.

        :raises MovedError: if it went to another place.
        :raises HomeError: if a move to this place has not come to its end.
        """

    def explained(self) -> AbstractContextManager[None]:
        """Driver errors that a person can fix become Touchline's; all others pass unchanged."""

    def begin(self, connection: Connection) -> None:
        """What a transaction that writes has to do first."""

    def committed(self) -> None:
        """Make sure, after a commit, that it went where the next one will look for it.

        :raises StorageError: if it did not.
        """

    def attempt(self, connection: Connection) -> AbstractContextManager[object]:
        """A part of a transaction: where it fails nothing of it was written, and the transaction goes on."""

    def refusals(self) -> AbstractContextManager[None]:
        """Make the database's refusal of a value an ``UnstorableError``."""

    def inserting(self, table: Table) -> "Insert":
        """An insert statement that can say what to do on conflict."""

    def add_rows(self, connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
        """Add rows given as tuples in the order of ``columns``."""

    def add_events(self, connection: Connection, columns: Sequence[str], rows: Rows) -> Sequence[Verdict] | None:
        """Add the events whose id the site does not have yet, or has from an unverified sender only.

        Returns each event's verdict, or ``None`` if all are new.
        """

    def remove_events(self, connection: Connection, sequences: Sequence[int]) -> Sequence[int]:
        """Remove the events with these numbers, and their keys with them; returns the numbers that there were."""

    def pulse(self) -> tuple[int, ...]:
        """Numbers of which one rises with every commit that brings events, costs or erasures."""

    def size_bytes(self) -> int:
        """How many bytes the database takes on its disk."""

    def fingerprint(self, *tables: Table) -> str:
        """A text that is another one once a row of the tables is; ``""``: nothing is known of that."""

    def close(self) -> None:
        """Let go of the file, or of the server."""

    def damage(self) -> str:
        """What the database finds wrong with itself; ``""`` is nothing."""

    def events_after(self, sequence: int) -> pa.RecordBatchReader:
        """Committed events after ``sequence``, none of which a running transaction can still precede."""

    def rates_after(self, number: int) -> pa.RecordBatchReader:
        """Committed rates to the organizations' currencies after ``number``, likewise."""

    def erased_after(self, tombstone: int) -> pa.RecordBatchReader:
        """Numbers of erased events after ``tombstone``, likewise."""

    def claims_after(self, claim: int) -> pa.RecordBatchReader:
        """Identity claims after ``claim``, likewise."""

    def withdrawn_after(self, tombstone: int) -> pa.RecordBatchReader:
        """Numbers of withdrawn claims after ``tombstone``, likewise."""

    def hold(self, connection: Connection, *, is_alone: bool) -> None:
        """Keep others from erasing until the transaction ends, and, ``is_alone``, from taking events in."""

    def hold_loads(self, connection: Connection) -> None:
        """Keep others from loading ad costs until the transaction ends; theirs that began before have ended."""

    def alone(self, what: str) -> AbstractContextManager[StillAlone]:
        """Keep others from doing ``what`` at the same time; a process that dies releases it at once.

        :raises BusyError: if another does.
        """

    def settle(self) -> bool:
        """Leave no trace of deleted rows outside the tables; false: others still read what is there."""

    def compact(self) -> None:
        """Give the space of deleted rows back, as far as that keeps nobody waiting."""

    def cost_rows_after(self, load_number: int) -> pa.RecordBatchReader:
        """Rows of the committed ad-cost loads after ``load_number``, likewise."""

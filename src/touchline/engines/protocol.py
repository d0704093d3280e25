"""The seam behind which every engine stands: tables, a workbench for what one run holds, and what the engine can do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeGuard

import pyarrow as pa

from touchline.table import Table
from touchline.view import View

PART_ROWS = 20_000
"""Rows of a part of an answer, where an engine lets us choose."""

Arrow: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader
"""Rows on their way into an engine."""


def batches(rows: Arrow) -> Iterator[pa.RecordBatch]:
    """``rows`` in the parts that they come in."""
    if isinstance(rows, pa.RecordBatch):
        yield rows
    elif isinstance(rows, pa.Table):
        yield from rows.to_batches()
    else:
        yield from rows


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do beyond keeping tables; callers check the one that they depend on."""

    increment: bool
    """It has a :class:`Workbench`, so a run can recompute what changed; without one, every run is a rebuild."""
    transactions: bool
    """A run that fails leaves everything as it was; without them, the run after one that failed is a rebuild."""


class Tables(Protocol):
    """Keeps tables, and runs ``SELECT`` statements of the portable subset over them.

    ``views`` names, for each table a statement reads, the relation that it shall see instead.
    """

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet."""

    def reshape(self, tables: Sequence[Table], views: Iterable[View]) -> None:
        """Give each of ``tables`` its declared columns and no rows, and define ``views``.

        Where others build on what is here, it stays: grants, and views over ours.
        """

    def describe(self, table: Table, meaning: str, columns: Mapping[str, str]) -> None:
        """Say in the catalog what ``table`` is, and what its columns mean."""

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows that ``select`` yields in place of those whose unit stands in ``scope`` (``None``: of all)."""

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""

    def define(self, view: View) -> None:
        """Let ``view`` stand for every reader, permanently; grants on it and views over it stay."""

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""

    def reader(self, select: str) -> AbstractContextManager[pa.RecordBatchReader]:
        """As :meth:`select`, a part of the rows at a time: as many as there are need no more memory.

        Nothing else is asked of the engine until the block ends.
        """

    def stop_after(self, seconds: float) -> None:
        """Let every ``select`` from now on fail that takes longer.

        It then raises :class:`~touchline.errors.BusyError`.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """All of what happens inside, or nothing; where there are no transactions, the bounds of a run."""


class Workbench(Protocol):
    """Holds what one run needs on its way: relations that nobody else sees, and that :class:`Tables` may read.

    They stand until the transaction ends in which they were made, or the connection closes.
    """

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name``; returns how many rows."""

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        """Hold ``rows``, which are outside, under ``name`` with the columns of ``table``; returns how many."""

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:
        """Let ``view`` stand for the rows of ``table`` whose columns ``by`` stand in ``scope``, under the same names.

        Where ``by`` is declared as sought, the text of all other rows is left alone. The view stands until ``scope`` is
        held again, at the longest.
        """

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select``."""


class Engine(Tables, Protocol):
    """A connection to where tables are kept; it knows nothing of what they mean."""

    layout: str
    """What it adds to the tables as they are declared (``""``: nothing); if that changes, all are rebuilt."""
    can: Capabilities

    def compact(self, copy: Path) -> bool:
        """Leave as little as possible of removed rows in its files.

        :param copy: where an embedded engine writes a new file.
        :returns: whether it did, and the new file is to take the old one's place once nobody has that open.
        """

    def size_bytes(self) -> int:
        """How many bytes its tables take on their disk."""

    def interrupt(self) -> None:
        """Let the statement that another thread runs fail, where the engine can be interrupted."""

    def close(self) -> None:
        """Let go of the files."""


class IncrementalEngine(Engine, Workbench, Protocol):
    """An engine that declares ``increment``."""


def can_increment(engine: Engine) -> TypeGuard[IncrementalEngine]:
    """Whether ``engine`` has a workbench."""
    return engine.can.increment

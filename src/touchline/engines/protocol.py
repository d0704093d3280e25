"""The seam behind which every engine stands: a handful of verbs."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

from touchline.table import Table

Arrow: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader
"""Rows on their way into an engine."""


class Engine(Protocol):
    """Holds tables, runs ``SELECT`` statements of the portable subset, and knows nothing of what they mean.

    ``views`` names, for each table a statement reads, the relation that it shall see instead.
    """

    name: str
    layout: str
    """What it adds to the tables as they are declared (``""``: nothing); where that changes, all are made anew."""

    def create(self, table: Table) -> None:
        """Make ``table``, empty, where it is not there yet."""

    def drop(self, *tables: Table) -> None:
        """Forget those of ``tables`` that are there."""

    def append(self, table: Table, rows: Arrow) -> int:
        """Add rows, matched by column name; returns how many."""

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:
        """Put the rows that ``select`` yields in place of those whose unit stands in ``scope`` (``None``: of all)."""

    def remove(self, table: Table, scope: str | None = None) -> None:
        """Take away the rows whose unit stands in ``scope`` (``None``: all)."""

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        """Hold what ``select`` yields under ``name`` until the connection closes; returns how many rows."""

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:
        """Let ``view`` stand for the rows of ``table`` whose columns ``by`` stand in ``scope``, under the same names.

        Where ``by`` is declared as sought, the text of all other rows is left alone. The view stands until the
        connection closes, or ``scope`` is held anew.
        """

    def bind(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` until the connection closes."""

    def define(self, name: str, select: str) -> None:
        """Let ``name`` stand for ``select`` for every reader, for good."""

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields; ``$name`` in it stands for a parameter."""

    def transaction(self) -> AbstractContextManager[None]:
        """All of what happens inside, or nothing."""

    def interrupt(self) -> None:
        """Let the statement that another thread runs fail, where the engine can be interrupted."""

    def close(self) -> None:
        """Let go of the files."""

"""What a stage of the river is, and what it is given to work with.

A stage reads tables and writes tables; it never learns which engine holds them, nor whether it sees everything
(a rebuild) or the changed units and what they need (a run).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from touchline.table import Table


class River(Protocol):
    """The tables, as one stage sees them."""

    def write(self, package: str, table: Table) -> None:
        """Replace the rows of ``table`` by what ``<package>/<table>.sql`` selects."""

    def put(self, table: Table, rows: pa.Table) -> None:
        """Replace the rows of ``table`` by ``rows``, which were made in Python."""

    def read(self, package: str, name: str, table: Table) -> pa.Table:
        """What ``<package>/<name>.sql`` selects, seen as for writing ``table``."""


@dataclass(frozen=True)
class Stage:
    """One step of the river: its name is its folder, ``writes`` the tables it owns, in order."""

    name: str
    writes: tuple[Table, ...]
    run: Callable[[River], None]

"""What a format of exports is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

    from touchline.exports.places import Place

Rows: TypeAlias = "pa.RecordBatchReader"
"""Rows of the types that :func:`touchline.exports.typed` gives, a part at a time."""


@dataclass(frozen=True)
class Written:
    """A table that was written.

    :param notes: what is to be said of it, such as that a cell was cut.
    """

    name: str
    rows: int
    notes: tuple[str, ...] = ()


class Sink(Protocol):
    """Takes tables, one after the other; they take their place when its block ends without an error."""

    def write(self, name: str, rows: Rows) -> Written:
        """Write a table."""


@dataclass(frozen=True)
class Format:
    """One way to write tables.

    :param name: as ``--format`` takes it.
    :param endings: of file names, each with its dot.
    :param schemes: with what URLs begin.
    :param is_for_many: whether one place holds several tables; else each table is a file of its own.
    :param opened: a place, open for writing.
    """

    name: str
    says: str
    endings: tuple[str, ...]
    schemes: tuple[str, ...]
    is_for_many: bool
    opened: "Callable[[Place], AbstractContextManager[Sink]]"

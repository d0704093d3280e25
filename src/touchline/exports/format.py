"""What a format of exports is, and a place in it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import urlsplit

from touchline.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

Rows: TypeAlias = "pa.RecordBatchReader"
"""Rows of the types that :func:`touchline.exports.typed` gives, a part at a time."""
Answered: TypeAlias = "AbstractContextManager[Iterator[Mapping[str, object]]]"
"""The rows that a query answers with, while its block lasts."""


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
    :param asked: what a query of a place answers, which cannot change the place; ``None``: nothing can be asked of it.
    """

    name: str
    says: str
    endings: tuple[str, ...]
    schemes: tuple[str, ...]
    is_for_many: bool
    opened: "Callable[[Place], AbstractContextManager[Sink]]"
    asked: "Callable[[Place, str], Answered] | None" = None


@dataclass(frozen=True)
class Place:
    """A file, a folder or a database.

    :param address: as it was given: a path, or a URL.
    :param path: of the file or the folder; ``None``: it is on a server.
    :param prefix: before the names of tables in a database.
    """

    address: str
    form: Format
    path: Path | None = None
    is_folder: bool = False
    prefix: str = ""

    @property
    def shown(self) -> str:
        """The address without a password."""
        if self.path is not None:
            return self.address
        parts = urlsplit(self.address)
        return parts._replace(netloc=f"…@{parts.hostname or ''}" if parts.username else parts.netloc, query="").geturl()

    def file_of(self, name: str) -> Path:
        """The file of a table, where each has its own.

        :raises UsageError: if the place is on a server.
        """
        if self.path is None:
            raise UsageError(f"{self.shown} is no file.", "Name a path.")
        return self.path / f"{name}{self.form.endings[0]}" if self.is_folder else self.path

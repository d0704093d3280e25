"""Which files hold the tables of the last good run on Spark: versions, each published by one small file.

A version names, for each table, the folders with its rows. The folders that a run writes are in no published version,
so a reader sees the last one whole meanwhile, and a run that dies leaves it as it is. Versions are written to two
places by turns: while one is replaced, the other has the version before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from touchline.table import Column, Kind, Table

PLACES = ("versions/0", "versions/1")
"""Where versions are written by turns."""


class Standing(msgspec.Struct, frozen=True):
    """A table of a version: its columns, as name, type and whether it may be empty, and the folders with its rows."""

    columns: tuple[tuple[str, str, bool], ...]
    folders: tuple[str, ...] = ()

    @property
    def declared(self) -> tuple[Column, ...]:
        """The columns."""
        return tuple(Column(name, Kind(kind), is_nullable) for name, kind, is_nullable in self.columns)


class Defined(msgspec.Struct, frozen=True):
    """A view of a version."""

    select: str
    is_public: bool = False


class _Content(msgspec.Struct, frozen=True):
    number: int
    tables: dict[str, Standing]
    views: dict[str, Defined]


@dataclass(frozen=True)
class Version:
    """What stands after a run, or after what else was changed at once."""

    number: int = 0
    tables: Mapping[str, Standing] = field(default_factory=dict)
    views: Mapping[str, Defined] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is written."""
        return PLACES[self.number % len(PLACES)]

    @property
    def folders(self) -> frozenset[str]:
        """All folders with rows."""
        return frozenset(folder for table in self.tables.values() for folder in table.folders)

    def with_table(self, table: Table, folders: Iterable[str] = ()) -> "Version":
        """The same with these folders for a table."""
        columns = tuple((column.name, str(column.kind), column.is_nullable) for column in table.columns)
        return replace(self, tables={**self.tables, table.name: Standing(columns, tuple(folders))})

    def with_view(self, name: str, select: str, *, is_public: bool) -> "Version":
        """The same with a view."""
        return replace(self, views={**self.views, name: Defined(select, is_public)})

    def without(self, names: Iterable[str]) -> "Version":
        """The same without these tables."""
        gone = set(names)
        return replace(self, tables={name: one for name, one in self.tables.items() if name not in gone})

    @property
    def text(self) -> str:
        """As it is written.

        >>> version_of(Version(3).text).number
        3
        """
        return msgspec.json.encode(_Content(self.number, dict(self.tables), dict(self.views))).decode()


def version_of(text: str) -> Version:
    """What :attr:`Version.text` says."""
    content = msgspec.json.decode(text, type=_Content)
    return Version(content.number, content.tables, content.views)


def free_folder(table: Table, taken: Iterable[str]) -> str:
    """A folder for rows of a table that is not among ``taken``: the first, so that what a dead run left is replaced.

    >>> from touchline.table import table
    >>> free_folder(table("visits", "text: id", key="id"), {"visits/0", "visits/2"})
    'visits/1'
    """
    used = set(taken)
    return next(name for number in range(len(used) + 1) if (name := f"{table.name}/{number}") not in used)

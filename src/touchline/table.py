"""What a table of the river is: columns, a key, and how its rows are replaced, sought and added up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what asks for names alone, such as `touchline --help`, does not wait for PyArrow
    import pyarrow as pa


class Kind(StrEnum):
    """The types a column may have; every engine has them all. A wide one holds sums of integers, however many."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    WIDE = "DECIMAL(38, 0)"
    BOOLEAN = "BOOLEAN"
    TIMESTAMP = "TIMESTAMP"
    DATE = "DATE"
    DOUBLE = "DOUBLE"

    @property
    def arrow(self) -> "pa.DataType":
        """The type in which Arrow holds such a column; times are microseconds since 1970, in UTC."""
        return _arrow_types()[self]


@cache
def _arrow_types() -> Mapping[Kind, "pa.DataType"]:
    import pyarrow as pa  # noqa: PLC0415 - see above

    return {
        Kind.TEXT: pa.string(),
        Kind.INTEGER: pa.int64(),
        Kind.WIDE: pa.decimal128(38, 0),
        Kind.BOOLEAN: pa.bool_(),
        Kind.TIMESTAMP: pa.timestamp("us"),
        Kind.DATE: pa.date32(),
        Kind.DOUBLE: pa.float64(),
    }


@dataclass(frozen=True)
class Column:
    """A column; only one that ``is_nullable`` may be empty.

    Text that ``is_loose`` differs from row to row, and a run reads it in a few of many rows: an engine that packs text
    tight would have to unpack thousands of values to get at one.
    """

    name: str
    kind: Kind
    is_nullable: bool
    is_loose: bool = False


@dataclass(frozen=True)
class Table:
    """A table: its ``key`` is unique, and by its ``unit``, a part of the key, rows are recomputed and replaced.

    Rows of a table without a key may repeat.
    ``sums`` are the columns that add up over persons and cost days, where all others follow from the key: a run adds to
    them and takes away from them. The last of them counts what stands behind a row, which goes where nothing does.
    ``sought`` names the sets of columns by which a run seeks a few of its many rows: an engine has a way to find those
    without looking at the others' text, and lays together what is sought together by the first.
    ``looked_up`` names further sets of columns by which joins and reports look rows up: an engine with indexes has one
    for each.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unit: tuple[str, ...]
    sums: tuple[str, ...] = ()
    sought: tuple[tuple[str, ...], ...] = ()
    looked_up: tuple[tuple[str, ...], ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def arrow_schema(self) -> "pa.Schema":
        """The columns as Arrow names and types them."""
        import pyarrow as pa  # noqa: PLC0415 - see above

        return pa.schema([pa.field(column.name, column.kind.arrow) for column in self.columns])

    def arrow(self, rows: Iterable[Mapping[str, object]]) -> "pa.Table":
        """Rows as an Arrow table of the declared types; what else they hold is left out.

        :raises KeyError: if a row lacks a column.
        """
        import pyarrow as pa  # noqa: PLC0415 - see above

        listed = list(rows)
        return pa.table({c.name: pa.array([row[c.name] for row in listed], c.kind.arrow) for c in self.columns})


_KINDS = {
    "text": Kind.TEXT,
    "int": Kind.INTEGER,
    "wide": Kind.WIDE,
    "bool": Kind.BOOLEAN,
    "time": Kind.TIMESTAMP,
    "date": Kind.DATE,
    "float": Kind.DOUBLE,
}


def table(
    name: str, columns: str, *, key: str, unit: str = "", sums: str = "", sought: str = "", looked_up: str = ""
) -> Table:
    """A table from lines of ``kind: name name? name~ …``: a question mark allows NULL, and a tilde says it is loose.

    Commas part the sets of columns that are ``sought`` or ``looked_up``.
    """
    declared: list[Column] = []
    for line in filter(None, (line.strip() for line in columns.splitlines())):
        kind, _, names = line.partition(":")
        declared += [Column(n.rstrip("?~"), _KINDS[kind], "?" in n, "~" in n) for n in names.split()]
    units = tuple((unit or key).split())
    return Table(name, tuple(declared), tuple(key.split()), units, tuple(sums.split()), _sets(sought), _sets(looked_up))


def _sets(listed: str) -> tuple[tuple[str, ...], ...]:
    """Sets of columns.

    >>> _sets("person_id, site_id order_id")
    (('person_id',), ('site_id', 'order_id'))
    """
    return tuple(tuple(names.split()) for names in filter(None, listed.split(",")))

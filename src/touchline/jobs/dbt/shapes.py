"""An engine in memory with every table empty but those of the settings: what statements give, without a run."""

from collections.abc import Mapping

import pyarrow as pa

from touchline.engines import DuckDB
from touchline.sql import Query
from touchline.table import Column, Kind
from touchline.tables import ALL, REFERENCE

_WIDEST = 38


class Shapes:
    """Answers what columns a statement has, and what it selects where it reads settings alone.

    :param settings: the rows of each table of settings, by name.
    """

    def __init__(self, settings: Mapping[str, pa.Table]) -> None:
        self._engine = DuckDB()
        for table in ALL.values():
            self._engine.create(table)
        for table in REFERENCE:
            self._engine.append(table, settings[table.name])

    def columns(self, query: Query) -> tuple[Column, ...]:
        """The columns of a statement; any of them may be empty."""
        return tuple(Column(one.name, _kind(one.type), is_nullable=True) for one in self.answer(query).schema)

    def answer(self, query: Query) -> pa.Table:
        """The rows of a statement."""
        return self._engine.select(query.text)

    def close(self) -> None:
        """Let go of the memory."""
        self._engine.close()


def _kind(kind: pa.DataType) -> Kind:
    if pa.types.is_integer(kind):
        return Kind.INTEGER
    if pa.types.is_decimal(kind) and kind.precision == _WIDEST:
        return Kind.WIDE
    return next(one for one in Kind if one.arrow == kind)

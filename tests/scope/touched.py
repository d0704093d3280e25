"""Which rows a run wrote: an engine gives a row a number when it is written, and a row that nobody touches keeps it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa

from touchline.engines import DuckDB, Engine
from touchline.engines.duckdb_rows import stored
from touchline.table import Table
from touchline.tables import RIVER, TRACKING_EVENTS

Units = set[tuple[str, ...]]
"""Units of recomputation, their columns as text."""


@dataclass(frozen=True)
class Written:
    """Where every row of every table stands, by key, and to which unit it belongs."""

    places: Mapping[str, dict[tuple[str, ...], tuple[int, tuple[str, ...]]]]

    def since(self, before: "Written") -> dict[str, Units]:
        """The units of the rows that came, went or were written anew since ``before``."""
        found = {}
        for name, now in self.places.items():
            then = before.places[name]
            moved = {key for key in now.keys() | then.keys() if now.get(key) != then.get(key)}
            units = {place[1] for key in moved for place in (now.get(key), then.get(key)) if place}
            if units:
                found[name] = units
        return found


def written(engine: DuckDB) -> Written:
    """The tables as they stand.

    A row's number changes only if it is written; the little that a test writes lets no file be put in order meanwhile.
    """
    return Written({table.name: _places(engine, table) for table in (TRACKING_EVENTS, *RIVER)})


def _places(engine: DuckDB, table: Table) -> dict[tuple[str, ...], tuple[int, tuple[str, ...]]]:
    rows = engine.select(f"select rowid as row_number, * from {stored(table)}").to_pylist()
    return {
        tuple(str(row[column]) for column in table.key): (
            row["row_number"],
            tuple(str(row[column]) for column in table.unit),
        )
        for row in rows
    }


class _Counting:
    """An engine that adds up the rows that a run holds."""

    def __init__(self, engine: Engine, held: list[int]) -> None:
        self._engine = cast("DuckDB", engine)
        self._held = held

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:
        rows = self._engine.keep(name, select, views)
        self._held.append(rows)
        return rows

    def hold(self, name: str, table: Table, rows: pa.Table) -> int:
        self._held.append(rows.num_rows)
        return self._engine.hold(name, table, rows)


def counting(held: list[int]) -> Callable[[Engine], Engine]:
    """What wraps an engine so that the number of rows of each relation that a run holds is noted in ``held``."""
    return lambda engine: cast("Engine", _Counting(engine, held))

"""The river as a stage sees it: whole in a rebuild, narrowed to the changed units in a run."""

from collections.abc import Callable, Mapping

import pyarrow as pa

from touchline.engines import Engine
from touchline.scope.adding import Added, Sums
from touchline.scope.units import UNITS
from touchline.sql import Query, query
from touchline.tables import SESSION_EVENTS, Table

TableWritten = Callable[[str, int], None]
"""Told the name of each table that was written and how many rows it was given."""


class Rebuild:
    """Every statement sees every row, and every table is replaced whole."""

    def __init__(self, engine: Engine, told: TableWritten) -> None:
        self._engine = engine
        self._told = told

    def write(self, package: str, table: Table) -> None:
        """Replace the rows of ``table`` by what ``<package>/<table>.sql`` selects."""
        defined = query(package, table.name)
        self._before(table)
        rows = self._engine.replace(table, defined.text, self._views(defined, table), self._scope(table))
        self._after(table, rows)

    def put(self, table: Table, rows: pa.Table) -> None:
        """Replace the rows of ``table`` by ``rows``, which were made in Python."""
        self._before(table)
        self._engine.remove(table, self._scope(table))
        self._after(table, self._engine.append(table, rows))

    def read(self, package: str, name: str, table: Table) -> pa.Table:
        """What ``<package>/<name>.sql`` selects, seen as for writing ``table``."""
        defined = query(package, name)
        return self._engine.select(defined.text, self._views(defined, table))

    def _before(self, table: Table) -> None:
        """Nothing to prepare where everything is replaced."""

    def _after(self, table: Table, rows: int) -> None:
        self._told(table.name, rows)

    def _scope(self, _table: Table) -> str | None:
        return None

    def _views(self, _defined: Query, _table: Table) -> Mapping[str, str]:
        return {}


class Run(Rebuild):
    """Every statement sees the changed units and what they need, and only those are replaced.

    The units are worked out between the writes, each as soon as what it depends on stands: :data:`BEFORE` and
    :data:`AFTER` say which, by the table that is about to be, or was, written.

    :param added: the tables of sums, each with the package that defines it.
    """

    def __init__(self, engine: Engine, told: TableWritten, added: Added) -> None:
        super().__init__(engine, told)
        self._added = added
        self._kept: dict[str, int] = {}
        self._sums = Sums(engine, self._kept)

    def write(self, package: str, table: Table) -> None:
        """Replace the rows of the scope by what ``<package>/<table>.sql`` selects, or add to what stands."""
        if table.sums:
            self._told(table.name, self._sums.add(query(package, table.name), table))
        else:
            super().write(package, table)

    def _before(self, table: Table) -> None:
        for name, selects in BEFORE.get(table.name, ()):
            self._gather(name, selects)
        if table is SESSION_EVENTS:  # the first whose rows go by person
            for package, summed in self._added:
                self._sums.hold(query(package, summed.name), summed)

    def _after(self, table: Table, rows: int) -> None:
        super()._after(table, rows)
        for name, selects in AFTER.get(table.name, ()):
            self._gather(name, selects)

    def _gather(self, name: str, selects: tuple[str, ...]) -> None:
        """Hold under ``name`` the union of what the named queries select and of the relations named with an ``=``."""
        parts = [f"select * from {s[1:]}" if s.startswith("=") else query(__package__, s).text for s in selects]
        self._kept[name] = self._engine.keep(name, " union ".join(f"select * from ({part}) as part" for part in parts))

    def _scope(self, table: Table) -> str | None:
        return UNITS[table.unit].scope

    def _views(self, defined: Query, table: Table) -> Mapping[str, str]:
        narrowed = UNITS[table.unit].narrowed
        views = {name: f"seen_{name}" for name in defined.reads if name in narrowed}
        for name, view in views.items():
            self._engine.bind(view, f"select t.* from {name} as t where {narrowed[name]}")
        return views


Gathering = tuple[tuple[str, tuple[str, ...]], ...]

BEFORE: Mapping[str, Gathering] = {
    "identity_edges": (
        ("scope_touched", ("identifiers_touched",)),
        ("scope_persons_before", ("persons_before",)),
        ("scope_identifiers", ("identifiers",)),
    ),
    "corrections": (
        ("scope_orders", ("orders",)),
        ("scope_persons_first", ("persons_of_identities",)),
    ),
    "session_events": (
        ("scope_persons", ("persons",)),
        ("scope_identifiers", ("identifiers_of_persons",)),
        ("scope_evidence_before", ("evidence",)),
        ("scope_agents_before", ("agents",)),
        ("scope_cost_days", ("cost_days",)),
    ),
    "campaigns": (("campaigns_before", ("=campaigns",)),),
}
AFTER: Mapping[str, Gathering] = {
    "touchpoints": (
        ("scope_evidence", ("evidence", "=scope_evidence_before")),
        ("scope_agents", ("agents", "=scope_agents_before")),
    ),
    "campaigns": (
        ("scope_names", ("names",)),
        ("scope_persons_renamed", ("persons_renamed",)),
    ),
}

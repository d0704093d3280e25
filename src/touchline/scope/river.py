"""The river as a stage sees it: whole in a rebuild, narrowed to the changed units in a run."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa

from touchline.engines import Engine, IncrementalEngine
from touchline.engines.protocol import Workbench
from touchline.scope.adding import Added, Sums
from touchline.scope.steps import AFTER, BEFORE, COMPARED, OF_CROWDED, Bind, Seek, Step, of_crowded
from touchline.scope.units import made, part_of, unit_of
from touchline.sql import Query, query
from touchline.table import Table
from touchline.tables import ALL, ATTRIBUTION_LINKS

TableWritten = Callable[[str, int], None]
"""Receives the name of each table that was written, and the number of rows written."""


class Rebuild:
    """Every statement sees every row, and every table is replaced whole."""

    def __init__(self, engine: Engine, told: TableWritten) -> None:
        self._engine = engine
        self._told = told

    def write(self, package: str, table: Table) -> None:
        """Replace the rows of ``table`` by the result of ``<package>/<table>.sql``."""
        defined = query(package, table.name)
        self._before(table)
        rows = self._engine.replace(table, defined.text, self._views(defined, table), self._scope(table))
        self._after(table, rows)

    def put(self, table: Table, rows: pa.Table) -> None:
        """Replace the rows of ``table`` by ``rows``, which Python code computed."""
        self._before(table)
        self._engine.remove(table, self._scope(table))
        self._after(table, self._engine.append(table, rows))

    def read(self, package: str, name: str, table: Table) -> pa.Table:
        """The result of ``<package>/<name>.sql``, which reads what a statement that writes ``table`` would read."""
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

    The units are computed between the writes, each as soon as its input is written: :data:`BEFORE` and :data:`AFTER`
    list them by the table that is written next, or was written last. Rows of a large table that several statements
    need are read once, and kept.

    :param added: the tables of sums, each with the package that defines it.
    """

    def __init__(self, engine: IncrementalEngine, told: TableWritten, added: Added) -> None:
        super().__init__(engine, told)
        self._bench: Workbench = engine
        self._added = added
        self._kept: dict[str, int] = {}
        self._sums = Sums(engine, self._kept)

    def write(self, package: str, table: Table) -> None:
        """Replace the changed units' rows of ``table``; if it is large, they are kept in the relation :func:`made`.

        In a table of sums, add the new amounts of the units and subtract the old ones. If no unit changed, nothing is
        computed: an engine plans a statement at length, however few rows it reads.
        """
        if table.sums:
            self._told(table.name, self._sums.add(query(package, table.name), table))
            return
        self._before(table)
        rows = 0
        if table.sought:
            rows = self._made(query(package, table.name), table)
        elif self._has_units(unit_of(table).scope):
            defined = query(package, table.name)
            rows = self._engine.replace(table, defined.text, self._views(defined, table), self._scope(table))
        self._after(table, rows)

    def put(self, table: Table, rows: pa.Table) -> None:
        """Replace the changed units' rows of ``table`` by ``rows``, which are kept if it is large."""
        if not table.sought:
            super().put(table, rows)
            return
        self._before(table)
        self._kept[made(table.name)] = self._bench.hold(made(table.name), table, rows)
        self._after(table, self._replace_made(table))

    def _has_units(self, scope: str | None) -> bool:
        """Whether any unit of ``scope`` changed."""
        return scope is None or self._kept[scope] > 0

    def _made(self, defined: Query, table: Table) -> int:
        """Keep the changed units' rows of a large table, and replace those that stand; returns the rows written."""
        columns, name = ", ".join(table.column_names), made(table.name)
        if self._has_units(unit_of(table).scope):
            select = f"select {columns} from ({defined.text}) as made"
            self._kept[name] = self._bench.keep(name, select, self._views(defined, table))
        else:
            self._kept[name] = self._bench.keep(name, f"select {columns} from {table.name} where 1 = 0")
        return self._replace_made(table) + (self._replace_changed(table) if table in OF_CROWDED else 0)

    def _replace_made(self, table: Table) -> int:
        """Put the rows that were made in the place of those that stand; returns the rows written."""
        scope = self._scope(table)
        if before := COMPARED.get(table):
            scope = f"changed_{table.name}"
            self._kept[scope] = self._bench.keep(scope, _differing(table, table.unit, made(table.name), before))
        if not self._has_units(scope):
            return 0
        columns = ", ".join(table.column_names)
        return self._engine.replace(table, f"select {columns} from {made(table.name)}", {}, scope)

    def _replace_changed(self, table: Table) -> int:
        """Replace only those rows of crowded persons that differ; returns the number of rows written."""
        columns, by = ", ".join(table.column_names), tuple(dict.fromkeys((*table.unit, *table.key)))
        changed, differing = f"changed_{table.name}", f"select {', '.join(by)} from {table.name} where 1 = 0"
        if self._has_units("scope_crowded"):
            now = f"(select * from {made(table.name)} where person_id in (select person_id from scope_crowded))"
            differing = _differing(table, by, now, of_crowded(table))
        self._kept[changed] = self._bench.keep(changed, differing)
        if not self._kept[changed]:
            return 0
        return self._engine.replace(
            replace(table, unit=by), f"select {columns} from {made(table.name)}", {}, changed
        )  # fmt: skip

    def _before(self, table: Table) -> None:
        for step in BEFORE.get(table.name, ()):
            self._take(step)
        if table is ATTRIBUTION_LINKS:  # the old rows that the sums are made from are kept already
            for package, summed in self._added:
                self._sums.hold(query(package, summed.name), summed)

    def _after(self, table: Table, rows: int) -> None:
        super()._after(table, rows)
        for step in AFTER.get(table.name, ()):
            self._take(step)

    def _take(self, step: Step) -> None:
        if isinstance(step, Seek):
            self._bench.narrow(step.view, step.table, step.by, step.scope)
            self._kept.pop(step.view, None)
            if self._kept.get(step.scope) == 0:
                self._kept[step.view] = 0
            return
        if isinstance(step, Bind):
            self._bench.bind(step.view, " union all ".join(f"select * from {part}" for part in step.parts))
            if self._kept.keys() >= {*step.parts}:
                self._kept[step.view] = sum(self._kept[part] for part in step.parts)
            return
        parts = [f"select * from {s[1:]}" if s.startswith("=") else query(__package__, s).text for s in step.selects]
        union = " union ".join(f"select * from ({part}) as part" for part in parts)
        self._kept[step.name] = self._bench.keep(step.name, union)

    def _scope(self, table: Table) -> str | None:
        return "scope_ordinary" if table in OF_CROWDED else unit_of(table).scope

    def _views(self, defined: Query, table: Table) -> Mapping[str, str]:
        parts = {name: part for name in defined.reads if (part := part_of(ALL[name], table))}
        for name, part in parts.items():
            if part.by:
                self._bench.narrow(part.relation, ALL[name], part.by, part.scope)
        return {name: part.relation for name, part in parts.items()}


def _differing(table: Table, by: tuple[str, ...], now: str, before: str) -> str:
    """A query for the columns ``by`` of the rows that were added, removed, or changed."""
    differs = " or ".join(f"n.{name} is distinct from t.{name}" for name in table.column_names)
    keys = ", ".join(f"coalesce(n.{name}, t.{name}) as {name}" for name in by)
    same = " and ".join(f"n.{name} = t.{name}" for name in dict.fromkeys((*table.unit, *table.key)))
    return f"select distinct {keys} from {now} as n full join {before} as t on {same} where {differs}"

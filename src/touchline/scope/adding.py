"""Tables of sums: a run adds the new amounts of the changed persons and cost days, and subtracts their old amounts.

Every number in these tables is a sum of integers over persons, conversions and cost days, and only whole units change.
The rows are therefore the same as if all units had been summed again, but a run reads only the rows of the changed
units, and writes only the rows whose numbers differ.

A renamed campaign moves the credit of conversions that did not change otherwise. Their old amounts are selected once
the new names are known: their rows are unchanged, and the old names are kept in ``campaigns_before``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from touchline.engines import IncrementalEngine
from touchline.engines.dialect import in_scope
from touchline.scope.units import UNITS, made
from touchline.sql import Query
from touchline.table import Column, Kind, Table
from touchline.tables import (
    AD_COSTS,
    ALL,
    CAMPAIGN_NAMES,
    CAMPAIGNS,
    IDENTIFIERS,
    IDENTITIES,
    READ_WHOLE,
    REFERENCE,
)

Added = Sequence[tuple[str, Table]]
"""Tables of sums, each with the package that defines it."""
Held = Callable[[Table], str | None]
"""Returns the relation to read in place of a table that sums are made from, or ``None`` to read the table."""

_Scopes = Mapping[tuple[str, ...], str]
_OF_PERSONS, _OF_CONVERSIONS = ("person_id",), ("conversion_id",)
_HELD_WHOLE = {"evidence_channels": "evidence_channels_held", "merged_accounts": "merged_accounts_before"}
"""By table that is read whole: the relation with the rows that may be removed before the old amounts are kept."""
_OF_IDENTITY: Mapping[Table, tuple[str, str]] = {
    IDENTIFIERS: ("identifiers_of_touched", "identifiers_before"),
    IDENTITIES: (made("identities"), "identities_before"),
}
"""Tables of identifiers whose rows a run keeps, now and before: the touched ones, or whole components."""
_CHANGED: _Scopes = {_OF_PERSONS: "scope_persons_credited", _OF_CONVERSIONS: "scope_conversions"}
"""By the unit of the summed rows: the units that changed."""
_RENAMED: _Scopes = {_OF_PERSONS: "scope_persons_renamed", _OF_CONVERSIONS: "scope_conversions_renamed"}
_NAMED: _Scopes = {_OF_PERSONS: "scope_persons_named"}
"""The units that a new name moves: for sums over conversions, and for sums over persons only."""


class Sums:
    """Updates the tables of sums in one run.

    :param kept: the number of rows of each relation that the run has kept so far.
    """

    def __init__(self, engine: IncrementalEngine, kept: Mapping[str, int]) -> None:
        self._engine = engine
        self._kept = kept
        self._before: dict[str, list[str]] = defaultdict(list)

    def hold(self, defined: Query, table: Table) -> None:
        """Keep the old amounts of the scope's units in ``table``, from their rows before this run."""
        if self._sees_rows(defined, rows_before):
            self._hold("before", defined, table, self._of_scope(defined, rows_before))

    def add(self, defined: Query, table: Table) -> int:
        """Add the difference between new and old amounts to ``table``; returns the number of rows written."""
        moved = self._renamed(defined)
        summed = self._hold_renamed(defined, table, moved) if moved else {}
        changed, rows = f"{table.name}_deltas", made(table.name)
        before = self._before.pop(table.name, [])
        if not before and not self._sees_rows(defined, rows_now):
            self._engine.keep(changed, f"select * from {table.name} where 1 = 0")
            return 0
        seen = self._part(defined, summed, "scope_cost_days") if moved else self._of_scope(defined, rows_now)
        if not self._engine.keep(changed, deltas(table, defined, before), seen):
            return 0
        self._engine.keep(rows, added_up(table, changed))
        return self._engine.replace(table, f"select * from {rows}", {}, changed)

    def _sees_rows(self, defined: Query, held: Held) -> bool:
        """Whether the scope may have a row to sum: what is read whole has no amounts of its own."""
        if not self._kept["scope_persons"] and not self._kept["scope_cost_days"]:
            return False
        read = [ALL[name] for name in defined.reads if ALL[name] not in READ_WHOLE]
        relations = ("scope_cost_days" if table.unit == AD_COSTS.unit else held(table) for table in read)
        return any(self._kept.get(relation, 1) for relation in relations if relation)

    def _renamed(self, defined: Query) -> _Scopes:
        """The scopes of the units that a new name moves, by unit; empty if there are none, or no name is read."""
        is_of_conversions = any(ALL[name].unit == _OF_CONVERSIONS for name in defined.reads)
        scopes = _RENAMED if is_of_conversions else _NAMED
        is_moved = CAMPAIGN_NAMES.name in defined.reads and any(self._kept[scope] for scope in scopes.values())
        return scopes if is_moved else {}

    def _hold_renamed(self, defined: Query, table: Table, moved: _Scopes) -> _Scopes:
        """Keep these units' old amounts, by the old names; returns the scopes of all changed and moved units."""
        self._engine.keep("scope_no_costs", "select * from scope_cost_days where 1 = 0")
        renamed = self._part(defined, moved, "scope_no_costs")
        self._hold("renamed", defined, table, {**renamed, CAMPAIGN_NAMES.name: "campaign_names_before"})
        summed = {unit: f"{scope}_summed" for unit, scope in moved.items()}
        for unit, both in summed.items():
            parts = (f"select {unit[0]} from {scopes[unit]}" for scopes in (_CHANGED, moved))
            self._engine.keep(both, " union ".join(parts))
        return summed

    def _hold(self, when: str, defined: Query, table: Table, seen: Mapping[str, str]) -> None:
        name = f"{table.name}_{when}"
        self._engine.keep(name, defined.text, seen)
        self._before[table.name].append(name)

    def _of_scope(self, defined: Query, held: Held) -> dict[str, str]:
        """By table: the relation with the rows of the scope's persons and conversions, or a view of its cost days."""
        views = self._part(defined, {}, "scope_cost_days")
        return views | {name: relation for name in defined.reads if (relation := held(ALL[name]))}

    def _part(self, defined: Query, units: _Scopes, costs: str) -> dict[str, str]:
        """By table: the view of these units' and cost days' rows that replaces it."""
        scopes = {**units, AD_COSTS.unit: costs}
        found = {name: scope for name in defined.reads if (scope := scopes.get(ALL[name].unit))}
        for name, scope in found.items():
            self._engine.narrow(f"part_of_{name}", ALL[name], ALL[name].unit, scope)
        return {name: f"part_of_{name}" for name in found}


def rows_now(read: Table) -> str | None:
    """The relation with the current rows of the scope's persons or conversions; ``None`` if ``read`` has no such rows.

    :raises LookupError: if ``read`` has rows of other units and is not read whole.

    >>> from touchline.tables import PATHS, SITES
    >>> rows_now(PATHS), rows_now(SITES)
    ('made_paths', None)
    """
    if read in READ_WHOLE or read.unit == AD_COSTS.unit:
        return None
    if read in _OF_IDENTITY:
        return _OF_IDENTITY[read][0]
    if read.unit in _CHANGED:
        return UNITS[_OF_CONVERSIONS].seen.get(read.name, made(read.name))
    raise LookupError(
        f"A table of sums reads {read.name}, whose unit is {', '.join(read.unit)}; no run keeps the old rows of that"
        f" unit. The units of summed rows are {', '.join(name for unit in _CHANGED for name in unit)} and cost days."
    )


def rows_before(read: Table) -> str | None:
    """The relation with those rows before this run; ``None`` if ``read`` itself still has them.

    :raises LookupError: if ``read`` is read whole and may change before the old amounts are kept.

    >>> from touchline.tables import CAMPAIGN_NAMES, EVIDENCE_CHANNELS, PATHS
    >>> rows_before(PATHS), rows_before(EVIDENCE_CHANNELS), rows_before(CAMPAIGN_NAMES)
    ('paths_before', 'evidence_channels_held', None)
    """
    if read in _OF_IDENTITY:
        return _OF_IDENTITY[read][1]
    if now := rows_now(read):
        return f"{now.removeprefix(made(''))}_before"
    if read.name in _HELD_WHOLE:
        return _HELD_WHOLE[read.name]
    if read in REFERENCE or read.unit in {AD_COSTS.unit, CAMPAIGNS.unit}:  # written after old amounts are kept
        return None
    raise LookupError(f"A table of sums reads {read.name}, and no relation keeps its old rows; name one here.")


def deltas(table: Table, defined: Query, before: Iterable[str]) -> str:
    """A query for the change of each row's sums, without rows that do not change.

    :param before: the relations with the old amounts.
    """
    parts = [_signed(table, "", f"({defined.text}) as part"), *(_signed(table, "-", name) for name in before)]
    changes = " or ".join(f"total({name}) <> 0" for name in table.sums)
    return f"{_summed(table, parts)} having {changes}"


def added_up(table: Table, changed: str) -> str:
    """A query for the rows that the relation ``changed`` changes, with their new sums.

    Rows that no unit contributes to any more are left out.
    """
    stands = f"{table.name} as t where {in_scope(table.unit, changed, 't')}"
    return (
        f"{_summed(table, [_signed(table, '', changed), _signed(table, '', stands)])} having sum({table.sums[-1]}) > 0"
    )


def _signed(table: Table, sign: str, rows: str) -> str:
    sums = (f"{sign}cast({c.name} as {c.kind}) as {c.name}" for c in table.columns if c.name in table.sums)
    return f"select {', '.join((*_fixed(table), *sums))} from {rows}"


def _summed(table: Table, parts: Iterable[str]) -> str:
    fixed = ", ".join(_fixed(table))
    sums = ", ".join(f"{_sum(c)} as {c.name}" for c in table.columns if c.name in table.sums)
    return f"select {fixed}, {sums} from ({' union all '.join(parts)}) as parts group by {fixed}"


def _sum(column: Column) -> str:
    return f"total({column.name})" if column.kind is Kind.WIDE else f"cast(sum({column.name}) as bigint)"


def _fixed(table: Table) -> tuple[str, ...]:
    return tuple(name for name in table.column_names if name not in table.sums)

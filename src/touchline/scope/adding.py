"""Tables of sums: a run adds what the changed persons and cost days give now, and takes away what they gave before.

Every number in them is a sum of integers over persons and cost days, and what changes is always whole persons and whole
cost days. So the rows come out as if everything had been added up anew, while no more is read than those units' own
rows, and no more is written than the rows whose numbers differ.

A new name of a campaign moves the credit of persons of whom nothing else changed. What they gave is selected when the
names are known: their rows stand as before, and the old names are held.
"""

from collections.abc import Iterable, Mapping, Sequence

from touchline.engines import Engine
from touchline.engines.dialect import in_scope
from touchline.scope.units import OF_COST_DAY, OF_PERSON
from touchline.sql import Query
from touchline.tables import Table

Added = Sequence[tuple[str, Table]]
"""Tables of sums, each with the package that defines it."""

_OF_PERSONS = ("attribution_links", "conversions", "paths", "touchpoints")
_NO_COSTS = "1 = 0"


def hold(engine: Engine, defined: Query, table: Table) -> None:
    """Hold what the persons and cost days of the scope give to ``table``, before their rows are replaced."""
    engine.keep(f"{table.name}_before", defined.text, _part(engine, defined, "scope_persons", OF_COST_DAY))


def add(engine: Engine, defined: Query, table: Table) -> int:
    """Add to ``table`` what the scope gives now, less what it gave; returns how many rows are written anew."""
    deltas, made = f"{table.name}_deltas", f"{table.name}_made"
    before, persons = [f"{table.name}_before"], "scope_persons"
    if "campaigns" in defined.reads:
        before.append(_hold_renamed(engine, defined, table))
        persons = "scope_persons_summed"
    seen = _part(engine, defined, persons, OF_COST_DAY)
    if not engine.keep(deltas, _deltas(table, defined, before), seen):
        return 0
    engine.keep(made, _made(table, deltas))
    return engine.replace(table, f"select * from {made}", {}, deltas)


def _hold_renamed(engine: Engine, defined: Query, table: Table) -> str:
    name = f"{table.name}_renamed"
    seen = _part(engine, defined, "scope_persons_renamed", _NO_COSTS)
    engine.keep(name, defined.text, {**seen, "campaigns": "campaigns_before"})
    return name


def _part(engine: Engine, defined: Query, persons: str, costs: str) -> Mapping[str, str]:
    """Views of the rows of these persons and costs, by the table in whose place they stand."""
    narrowed = dict.fromkeys(_OF_PERSONS, OF_PERSON.format(persons)) | {"ad_costs": costs}
    views = {name: f"part_of_{name}" for name in defined.reads if name in narrowed}
    for name, view in views.items():
        engine.bind(view, f"select t.* from {name} as t where {narrowed[name]}")
    return views


def _deltas(table: Table, defined: Query, before: Iterable[str]) -> str:
    """By how much each row's sums change, where they do."""
    parts = [_signed(table, "", f"({defined.text}) as part"), *(_signed(table, "-", name) for name in before)]
    changes = " or ".join(f"sum({name}) <> 0" for name in table.sums)
    return f"{_summed(table, parts)} having {changes}"


def _made(table: Table, deltas: str) -> str:
    """The rows that ``deltas`` change, with their new sums, but for those behind which nothing stands any longer."""
    stands = f"{table.name} as t where {in_scope(table, deltas, 't')}"
    return (
        f"{_summed(table, [_signed(table, '', deltas), _signed(table, '', stands)])} having sum({table.sums[-1]}) > 0"
    )


def _signed(table: Table, sign: str, rows: str) -> str:
    sums = (f"{sign}cast({name} as bigint) as {name}" for name in table.sums)
    return f"select {', '.join((*_fixed(table), *sums))} from {rows}"


def _summed(table: Table, parts: Iterable[str]) -> str:
    fixed = ", ".join(_fixed(table))
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in table.sums)
    return f"select {fixed}, {sums} from ({' union all '.join(parts)}) as parts group by {fixed}"


def _fixed(table: Table) -> tuple[str, ...]:
    return tuple(name for name in table.column_names if name not in table.sums)

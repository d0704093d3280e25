"""A judge of the steps of a run: whatever a statement or a step reads is held by then, and is what is meant."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pyarrow as pa

from touchline.engines import DuckDB, Engine
from touchline.pipeline import STAGES
from touchline.scope import Rebuild, adding, units
from touchline.scope import steps as steps_of_run
from touchline.scope.steps import Bind, Keep, Seek, Step
from touchline.sql import Query, queries, query
from touchline.table import Table
from touchline.tables import ALL, ATTRIBUTION_LINKS

FOLLOWED = ("changed_events", "changed_costs", "changed_rates", "changed_claims")
"""What stands before the first step."""
OF_SUMS = (
    "scope_cost_days", "scope_persons_credited", "scope_conversions_renamed", "scope_persons_renamed",
    "scope_persons_named", "campaign_names_before",
)  # fmt: skip
"""What tables of sums ask for beside the rows of the scope."""

_STEPS = (*steps_of_run.BEFORE.values(), *steps_of_run.AFTER.values())
VIEWS = Counter(step.view for steps in _STEPS for step in steps if isinstance(step, Seek))
"""How often each view is made, for other rows each time."""


@dataclass(frozen=True)
class Statement:
    """One thing that a stage does to a table: ``defined`` is the query that it reads by, if any."""

    table: Table
    defined: Query | None
    is_written: bool


class Recorded(Rebuild):
    """A rebuild that records what stages do."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, lambda _table, _rows: None)
        self.statements: list[Statement] = []

    def write(self, package: str, table: Table) -> None:
        self.statements.append(Statement(table, query(package, table.name), is_written=True))
        super().write(package, table)

    def put(self, table: Table, rows: pa.Table) -> None:
        self.statements.append(Statement(table, None, is_written=True))
        super().put(table, rows)

    def read(self, package: str, name: str, table: Table) -> pa.Table:
        self.statements.append(Statement(table, query(package, name), is_written=False))
        return super().read(package, name, table)


def statements() -> list[Statement]:
    """What the stages do, in order."""
    with closing(DuckDB()) as engine:
        for table in ALL.values():
            engine.create(table)
        recorded = Recorded(engine)
        for stage in STAGES:
            stage.run(recorded)
    return recorded.statements


def faults(flow: Sequence[Statement]) -> list[str]:
    """What is read and not held, by the steps as they stand; what is held for nobody; a table without a known part."""
    judge = _Judge()
    for statement in flow:
        judge.take(statement)
    idle = [f"{name} is held and never read" for name in judge.provided - judge.used]
    return judge.faults + idle


@dataclass
class _Judge:
    held: set[str] = field(default_factory=lambda: set(FOLLOWED))
    provided: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self, statement: Statement) -> None:
        table = statement.table
        if statement.is_written and not table.sums:
            self._take_steps(steps_of_run.BEFORE, table)
            self._hold_sums(table)
        if statement.defined and table.sums:
            self._read_sums(statement.defined)
            self.held.add(f"{table.name}_deltas")
        elif statement.defined:
            self._read(statement.defined, table)
        if statement.is_written and not table.sums:
            self._written(statement)
            self._take_steps(steps_of_run.AFTER, table)

    def _take_steps(self, steps: Mapping[str, tuple[Step, ...]], table: Table) -> None:
        for step in steps.get(table.name, ()):
            self._take(step)

    def _take(self, step: Step) -> None:
        name = step.name if isinstance(step, Keep) else step.view
        for needed in _needs(step):
            self._need(needed, f"the step of {name}")
        self._provide(name)

    def _read(self, defined: Query, table: Table) -> None:
        for name in defined.reads:
            try:
                part = units.part_of(ALL[name], table)
            except LookupError as error:
                self.faults.append(str(error))
                continue
            if part:
                self._need(part.scope if part.by else part.relation, f"{table.name} for {name}")

    def _hold_sums(self, table: Table) -> None:
        if table is ATTRIBUTION_LINKS:
            for defined in _sums():
                self._need_held(defined, adding.rows_before)

    def _read_sums(self, defined: Query) -> None:
        self._need_held(defined, adding.rows_now)
        for name in OF_SUMS:
            self._need(name, f"the sums of {defined.writes}")

    def _need_held(self, defined: Query, held: "adding.Held") -> None:
        for name in defined.reads:
            try:
                relation = held(ALL[name])
            except LookupError as error:
                self.faults.append(str(error))
                continue
            if relation:
                self._need(relation, f"the sums of {defined.writes}")

    def _written(self, statement: Statement) -> None:
        table, is_crowded = statement.table, statement.table in steps_of_run.OF_CROWDED
        scope = "scope_ordinary" if is_crowded else units.unit_of(table).scope
        if before := steps_of_run.COMPARED.get(table):
            self._need(before, f"the changed rows of {table.name}")
            self.held.add(f"changed_{table.name}")
        elif scope:
            self._need(scope, f"the rows of {table.name}")
        if is_crowded:
            self._need(steps_of_run.of_crowded(table), f"the crowded rows of {table.name}")
            self.held.add(f"changed_{table.name}")
        if table.sought:
            self.held.add(units.made(table.name))

    def _need(self, name: str, whoever: str) -> None:
        self.used.add(name)
        if name not in self.held and name not in ALL:
            self.faults.append(f"{whoever} reads {name}, which is not held by then")
        if VIEWS[name] > 1:  # the name is used again, for other rows: what stands there is for one reader
            self.held.discard(name)

    def _provide(self, name: str) -> None:
        self.held.add(name)
        self.provided.add(name)


def _needs(step: Step) -> Iterator[str]:
    if isinstance(step, Seek):
        yield step.scope
    elif isinstance(step, Bind):
        yield from step.parts
    else:
        for select in step.selects:
            yield from [select[1:]] if select.startswith("=") else query("touchline.scope", select).reads


def _sums() -> list[Query]:
    found = (one for stage in STAGES for one in queries(f"touchline.{stage.name}").values())
    return [one for one in found if one.writes in ALL and ALL[one.writes].sums]

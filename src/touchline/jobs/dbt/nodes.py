"""What a project is made of: which statement is a model, which table a seed, and which a source."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from touchline.included import INCLUDED
from touchline.pipeline import STAGES
from touchline.sql import Query, queries
from touchline.table import Table
from touchline.tables import ALL, REFERENCE, TOLD

VIEWS = "touchline.reports.views"
SEED = "seed_"
"""Before the name of a table: the seed whose text a model of the table's own name reads."""
VIEW = "touchline_"
"""Before the name of a view, which a table may have, too."""


@dataclass(frozen=True)
class Model:
    """A statement of the river's: of a table, of what Python asks for, or of a view.

    :param folder: its stage, or ``views``.
    :param table: what it makes; ``None`` of what Python asks for, and of views.
    """

    name: str
    folder: str
    query: Query
    table: Table | None = None

    @property
    def is_view(self) -> bool:
        """Whether people query it; all others are how its numbers are made."""
        return self.folder == "views"

    @property
    def is_asked_for(self) -> bool:
        """Whether Python makes a table of its rows."""
        return self.table is None and not self.is_view


@cache
def river_models() -> tuple[Model, ...]:
    """Every statement of the stages, stage by stage."""
    return tuple(_of_stages())


def _of_stages() -> Iterator[Model]:
    for stage in STAGES:
        for name, query in queries(f"touchline.{stage.name}").items():
            if name not in INCLUDED:
                yield Model(name, stage.name, query, ALL.get(name))


@cache
def view_models() -> tuple[Model, ...]:
    """The views that people query."""
    return tuple(Model(f"{VIEW}{name}", "views", query) for name, query in queries(VIEWS).items() if not query.writes)


@cache
def models() -> tuple[Model, ...]:
    """All of them."""
    return (*river_models(), *view_models())


@cache
def made_in_python() -> tuple[Table, ...]:
    """The tables that no statement makes, in the order in which stages need them."""
    by_statement = {model.name for model in river_models()}
    used = {name for model in models() for name in (model.query.writes, *model.query.reads)}
    given = {table.name for table in (*TOLD, *REFERENCE)}
    return tuple(table for name, table in ALL.items() if name in used - by_statement - given)


@cache
def settings_tables() -> tuple[Table, ...]:
    """The small tables of settings and rules that models read."""
    return tuple(table for table in REFERENCE if table.name in _read())


@cache
def sources() -> tuple[Table, ...]:
    """The tables of events, costs, rates and claims that models read."""
    return tuple(table for table in TOLD if table.name in _read())


@cache
def seeds() -> tuple[Table, ...]:
    """The tables whose rows the project brings along."""
    return (*settings_tables(), *made_in_python())


def _read() -> set[str]:
    return {name for model in models() for name in model.query.reads}

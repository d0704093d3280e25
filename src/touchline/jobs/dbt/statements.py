"""The text of models: the river's statements, with the relations of a project in the place of tables."""

from collections.abc import Collection, Mapping
from textwrap import fill

from touchline.engines.warehouses import model_text
from touchline.jobs.dbt.nodes import SEED, Model, models, seeds, sources
from touchline.table import Column, Kind, Table

SOURCE = "touchline"
"""The name of the source in a project."""
MARK = ":"
"""Before each text of a seed: what reads seeds takes an empty text, and the word ``null``, for nothing."""
_WIDTH = 120


def relations(own: Collection[str]) -> Mapping[str, str]:
    """What stands in a model for each table that it may read.

    :param own: the sources that models of the project's owner make.
    """
    made = [model.name for model in models()] + [table.name for table in seeds()]
    told = {
        table.name: _ref(table.name) if table.name in own else f"{{{{ source('{SOURCE}', '{table.name}') }}}}"
        for table in sources()
    }
    return {**{name: _ref(name) for name in made}, **told}


def statement(model: Model, columns: tuple[Column, ...], dialect: str, names: Mapping[str, str]) -> str:
    """A model with the river's statement; its columns have the declared types.

    :param columns: as they are declared; none of a view, whose columns are as they come.
    """
    query = model.query
    text = query.text
    if columns:
        casts = ", ".join(f"cast(made.{one.name} as {one.kind}) as {one.name}" for one in columns)
        text = f"select {casts} from (\n{text}\n) as made"  # noqa: S608 - declared names, and a file of ours
    read = {name: names[name] for name in query.reads}
    said = f"One row is {query.grain}. {query.sentence}" if query.grain else query.sentence
    return f"{_comment(said)}{model_text(text, dialect, read)}\n"


def seed_statement(table: Table, meaning: str, dialect: str) -> str:
    """A model that gives a seed's text the types of the table."""
    casts = ", ".join(f"{_value(one)} as {one.name}" for one in table.columns)
    text = f"select {casts} from {table.name}"  # noqa: S608 - declared names
    return f"{_comment(meaning)}{model_text(text, dialect, {table.name: _ref(f'{SEED}{table.name}')})}\n"


def _value(column: Column) -> str:
    if column.kind is Kind.TEXT:
        return f"substring({column.name}, {len(MARK) + 1})"
    return f"cast({column.name} as {column.kind})"


def _ref(name: str) -> str:
    return f"{{{{ ref('{name}') }}}}"


def _comment(said: str) -> str:
    return "".join(f"-- {line}\n" for line in fill(said, _WIDTH - len("-- ")).splitlines())

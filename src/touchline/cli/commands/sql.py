"""``sql``: the statements that make the tables, as an engine is given them."""

from typing import TYPE_CHECKING, Any

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options
from touchline.errors import UnknownError

if TYPE_CHECKING:
    from touchline.sql import Query


def sql(stage: str, *, engine: str = "duckdb", table: str | None = None, options: Options = COMMON) -> Answer:  # noqa: ARG001 - every command takes them
    """Print the SQL that computes a stage's tables.

    :param stage: identity, sessions, channels, attribution, spend, rollups, waste or health.
    :param engine: the SQL dialect: duckdb, postgresql, or clickhouse.
    :param table: print only the SQL for this table.
    """
    from touchline.engines import in_words_of

    document: list[dict[str, Any]] = [
        {
            "name": name, "writes": query.writes, "reads": query.reads, "grain": query.grain,
            "sentence": query.sentence, "sql": in_words_of(engine, query.text),
        }
        for name, query in _asked(stage, table).items()
    ]  # fmt: skip
    return Answer(document, lambda: Text("\n\n".join(map(_statement, document))))


def _asked(stage: str, table: str | None) -> "dict[str, Query]":
    from touchline.pipeline import STAGES
    from touchline.sql import queries

    stages = [one.name for one in STAGES]
    if stage not in stages:
        raise UnknownError(f"There is no stage {stage!r}.", f"There are: {', '.join(stages)}.")
    found = queries(f"touchline.{stage}")
    asked = {name: query for name, query in found.items() if table in {None, name, query.writes}}
    if not asked:
        raise UnknownError(f"{stage} has no SQL for {table!r}.", f"It has: {', '.join(found) or 'none'}.")
    return asked


def _statement(query: dict[str, Any]) -> str:
    return f"-- {query['name']}: one row is {query['grain']}\n{query['sql']};"


COMMAND = sql

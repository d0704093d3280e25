"""An answer to a question in SQL: rows of one organization, read while the server works."""

from dataclasses import dataclass
from typing import Any

from touchline.engines import Engine
from touchline.engines.questions import OWNER, question
from touchline.reports.views import views
from touchline.tables import ALL
from touchline.view import PUBLIC

MOST_ROWS = 10_000
"""Rows of an answer that nobody asks for fewer or more of."""


@dataclass(frozen=True)
class QueryAnswer:
    """Columns and rows, in the order in which the engine gives them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool
    """Whether there are more rows than the answer may have."""


def answer_query(engine: Engine, organization_id: str, sql: str, *, most_rows: int = MOST_ROWS) -> QueryAnswer:
    """Answer one SELECT over the views and tables of an organization.

    It is written in the SQL that all engines have, as the page on SQL shows it, and can neither write nor read
    anything but those relations. How long it may take is the engine's to say.

    :param sql: the statement; views are named with or without ``touchline.`` before them.
    :param most_rows: rows that the answer has at most, from 1.
    :raises UsageError: if it is no such statement, or the engine refuses it.
    :raises UnknownError: if it reads what is no view or table.

    ::

        answer_query(engine, "shop", "select channel, sum(value) as value from links group by channel").rows
    """
    tables = [name for name, table in ALL.items() if OWNER in table.column_names]
    selects = {view.name: view.select for view in views() if view.is_public}
    text = question(
        sql, views=selects, tables=tables, organization_id=organization_id, public=PUBLIC, most_rows=most_rows + 1
    )
    found = engine.select(text)
    rows = tuple(zip(*(column.to_pylist() for column in found.columns), strict=True))
    return QueryAnswer(tuple(found.column_names), rows[:most_rows], len(rows) > most_rows)

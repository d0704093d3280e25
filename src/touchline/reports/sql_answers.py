"""An answer to a question in SQL: rows of one organization, read while the server works."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from touchline.engines import Engine
from touchline.errors import TouchlineError, UsageError
from touchline.reports.views import views
from touchline.tables import ALL
from touchline.view import PUBLIC

MOST_ROWS = 10_000
"""Rows of an answer that nobody asks for fewer or more of."""
_ANY_NUMBER = 2**62
"""Of rows: more than there can be."""
_SAID = 500
"""Characters of what the engine says."""


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
    found = _selected(engine, statement_over(sql, organization_id, most_rows=most_rows + 1))
    rows = tuple(zip(*map(_values, found.columns), strict=True))
    return QueryAnswer(tuple(found.column_names), rows[:most_rows], len(rows) > most_rows)


def statement_over(sql: str, organization_id: str, *, most_rows: int = _ANY_NUMBER) -> str:
    """The statement by which an engine answers a question over the views and tables of an organization.

    :raises UsageError: if it is no such question.
    :raises UnknownError: if it reads what is no view or table.
    """
    from touchline.engines.questions import OWNER, question  # noqa: PLC0415 - it loads the SQL parser: 0.3 s of a start

    tables = [name for name, table in ALL.items() if OWNER in table.column_names]
    selects = {view.name: view.select for view in views() if view.is_public or view.name != view.spelled}
    return question(
        sql, views=selects, tables=tables, organization_id=organization_id, public=PUBLIC, most_rows=most_rows
    )


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Python's own values; wide integers, which engines give as decimals without a fraction, are integers."""
    if pa.types.is_decimal(column.type) and column.type.scale == 0:
        return [None if value is None else int(value) for value in column.to_pylist()]
    return [float(value) if isinstance(value, Decimal) else value for value in column.to_pylist()]


def _selected(engine: Engine, text: str) -> pa.Table:
    """What the engine answers; what it refuses, such as a column that is not there, is the question's fault."""
    try:
        return engine.select(text)
    except TouchlineError as error:
        if type(error) is not TouchlineError:  # it has a name of its own: the engine is busy, too small, or away
            raise
        raise _refused(error) from error
    except Exception as error:
        raise _refused(error) from error


def _refused(error: Exception) -> UsageError:
    return UsageError(
        f"The engine refuses the SQL: {' '.join(str(error).split())[:_SAID]}", "Correct it and try again."
    )

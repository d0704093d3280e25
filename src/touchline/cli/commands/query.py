"""``query``: SQL over the views and tables, while the server works."""

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from touchline.amounts import UNKNOWN, counted
from touchline.cli.answer import Answer, Number, Whole
from touchline.cli.clock import now_micros
from touchline.cli.reading import READING, Reading
from touchline.cli.terminal import table
from touchline.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.sql_answers import QueryAnswer

_SHOWN_ROWS = 100


def query(
    sql: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    rows: Whole = 10_000,
    seconds: Number = 60.0,
    reading: Reading = READING,
) -> Answer:
    """Answer one SELECT over the views and tables, also while the server runs.

    Views and their columns are in the reference. The SQL is what all engines have; nothing is written, and only rows
    of one organization are read.

    :param sql: the statement, or - to read it from standard input.
    :param rows: how many rows the answer has at most.
    :param seconds: how long it may take.
    """
    from touchline.jobs import auditing
    from touchline.reports.csv_text import csv_of_query
    from touchline.reports.sql_answers import answer_query

    reading.require_one_format("An answer")
    if rows < 1:
        raise UsageError(f"--rows is at least 1, not {rows}.")
    text = sys.stdin.read() if sql == "-" else sql
    with reading.opened(is_reading=True, seconds=seconds) as workspace:
        organization_id = workspace.organization(reading.organization)["organization_id"]
        answer = answer_query(workspace.engine, organization_id, text, most_rows=rows)
        auditing.note(workspace.ledger, organization_id, "looked", auditing.SQL, now=now_micros())
    csv = csv_of_query(answer.columns, answer.rows) if reading.csv else None
    return Answer(answer, lambda: _shown(answer), csv=csv, csv_note=_cut(answer))


def _shown(answer: "QueryAnswer") -> "RenderableType":
    """The first rows as a table, numbers to the right."""
    rows = answer.rows[:_SHOWN_ROWS]
    numbers = [any(isinstance(row[place], int | float) for row in rows) for place in range(len(answer.columns))]
    columns = [f">{name}" if is_one else name for name, is_one in zip(answer.columns, numbers, strict=True)]
    return table(_title(answer), columns, [[UNKNOWN if value is None else str(value) for value in row] for row in rows])


def _title(answer: "QueryAnswer") -> str:
    count, are_hidden = counted(len(answer.rows), "row"), len(answer.rows) > _SHOWN_ROWS
    hidden = f"{count}, of which {_SHOWN_ROWS} are shown; --csv has them all" if are_hidden else count
    return f"{_cut(answer)} {hidden if are_hidden else ''}".rstrip() if answer.is_cut else hidden


def _cut(answer: "QueryAnswer") -> str:
    """That there are more rows; ``""`` where there are none."""
    count = counted(len(answer.rows), "row")
    return f"The first {count}; there are more. Use --rows to read more of them." if answer.is_cut else ""


COMMAND = query

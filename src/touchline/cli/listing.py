"""What commands say in a sentence, and lists of the ledger's rows."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from touchline.amounts import UNKNOWN, amount
from touchline.cli.answer import Answer, Options, Scope
from touchline.cli.terminal import number, shown, table

if TYPE_CHECKING:
    from rich.console import RenderableType


def said(document: Any, text: str) -> Answer:
    """A document for programs, and a sentence for people."""
    return Answer(document, lambda: shown(text))


def rows_of(options: Options, name: str, columns: Sequence[str], **where: Any) -> list[dict[str, Any]]:
    """The columns of the ledger's table of that name."""
    from touchline.ledger import schema

    with options.opened() as workspace:
        rows = workspace.ledger.rows(getattr(schema, name), **where)
    return [{column: row[column] for column in columns} for row in rows]


def rows_of_organization(scope: Scope, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """As :func:`rows_of`, of one organization."""
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
    return rows_of(scope, name, columns, organization_id=organization_id)


def currency_of(scope: Scope) -> str:
    """The currency of the organization, which its goals and targets are in."""
    with scope.opened() as workspace:
        currency: str = workspace.organization(scope.organization)["currency"]
    return currency


def listed(what: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], currency: str = "") -> Answer:
    """Rows as a list for programs, and as a table for people.

    :param currency: of the amounts in the rows, if there are any.
    """
    return Answer({what: rows}, partial(_table, what, rows, columns, currency))


def _table(what: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], currency: str) -> "RenderableType":
    cells = [[_cell(column, row[column], currency) for column in columns] for row in rows]
    return table(what.capitalize(), [column.removesuffix("_micros") for column in columns], cells)


def _cell(column: str, value: object, currency: str) -> str:
    if column.endswith("_micros") and (value is None or isinstance(value, int)):
        return amount(value, currency)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 2)
    return UNKNOWN if value in {None, ""} else str(value)


def instant(micros_since_1970: int | None) -> str | None:
    """A time as people write it, to the second."""
    from datetime import UTC, datetime

    return None if micros_since_1970 is None else f"{datetime.fromtimestamp(micros_since_1970 / 1e6, UTC):%F %TZ}"

"""Conditions on the values of a table's columns."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, false

from touchline.characters import unstorable


def having(table: Table, where: Mapping[str, Any]) -> Iterator[ColumnElement[bool]]:
    """Conditions that the columns have the values; what no database keeps is no row's, and PostgreSQL is not asked.

    Of a list of values, a column has one.
    """
    for name, value in where.items():
        if isinstance(value, list):
            yield table.c[name].in_([one for one in value if may_be_stored(one)])
        else:
            yield table.c[name] == value if may_be_stored(value) else false()


def may_be_stored(value: object) -> bool:
    """Whether a database can keep the value."""
    return not isinstance(value, str) or unstorable(value) is None

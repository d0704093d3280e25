"""The rows of a table that a view asks for: filtered by name, sorted by a column, the first of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from touchline.errors import UsageError
from touchline.server.pages.view import View

T = TypeVar("T")


def matching(rows: Sequence[T], wanted: str, name: Callable[[T], str]) -> list[T]:
    """The rows whose name contains a text, whatever the case of its letters.

    >>> matching(["Paid Search", "Email"], "SEARCH", str)
    ['Paid Search']
    """
    return [row for row in rows if wanted.casefold() in name(row).casefold()]


def chosen(rows: Sequence[T], view: View, most: int, columns: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """The rows in the view's order, as many as it shows.

    :param most: how many where the view does not say.
    :param columns: by the name of a column, what a row has there.
    :raises UsageError: if the view sorts by another column.

    >>> chosen([3, 1, 2], View(sort="-size", limit=2), 50, {"size": int})
    [3, 2]
    """
    column = view.sort.removeprefix("-")
    if column and column not in columns:
        raise UsageError(f"sort must be one of {', '.join(columns)}, not {column!r:.80}.")
    ordered = sorted(rows, key=columns[column], reverse=view.sort.startswith("-")) if column else list(rows)
    return ordered[: view.limit or most]

"""A row of a file, good or bad."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Cells = Mapping[str, object]
"""What a row says, by column."""


class BadRow(NamedTuple):
    """What stands in the place of a row, and is none."""

    kind: Literal["malformed", "too_long"]
    message: str
    """What was expected and what came, for a person."""
    text: str = ""
    """The row as it stands in the file, where that is text."""
    field: str | None = None
    """The column that is wrong, where one is."""
    cells: Cells = MappingProxyType({})
    """What stands under the header's names, counted from the left where there are too many cells or too few."""


Rows = Iterator[tuple[str, Cells | BadRow]]
"""Rows, each with its source, ``<file name>:<line or row number>``."""

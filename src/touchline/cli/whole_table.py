"""A table that cuts no cell, however narrow the terminal is."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from rich.measure import Measurement
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

_GAP = 2
"""Columns of the terminal between two of the table."""
_READABLE = 24
"""How wide a column of text is at least, where its text is as long as that."""

Justify = Literal["left", "right"]


class WholeTable:
    """Rows under headers; columns that do not fit next to the others follow below, after the first column again.

    Columns aligned to the right, such as amounts, are as wide as they have to be. Text breaks between words.
    """

    def __init__(
        self,
        headers: Sequence["RenderableType"],
        justify: Sequence[Justify],
        rows: Sequence[Sequence["RenderableType"]],
    ) -> None:
        self._headers, self._justify, self._rows = headers, justify, rows

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> Iterator["RenderableType"]:
        for number, places in enumerate(self._blocks(console, options)):
            if number:
                yield ""
            yield self._block(places)

    def _blocks(self, console: "Console", options: "ConsoleOptions") -> list[list[int]]:
        """The columns of each block: all in one where that is possible with text broken at every word."""
        places = range(len(self._headers))
        measured = [self._measured(console, options, place) for place in places]
        if _width([one.minimum for one in measured]) <= options.max_width:
            return [[*places]]
        widths = [_readable(one, options.max_width // 2) for one in measured]
        blocks: list[list[int]] = [[0]]
        for place in places[1:]:
            if _width([widths[one] for one in (*blocks[-1], place)]) <= options.max_width:
                blocks[-1].append(place)
            else:
                blocks.append([0, place])
        return blocks

    def _measured(self, console: "Console", options: "ConsoleOptions", place: int) -> Measurement:
        """The width of a column's longest word, or of its longest cell where cells may not break; and of that cell."""
        unlimited = options.update(max_width=10_000)
        cells = (self._headers[place], *(row[place] for row in self._rows))
        found = [Measurement.get(console, unlimited, cell) for cell in cells]
        longest = max(one.maximum for one in found)
        is_right = self._justify[place] == "right"
        return Measurement(longest if is_right else max(one.minimum for one in found), longest)

    def _block(self, places: Sequence[int]) -> Table:
        made = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
        for place in places:
            is_right = self._justify[place] == "right"
            made.add_column(
                self._headers[place], justify=self._justify[place], header_style="dim", no_wrap=is_right,
                overflow="fold",
            )  # fmt: skip
        for row in self._rows:
            made.add_row(*(row[place] for place in places))
        return made


def _width(columns: Sequence[int]) -> int:
    """Of columns next to each other."""
    return sum(columns) + _GAP * (len(columns) - 1)


def _readable(column: Measurement, widest: int) -> int:
    """The width of a column in a table of several blocks, which has the room."""
    if column.minimum == column.maximum:
        return column.minimum
    return min(max(column.minimum, min(column.maximum, _READABLE)), widest)

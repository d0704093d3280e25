"""Where the rows of a command go instead of the terminal, and what is said of it."""

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.answer import Answer, Options
from touchline.cli.terminal import number, stacked, table, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.exports import Place
    from touchline.jobs.publishing import Exported


def place_named(options: Options, to: str, form: str | None = None, prefix: str = "") -> "Place":
    """The place of ``--to``.

    :raises UsageError: if it shows no format, or is one of Touchline's own files.
    """
    from touchline.exports import place_of
    from touchline.jobs.publishing import check_place

    place = place_of(to, form=form, prefix=prefix)
    check_place(place, options.place)
    return place


def written(exported: "Exported") -> Answer:
    """That tables were written."""
    return Answer(exported, partial(_shown, exported))


def _shown(exported: "Exported") -> "RenderableType":
    title = f"Written to {exported.to} ({exported.format})"
    rows = table(visible(title), ("table", ">rows"), [(one.name, number(one.rows)) for one in exported.tables])
    notes = [Text(visible(f"{one.name}: {note}")) for one in exported.tables for note in one.notes]
    return stacked(rows, *notes)

"""How things look: consoles, tables, money, shares, bars, progress; and JSON for programs.

Ids, names and messages come from anybody. What a terminal would obey, or not show, becomes a visible escape here: in
every cell and text, and once more in all that a console writes.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console, ConsoleOptions, Group
from rich.segment import Segment
from rich.text import Text

from touchline.amounts import UNKNOWN
from touchline.cli.whole_table import Justify, WholeTable
from touchline.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.style import StyleType

_PIPE_WIDTH = 160
"""Columns where no terminal says how many there are."""
_BAR = " ▏▎▍▌▋▊▉█"

_UNSHOWN = (
    "\x7f-\x9f"  # DEL and C1, of which U+009B begins a command as ESC [ does
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # no width; other directions
    "\ud800-\udfff\U000e0000-\U000e007f"  # halves of pairs; letters of no width
)
_UNSAFE = re.compile(f"[\0-\x1f{_UNSHOWN}]")
_UNSAFE_IN_LINES = re.compile(f"[\0-\x09\x0b-\x1f{_UNSHOWN}]")
_UNSAFE_IN_JSON = re.compile(f"[{_UNSHOWN}]")


def visible(text: str) -> str:
    r"""Text on one line, in which everything that a terminal would obey or not show is spelled out.

    >>> print(visible("c\x1b[2Jd"), visible("a\u202eb"), visible("two\nlines"), visible("café"))
    c\x1b[2Jd a\u202eb two\nlines café
    """
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escape, text)


def shown(text: str, style: "StyleType" = "") -> Text:
    """Text of several lines, harmless as :func:`visible`'s: for sentences that name ids, and not for ids."""
    return Text(_UNSAFE_IN_LINES.sub(_escape, text), style)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _json_escape(found: re.Match[str]) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(found[0].encode("utf-16-le", "surrogatepass")).cast("H"))


class _Console(Console):
    """A console that leaves it to the command line to say what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def render(self, renderable: "RenderableType", options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not _UNSAFE_IN_LINES.search(segment.text):
                yield segment
            else:
                yield Segment(_UNSAFE_IN_LINES.sub(_escape, segment.text), segment.style)


def console(*, is_error: bool = False) -> Console:
    """The terminal, or the pipe in its place."""
    made = _Console(stderr=is_error, highlight=False)
    return made if made.is_terminal else _Console(stderr=is_error, highlight=False, width=_PIPE_WIDTH)


@dataclass(frozen=True)
class JsonText:
    """A document that is too large to hold: its text, part by part."""

    parts: Iterable[str]


def write_json(document: Any) -> None:
    """One document on standard output; fields named as in Python, ``null`` for what is not known."""
    if isinstance(document, JsonText):
        sys.stdout.writelines(_UNSAFE_IN_JSON.sub(_json_escape, part) for part in chain(document.parts, "\n"))
        return
    text = msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=2).decode()
    # Such characters stand in texts only, where JSON has an escape for each: the document says the same.
    sys.stdout.write(_UNSAFE_IN_JSON.sub(_json_escape, text) + "\n")


def write_csv(text: str) -> None:
    """CSV on standard output, one line feed after each row, and nothing that a terminal would obey."""
    sys.stdout.write(_UNSAFE_IN_LINES.sub(_escape, text.replace("\r\n", "\n")))


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separated.

    >>> number(12345), number(1.25, 1), number(None)
    ('12,345', '1.2', '—')
    """
    return UNKNOWN if value is None else f"{value:,.{digits}f}"


def percent(share: float | None) -> str:
    """A share of 0–1 as per cent.

    >>> percent(0.5), percent(None)
    ('50.0 %', '—')
    """
    return UNKNOWN if share is None else f"{share * 100:.1f} %"


def bar(share: float | None, width: int = 20) -> Text:
    """A share of 0–1 as a bar, in eighths of a letter.

    >>> bar(0.5, 4).plain
    '██'
    """
    eighths = round(max(0.0, min(1.0, share or 0.0)) * width * 8)
    return Text("█" * (eighths // 8) + _BAR[eighths % 8].strip(), style="cyan")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence["RenderableType"]]) -> Group:
    """A titled table; a column whose name begins with ``>`` is aligned to the right, and its cells never break."""
    headers = [Text(visible(column.removeprefix(">"))) for column in columns]
    justify: list[Justify] = ["right" if column.startswith(">") else "left" for column in columns]
    cells = [[Text(visible(cell)) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return Group(Text(visible(title), "bold"), WholeTable(headers, justify, cells))


def stacked(*parts: "RenderableType") -> Group:
    """Parts below each other, with a blank line between them."""
    lines: list[RenderableType] = []
    for part in parts:
        lines += [part, ""] if lines == [] or part is not parts[-1] else [part]
    return Group(*lines)


@contextmanager
def progress(title: str, *, is_quiet: bool) -> Iterator[Progress]:
    """A bar on a terminal's standard error, while it lasts; where nobody watches, nothing."""
    shown = console(is_error=True)
    if is_quiet or not shown.is_terminal:
        yield ignore_progress
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=30), TextColumn("{task.fields[what]}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Bars(*columns, console=shown, transient=True) as bars:
        task = bars.add_task(title, what="", total=None)

        def told(what: str, done: int, total: int) -> None:
            bars.update(task, what=visible(what), completed=done, total=total)

        yield told

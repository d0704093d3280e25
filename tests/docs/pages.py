"""Pages that are followed: the files they make, the commands they run, and what those answer.

A block after ``<!-- file: name -->`` is a file of the reader's folder. In a ``console`` block each line that begins
with ``$ `` is a command and the lines below it are its answer: line for line, blank lines aside, where ``…`` stands for
any text, and alone on its line for any lines. ``$ echo $?`` asks for the exit code of a command that may fail, and
``pk_…`` or ``sk_…`` in a command is the key that was shown. A block after ``<!-- slow -->`` takes its time.
"""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"^(?:<!-- (?P<note>[^\n]+) -->\n)?```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
EXIT_CODE = ["echo", "$?"]


@dataclass(frozen=True)
class File:
    """A file that the page tells its reader to make."""

    name: str
    content: str


@dataclass(frozen=True)
class Command:
    """A command, and the lines that the page shows below it; none: whatever it answers."""

    words: list[str]
    shown: list[str]
    is_slow: bool = False

    def is_answered(self, output: str) -> bool:
        """Whether this output is what the page shows."""
        if not self.shown:
            return True
        return re.fullmatch("".join(map(_pattern, self.shown)), "".join(_lines(output))) is not None


def steps(page: str) -> Iterator[File | Command]:
    """What the page asks its reader to do, in its order."""
    for block in _BLOCK.finditer(page):
        note, body = block["note"] or "", block["body"]
        if note.startswith("file: "):
            yield File(note.removeprefix("file: "), body)
        elif block["language"] == "console":
            yield from _commands(body, is_slow=note == "slow")


def _commands(body: str, *, is_slow: bool) -> Iterator[Command]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        lines = part.replace("\\\n", " ").splitlines()
        words, taken = _words(lines)
        yield Command(words, [line for line in lines[taken:] if line.strip()], is_slow)


def _words(lines: list[str]) -> tuple[list[str], int]:
    """The words of the command that the lines begin with, and its number of lines: as many as its quotes span."""
    for taken in range(1, len(lines) + 1):
        with suppress(ValueError):  # a quote is open still
            return shlex.split("\n".join(lines[:taken])), taken
    raise AssertionError(f"no command ends in {lines}")


def _lines(output: str) -> Iterator[str]:
    """The lines that are not blank, without the width of the gaps between words."""
    return (f"{' '.join(line.split())}\n" for line in output.splitlines() if line.strip())


def _pattern(shown: str) -> str:
    """A regular expression for one shown line."""
    if shown.strip() == "…":
        return r"(?:[^\n]*\n)*"
    parts = " ".join(shown.split()).split("…")
    return r"[^\n]*".join(map(re.escape, parts)) + "\n"


def page_of(file: Path) -> list[File | Command]:
    """The steps of a page on the disk."""
    return list(steps(file.read_text(encoding="utf-8")))

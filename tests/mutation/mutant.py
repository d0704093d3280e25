"""A mutant: one small fault in one file of the product, and the change that makes it."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the characters from ``start`` to ``end`` by ``replacement``; ``operator`` is the kind of fault."""

    start: int
    end: int
    replacement: str
    operator: str

    def apply(self, text: str) -> str:
        """The mutated file."""
        return text[: self.start] + self.replacement + text[self.end :]


@dataclass(frozen=True)
class Mutant:
    """An edit of a file: ``file`` is its path from the repository's folder, ``text`` its contents without the fault."""

    file: str
    text: str
    edit: Edit

    @property
    def mutated(self) -> str:
        """The file with the fault."""
        return self.edit.apply(self.text)

    @property
    def line(self) -> int:
        """The number of the line where the fault begins, from one."""
        return self.text.count("\n", 0, self.edit.start) + 1

    @property
    def source_line(self) -> str:
        """The line where the fault begins, without white space around it: lines above may come and go."""
        return self.text.splitlines()[self.line - 1].strip()

    @property
    def name(self) -> str:
        """File, line and operator, e.g. ``src/touchline/sql.py:58 negate condition``."""
        return f"{self.file}:{self.line} {self.edit.operator}"

    def diff(self) -> str:
        """The lines that differ, as a unified diff without context."""
        return "\n".join(_changed_lines(self.text, self.mutated))


def _changed_lines(before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    for line in lines:
        if not line.startswith(("---", "+++")):
            yield line

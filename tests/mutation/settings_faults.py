"""Faults in a TOML file of facts: a line left out, a value that belongs to another line."""

import tomllib
from collections.abc import Iterator

from tests.mutation.mutant import Edit


def faults(text: str) -> list[Edit]:
    """All the faults that the operators can make in the lines that say ``name = value``."""
    return sorted(_edits(text))


def is_fault(sound: str, mutated: str) -> bool:
    """Whether the file can be read, and says something else."""
    try:
        return tomllib.loads(mutated) != tomllib.loads(sound)
    except tomllib.TOMLDecodeError:
        return False


def _edits(text: str) -> Iterator[Edit]:
    start, previous = 0, ""
    for line in text.splitlines(keepends=True):
        name, sign, value = line.partition(" = ")
        if sign and not name.startswith("#"):
            yield Edit(start, start + len(line), "", "line dropped")
            if previous and previous != value:
                yield Edit(start + len(name) + len(sign), start + len(line), previous, "value of another line")
            previous = value
        start += len(line)

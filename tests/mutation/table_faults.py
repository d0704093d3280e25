"""Faults in a table of facts (CSV): a row left out, an answer that belongs to another row."""

from collections.abc import Iterator

from tests.mutation.mutant import Edit


def faults(text: str) -> list[Edit]:
    """All the faults that the operators can make in a table with a header."""
    return sorted(_edits(text.splitlines(keepends=True)))


def is_fault(sound: str, mutated: str) -> bool:
    """Whether the table says something else."""
    return mutated != sound


def _edits(lines: list[str]) -> Iterator[Edit]:
    """Rows left out; where rows have two cells or more, the second one of a later row that says something else."""
    start = len(lines[0])
    rows = [line.rstrip("\r\n").split(",") for line in lines]
    for at in range(1, len(lines)):
        end = start + len(lines[at])
        yield Edit(start, end, "", "row dropped")
        other = next((row[1] for row in rows[at + 1 :] if len(row) > 1 and row[1] != rows[at][1]), None)
        if other is not None and '"' not in lines[at]:
            first = start + len(rows[at][0]) + 1
            yield Edit(first, first + len(rows[at][1]), other, "answer of another row")
        start = end
